/** Making a receipt by hand, and counting. */
import { parseQuantity, parseUnitPrice } from '@stockline/amounts'
import { mayDo, type OrderDetails } from '@stockline/contracts'
import {
  isRefusal,
  refuse,
  versionRefusal,
  type Actor,
  type Alone,
  type FieldFault,
  type Refusal,
} from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import type { Stored } from '../documents/document.ts'
import { whoIs } from '../history/history.ts'
import { locationsOf, scopeOf, scopesOf, warehouseOf } from '../locations/location.actions.ts'
import { isWithin, receiptPlaceFault } from '../locations/location.ts'
import { detailsByHand } from '../orders/order.details.ts'
import { catalogOf } from '../products/product.actions.ts'
import { isFault, toBaseQuantity, type Catalog } from '../products/product.ts'
import { decideTogether } from './receipt.actions.ts'
import { draftByHand } from './receipt.amend.ts'
import { enterCounts, type GivenEntry } from './receipt.count.ts'
import { storedReceipts } from './receipt.store.ts'
import type { Receipt, ReceiptLine } from './receipt.ts'

/** A receipt as a person asks for it. */
export interface HandReceipt {
  readonly vendor?: { readonly code: string; readonly name: string } | undefined
  readonly warehouse?: string | undefined
  readonly destination?: string | undefined
  readonly source?: string | undefined
  readonly scheduledDate?: string | undefined
  readonly currency?: string | undefined
  readonly note?: string | undefined
  readonly references?: OrderDetails['references']
  readonly lines: readonly HandLine[]
}

export interface HandLine {
  readonly sku: string
  readonly quantity: string
  readonly unit?: string | undefined
  readonly unitPrice?: string | undefined
  readonly unitCost?: string | undefined
}

/** Makes a receipt without an order, with the lines that are expected or with none. */
export async function createByHand(
  tx: Tx,
  given: HandReceipt,
  actor: Actor,
  companyCurrency: string,
): Promise<Stored<Receipt> | Refusal> {
  const costs = given.lines.some((line) => line.unitPrice !== undefined || line.unitCost !== undefined)
  if (costs && !mayDo(actor, 'cost.enter'))
    return refuse('cost-forbidden', 'forbidden', 'Only a supervisor or a manager may enter prices and costs.')
  const place = await placeOf(tx, given, actor)
  if (isRefusal(place)) return place
  const lines = readLines(given.lines, await catalogOf(tx, given.lines))
  if (isRefusal(lines)) return lines
  const draft = draftByHand({
    id: uuid(),
    ...place,
    source: given.source ?? null,
    vendor: given.vendor ?? null,
    scheduledDate: given.scheduledDate ?? null,
    currency: given.currency ?? companyCurrency,
    details: detailsByHand(given),
    createdAt: tx.now,
    lines,
  })
  const [stored] = await storedReceipts.create(tx, [{ draft, note: { what: 'created', why: null } }])
  if (stored === undefined) throw new Error('A receipt was made and is not there.')
  return stored
}

/** What somebody entered. */
export interface Counting {
  /** The receipt's. */
  readonly id: string
  readonly entries: readonly GivenEntry[]
  readonly effectiveAt: Date | undefined
  readonly actor: Actor
  readonly version: number | undefined
}

/** Puts entries in place of what the named lines of each receipt held. */
export async function countReceipts(
  tx: Tx,
  asked: readonly Counting[],
): Promise<readonly (Stored<Receipt> | Refusal | Alone)[]> {
  const entries = asked.flatMap((one) => one.entries)
  const locations = await locationsOf(tx, placesOf(entries))
  const elsewhere = asked.filter((one) => placesOf(one.entries).length > 0)
  const scopeFor = await scopesOf(
    tx,
    elsewhere.map(({ actor }) => actor),
  )
  return decideTogether(tx, asked, entries, (stored, one, catalog) => {
    const { actor, effectiveAt } = one
    const early = versionRefusal(stored.document.version, one.version) ?? effectiveAtRefusal(effectiveAt, actor, tx.now)
    if (early !== undefined) return early
    const after = enterCounts(stored.document, one.entries, {
      counter: actor.id,
      catalog,
      locations,
      scope: scopeFor(actor),
      mayEnterCost: mayDo(actor, 'cost.enter'),
    })
    if (isRefusal(after)) return after
    const withTime = effectiveAt === undefined ? after : { ...after, effectiveAt }
    return { stored, after: withTime, notes: [{ what: 'counted', why: countedText(one.entries), who: whoIs(actor) }] }
  })
}

