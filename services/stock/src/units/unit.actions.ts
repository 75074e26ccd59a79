import { formatRatio, ratio } from '@stockline/amounts'
import { stockUnitChanged } from '@stockline/contracts'
import { event, isRefusal, publish, refuse, versionRefusal, wakeAny, type Refusal } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'
import { meaningOfCode } from './unit.codes.ts'
import { findUnit, insertUnit, isReferredTo, lockReferences, lockUnit, updateUnit } from './unit.store.ts'
import { changedUnit, referenceRefusal, type Unit, type UnitChange, type UnitReference } from './unit.ts'

/** Nobody knows a unit of that code. */
export const unknownUnit = refuse('unit-unknown', 'unknown', 'There is no such unit.')

/** What waits for a unit waits under this key. */
export function unitKey(code: string): string {
  return `unit:${code}`
}

/** Makes a unit, and lets go what waited for it. */
export async function createUnit(
  tx: Tx,
  given: Pick<Unit, 'code' | 'name' | 'decimals' | 'reference'>,
): Promise<Unit | Refusal> {
  const unit: Unit = { ...given, reference: reduced(given.reference), version: 1 }
  const unfit = await judgeReference(tx, unit.code, unit.reference)
  if (unfit !== undefined) return unfit
  if (!(await insertUnit(tx, unit)))
    return refuse('unit-exists', 'state', `There is a unit ${unit.code} already.`, [
      { pointer: '/code', message: 'is taken' },
    ])
  await publishUnit(tx, unit)
  await wakeAny(tx, [unitKey(unit.code)])
  return unit
}

/** Changes a unit. What is posted was counted with the old factor and stays. */
export async function changeUnit(
  tx: Tx,
  code: string,
  change: UnitChange,
  version: number | undefined,
): Promise<{ before: Unit; after: Unit } | Refusal> {
  const before = await lockUnit(tx, code)
  if (before === null) return unknownUnit
  const stale = versionRefusal(before.version, version)
  if (stale !== undefined) return stale
  const after = changedUnit(before, { ...change, reference: change.reference && reduced(change.reference) })
  if (isRefusal(after)) return after
  const unfit = await judgeReference(tx, code, after.reference)
  if (unfit !== undefined) return unfit
  await updateUnit(tx, after)
  await publishUnit(tx, after)
  return { before, after }
}

/** Reads a unit for other slices. */
export function unitByCode(db: Database | Tx, code: string): Promise<Unit | null> {
  return findUnit(db, code)
}

/** The unit that another system means: of that very code; else of what the code means, whether that is kept yet or not. */
export async function unitMeant(tx: Tx, code: string): Promise<string> {
  const meaning = meaningOfCode(code)
  return meaning === undefined || (await findUnit(tx, code)) !== null ? code : meaning
}

async function judgeReference(tx: Tx, code: string, reference: UnitReference | null): Promise<Refusal | undefined> {
  if (reference === null) return undefined
  await lockReferences(tx)
  const found = await findUnit(tx, reference.unit)
  return referenceRefusal(code, reference, { found, isReference: await isReferredTo(tx, code) })
}

function reduced(reference: UnitReference | null): UnitReference | null {
  return reference === null ? null : { unit: reference.unit, ...ratio(reference.numerator, reference.denominator) }
}

async function publishUnit(tx: Tx, { code, name, decimals, reference }: Unit): Promise<void> {
  const withReference = reference === null ? {} : { reference: publishedReference(reference) }
  await publish(tx, event(stockUnitChanged, code, { code, name, decimals, ...withReference }))
}

/** A reference as it is published and answered. */
export function publishedReference({ unit, ...ratio }: UnitReference) {
  return { unit, ...formatRatio(ratio) }
}
