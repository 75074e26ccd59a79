/** Deliveries made by hand, without an order. */
import { parseQuantity } from '@stockline/amounts'
import type { OrderDetails } from '@stockline/contracts'
import { refuse, type Actor, type FieldFault, type Refusal } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import type { Stored } from '../documents/document.ts'
import { scopeOf, warehouseOf } from '../locations/location.actions.ts'
import { isWithin } from '../locations/location.ts'
import { detailsByHand } from '../orders/order.details.ts'
import { catalogOf } from '../products/product.actions.ts'
import { isFault, toBaseQuantity, type Catalog } from '../products/product.ts'
import { save } from './delivery.actions.ts'
import { draftByHand } from './delivery.order.ts'
import type { Delivery } from './delivery.ts'

/** A delivery as a person asks for it. */
export interface HandDelivery {
  readonly customer?: { readonly code: string; readonly name: string } | undefined
  readonly warehouse: string
  readonly source?: string | undefined
  readonly scheduledDate?: string | undefined
  readonly priority: number
  readonly allowPartial: boolean
  readonly note?: string | undefined
  readonly references?: OrderDetails['references']
  readonly lines: readonly { readonly sku: string; readonly quantity: string; readonly unit?: string | undefined }[]
}

/** Makes a delivery without an order. */
export async function createByHand(tx: Tx, given: HandDelivery, actor: Actor): Promise<Stored<Delivery> | Refusal> {
  const warehouse = await warehouseOf(tx, given.warehouse)
  if (warehouse?.active !== true)
    return refuse('warehouse-unknown', 'content', `Warehouse "${given.warehouse}" is not known.`, [
      { pointer: '/warehouse', message: 'is not known' },
    ])
  if (!isWithin(await scopeOf(tx, actor), given.warehouse))
    return refuse('location-unknown', 'unknown', 'The warehouse is not among your locations.')
  const catalog = await catalogOf(tx, given.lines)
  const faults = given.lines.flatMap((line, index) => lineFaults(line, `/lines/${index}`, catalog))
  if (faults.length > 0) return refuse('lines-wrong', 'content', 'Some lines are wrong.', faults)
  const wanted = given.lines.map((line) => {
    const unit = line.unit ?? catalog.products.get(line.sku)?.unit ?? ''
    return { sku: line.sku, quantity: parseQuantity(line.quantity), unit }
  })
  const head = {
    id: uuid(),
    warehouse: given.warehouse,
    source: given.source ?? null,
    customer: given.customer ?? null,
    scheduledDate: given.scheduledDate ?? null,
    priority: given.priority,
    allowPartial: given.allowPartial,
    details: detailsByHand(given),
    createdAt: tx.now,
  }
  const draft = draftByHand(head, wanted, catalog)
  const { created } = await save(tx, { drafts: [{ draft, note: { what: 'created', why: null } }], catalog })
  const [stored] = created
  if (stored === undefined) throw new Error('A delivery was made and is not there.')
  return stored
}

function lineFaults(line: HandDelivery['lines'][number], at: string, catalog: Catalog): readonly FieldFault[] {
  const product = catalog.products.get(line.sku)
  if (product === undefined) return [{ pointer: `${at}/sku`, message: `product "${line.sku}" is not known` }]
  if (product.type === 'service')
    return [{ pointer: `${at}/sku`, message: `${line.sku} is a service: there is nothing to deliver` }]
  const base = toBaseQuantity(product, parseQuantity(line.quantity), line.unit ?? product.unit, catalog.units)
  if (!isFault(base)) return []
  return [{ pointer: base.fault.startsWith(product.sku) ? `${at}/unit` : `${at}/quantity`, message: base.fault }]
}