function placesOf(entries: readonly GivenEntry[]): readonly string[] {
  return entries.flatMap((entry) => entry.destination ?? [])
}

/** Only a supervisor or above says when it really happened, and never in the future. */
export function effectiveAtRefusal(effectiveAt: Date | undefined, actor: Actor, now: Date): Refusal | undefined {
  if (effectiveAt === undefined) return undefined
  if (!mayDo(actor, 'effective-at.set'))
    return refuse('effective-at-forbidden', 'forbidden', 'Only a supervisor or a manager may say when it happened.')
  if (effectiveAt <= now) return undefined
  return refuse('effective-at-future', 'content', 'It cannot have happened in the future.', [
    { pointer: '/effectiveAt', message: 'must not be in the future' },
  ])
}

function countedText(entries: readonly GivenEntry[]): string {
  const shown = entries
    .slice(0, 10)
    .map((entry) => `${entry.line === undefined ? (entry.sku ?? '') : `line ${entry.line}`}: ${entry.quantity}`)
  const rest = entries.length > 10 ? ` and ${entries.length - 10} more` : ''
  return `${shown.join(', ')}${rest}`
}

async function placeOf(
  tx: Tx,
  given: HandReceipt,
  actor: Actor,
): Promise<{ warehouse: string; destination: string } | Refusal> {
  const warehouse = given.warehouse ?? given.destination?.split('/')[0] ?? ''
  const known = await warehouseOf(tx, warehouse)
  if (known?.active !== true)
    return wrong(
      given.warehouse === undefined ? '/destination' : '/warehouse',
      warehouse === '' ? 'name a destination or a warehouse' : `warehouse "${warehouse}" is not known`,
    )
  const destination = given.destination ?? known.defaultReceiptLocation
  if (destination === null)
    return wrong('/destination', `warehouse ${warehouse} has no default receipt location: name one`)
  if (!isWithin(await scopeOf(tx, actor), destination))
    return refuse('location-unknown', 'unknown', 'The destination is not among your locations.')
  const fault = receiptPlaceFault(warehouse, destination, (await locationsOf(tx, [destination])).get(destination))
  return fault === undefined ? { warehouse, destination } : wrong('/destination', fault)
}

function readLines(given: readonly HandLine[], catalog: Catalog): readonly ReceiptLine[] | Refusal {
  const faults: FieldFault[] = []
  const lines = given.map((line, index): ReceiptLine => {
    const at = (field: string, message: string) => faults.push({ pointer: `/lines/${index}${field}`, message })
    const product = catalog.products.get(line.sku)
    const expected = parseQuantity(line.quantity)
    if (product === undefined) at('/sku', `product "${line.sku}" is not known`)
    else if (product.type === 'service') at('/sku', `${line.sku} is a service: there is nothing to receive`)
    else {
      const base = toBaseQuantity(product, expected, line.unit ?? product.unit, catalog.units)
      if (isFault(base)) at(base.fault.startsWith(product.sku) ? '/unit' : '/quantity', base.fault)
    }
    return {
      line: index + 1,
      sku: line.sku,
      orderLine: null,
      expected,
      unit: line.unit ?? product?.unit ?? '',
      received: null,
      unitPrice: line.unitPrice === undefined ? null : parseUnitPrice(line.unitPrice),
      unitCost: line.unitCost === undefined ? null : parseUnitPrice(line.unitCost),
      entries: null,
    }
  })
  return faults.length > 0 ? refuse('lines-wrong', 'content', 'Some lines are wrong.', faults) : lines
}

function wrong(pointer: string, message: string): Refusal {
  return refuse('place-wrong', 'content', `It cannot be received there: ${message}.`, [{ pointer, message }])
}
