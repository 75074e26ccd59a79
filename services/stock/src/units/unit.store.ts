import { serviceLocks, sql } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'
import type { Unit as UnitRow } from '../generated/client.ts'
import type { Unit } from './unit.ts'

// Products that name it may be made meanwhile: its code does not change.
const lockOne = sql('select code from units where code = $1 for no key update')
const lockForReference = sql(`select pg_advisory_xact_lock(${serviceLocks.stock.unitReferences})`)

/** The unit, its row locked. */
export async function lockUnit(tx: Tx, code: string): Promise<Unit | null> {
  await tx.query(lockOne, [code])
  return findUnit(tx, code)
}

/** References are judged one at a time: two at once could make a chain together. */
export async function lockReferences(tx: Tx): Promise<void> {
  await tx.query(lockForReference)
}

export async function findUnit(db: Database | Tx, code: string): Promise<Unit | null> {
  const row = await db.prisma.unit.findUnique({ where: { code } })
  return row === null ? null : unitOf(row)
}

export async function isReferredTo(tx: Tx, code: string): Promise<boolean> {
  return (await tx.prisma.unit.count({ where: { reference: code } })) > 0
}

/** By code; one more than the limit. */
export async function findUnits(db: Database, after: string | undefined, limit: number): Promise<Unit[]> {
  const rows = await db.prisma.unit.findMany({
    ...(after === undefined ? {} : { where: { code: { gt: after } } }),
    orderBy: { code: 'asc' },
    take: limit + 1,
  })
  return rows.map(unitOf)
}

/** False when the code is taken. */
export async function insertUnit(tx: Tx, unit: Unit): Promise<boolean> {
  const { count } = await tx.prisma.unit.createMany({ data: rowOf(tx, unit), skipDuplicates: true })
  return count === 1
}

export async function updateUnit(tx: Tx, unit: Unit): Promise<void> {
  await tx.prisma.unit.updateMany({ where: { code: unit.code }, data: rowOf(tx, unit) })
}

function rowOf(tx: Tx, { code, name, decimals, reference, version }: Unit) {
  return {
    code,
    name,
    decimals,
    reference: reference?.unit ?? null,
    numerator: reference?.numerator ?? null,
    denominator: reference?.denominator ?? null,
    version,
    changedAt: tx.now,
  }
}

function unitOf({ code, name, decimals, reference, numerator, denominator, version }: UnitRow): Unit {
  const refers = reference !== null && numerator !== null && denominator !== null
  return { code, name, decimals, version, reference: refers ? { unit: reference, numerator, denominator } : null }
}
