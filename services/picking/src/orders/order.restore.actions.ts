/** Orders of documents that are restored after the database fell back. */
import type { LateLine } from '@stockline/contracts'
import { isWait, wake, type IncomingEvent, type Wait } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import { listed } from '../documents/document.text.ts'
import { itemsOf } from '../partners/items.actions.ts'
import { fingerprintOf } from './order.actions.ts'
import { incomingOrderChangeOf } from './order.reactions.ts'
import { latestOf, restoredOrder, type OrderProgress } from './order.restore.ts'
import { orderKey, unknownFingerprint, type Order, type OrderContent, type IncomingContent } from './order.ts'
import { insertOrders, insertTooLate, lockOrdersByNumber, updateOrder } from './order.store.ts'

export { incomingOrderChangeOf }

/** Orders that documents tell of, as they are now, and what need not be taken again. */
export interface RestoredOrders<P> {
  /** Undefined where no document tells of it. */
  readonly find: (order: Pick<Order, 'kind' | 'source' | 'orderNumber'>) => Order | undefined
  readonly taken: readonly IncomingEvent<P>[]
  /** What their systems must tell again, a sentence each. */
  readonly open: readonly string[]
}

/** Brings orders to the revisions that their documents tell of. What is told of later revisions is left to be taken again. */
export async function restoreOrders<P>(
  tx: Tx,
  told: readonly OrderProgress[],
  inputs: readonly IncomingEvent<P>[],
): Promise<RestoredOrders<P>> {
  const orders = new Map<string, Order>()
  const taken: IncomingEvent<P>[] = []
  const untold: Order[] = []
  const incoming = await changesOfInputs(tx, inputs)
  const incomingOf = Map.groupBy(incoming, ({ kind, input, incoming: { orderNumber } }) =>
    nameOf({ kind, source: input.event.source, orderNumber }),
  )
  for (const kind of ['purchase', 'sale'] as const) {
    const latest = latestOf(told.filter((one) => one.kind === kind))
    if (latest.length === 0) continue
    const found = await lockOrdersByNumber(tx, kind, latest)
    const foundBy = new Map(found.map((order) => [nameOf(order), order]))
    const added: Order[] = []
    for (const one of latest) {
      const own = (incomingOf.get(nameOf(one)) ?? [])
        .filter(({ incoming: { revision } }) => revision <= one.revision)
        .toSorted((a, b) => a.incoming.revision - b.incoming.revision)
      taken.push(...own.map(({ input }) => input))
      const known = foundBy.get(nameOf(one))
      const order = restoredOrder(one, known, own, uuid())
      const now = order ?? known
      if (now !== undefined) orders.set(nameOf(now), now)
      if (order === undefined) continue
      if (order.fingerprint === unknownFingerprint) untold.push(order)
      if (known === undefined) added.push(order)
      else await updateOrder(tx, order)
    }
    if (added.length > 0) await insertOrders(tx, added)
    await wake(tx, ...added.map(({ source, orderNumber }) => orderKey(kind, source, orderNumber)))
  }
  return { find: (order) => orders.get(nameOf(order)), taken, open: untold.length === 0 ? [] : [toBeToldAgain(untold)] }
}

/**
 * Keeps again what an order asked for too late. What is kept already stays as it is.
 *
 * @param lines undefined in events of before 0.2.0
 */
export async function restoreTooLate(
  tx: Tx,
  order: Order | undefined,
  { revision, lines = [] }: { readonly revision: number; readonly lines?: readonly LateLine[] | undefined },
  at: Date,
): Promise<void> {
  if (order !== undefined && lines.length > 0) await insertTooLate(tx, { id: order.id, revision }, lines, at)
}

/** What inputs tell of orders. What names an item that is not known, or no more, tells nothing that could be restored. */
async function changesOfInputs<P>(tx: Tx, inputs: readonly IncomingEvent<P>[]) {
  const told = inputs.flatMap((input) => {
    const read = incomingOrderChangeOf(input.event)
    return read === undefined ? [] : [{ ...read, input, fingerprint: fingerprintOf(input.event) }]
  })
  const contents = new Map<IncomingContent, OrderContent | Wait>()
  for (const kind of ['purchase', 'sale'] as const) {
    const own = told.flatMap(({ kind: of, input, incoming: { content } }) =>
      of === kind && content !== null ? [{ source: input.event.source, content }] : [],
    )
    const found = own.length === 0 ? [] : await itemsOf(tx, kind, own)
    own.forEach(({ content }, index) => {
      const items = found[index]
      if (items !== undefined) contents.set(content, items)
    })
  }
  return told.flatMap(({ incoming, ...one }) => {
    const content = incoming.content && contents.get(incoming.content)
    return content === undefined || isWait(content) ? [] : [{ ...one, incoming: { ...incoming, content } }]
  })
}

function nameOf({ kind, source, orderNumber }: Pick<Order, 'kind' | 'source' | 'orderNumber'>): string {
  return `${kind}\n${source}\n${orderNumber}`
}

function toBeToldAgain(orders: readonly Order[]): string {
  const names = orders.map(
    ({ source, orderNumber, revision }) => `${orderNumber} of ${source} (revision ${String(revision)})`,
  )
  return (
    `Of these orders the bus has nothing, since they came by HTTP: ${listed(names, 10)}. Their documents are restored; let their ` +
    'systems send them again for partner and date. That makes no second documents.'
  )
}
