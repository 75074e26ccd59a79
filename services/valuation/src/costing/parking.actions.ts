/** Releases and discards documents that cannot be valued. */
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { lockBooks, takeInputs } from '../inputs/input.actions.ts'
import { newInput, type InputData, type UnitCostData } from '../inputs/input.ts'
import type { Company } from '../journal/entry.ts'
import { parkedByInput, type ParkedSince } from './parking.store.ts'

/** What came of it: the document is valued, or is parked still, with why. */
export interface Released {
  readonly before: ParkedSince
  readonly after: ParkedSince | undefined
}

/** Tries to value a parked document again, with the costs that are given. */
export async function releaseParked(
  tx: Tx,
  company: Company,
  input: bigint,
  unitCosts: readonly UnitCostData[],
): Promise<Released | Refusal> {
  const found = await lockedParked(tx, input)
  if ('refused' in found) return found
  const errors = faultsIn(found, unitCosts)
  if (errors.length > 0) return refuse('unit-costs-wrong', 'content', 'Some unit costs are wrong.', errors)
  return takeAbout(tx, company, found, { kind: 'parked-released', input: input.toString(), unitCosts })
}

/** Gives up finding a cost: what is known counts, and the rest comes in, or goes out, at nothing. */
export async function discardParked(
  tx: Tx,
  company: Company,
  input: bigint,
  reason: string,
): Promise<Released | Refusal> {
  const found = await lockedParked(tx, input)
  if ('refused' in found) return found
  return takeAbout(tx, company, found, { kind: 'parked-discarded', input: input.toString(), reason })
}

async function lockedParked(tx: Tx, input: bigint): Promise<ParkedSince | Refusal> {
  await lockBooks(tx)
  const parked = await parkedByInput(tx, input)
  if (parked === undefined) return refuse('parked-unknown', 'unknown', 'There is no such parked document.')
  if (parked.reason === 'waiting')
    return refuse('parked-behind-another', 'state', `${parked.detail} Release that one first.`)
  return parked
}

function faultsIn(parked: ParkedSince, unitCosts: readonly UnitCostData[]): FieldError[] {
  const skus = new Set(parked.document.lines.map((line) => line.sku))
  return unitCosts.flatMap(({ sku }, index) => {
    const pointer = `/unitCosts/${index}/sku`
    if (!skus.has(sku)) return [{ pointer, message: `The document has no line of "${sku}".` }]
    if (unitCosts.findIndex((one) => one.sku === sku) < index)
      return [{ pointer, message: `"${sku}" stands here twice.` }]
    return []
  })
}

async function takeAbout(tx: Tx, company: Company, before: ParkedSince, data: InputData): Promise<Released> {
  await takeInputs(tx, company, [newInput(data, tx.now)])
  return { before, after: await parkedByInput(tx, before.input) }
}
