/** Goods that come: a purchase order, counted, with more or less than was ordered, validated or approved. */
import { sendOrder } from '@stockline/test-kit/load/documents'
import { daysAfter } from './calendar.ts'
import { change, lotOf, loseWithheld, type Key } from './model.ts'
import { documentOf, locations, nameFor, settle, someOf, step, type Goods, type Worker } from './worker.ts'

interface Receipt {
  readonly id: string
  readonly status: string
  readonly version: number
  readonly problem: string | null
  readonly lines: readonly { readonly line: number; readonly sku: string; readonly expected: string }[]
}

/** A line of a purchase order. */
interface Ordered {
  readonly product: Goods
  readonly line: number
  readonly quantity: number
}

interface Entry {
  readonly line: number
  readonly quantity: string
  readonly lot?: string
  readonly expiresOn?: string
  readonly destination: string
  readonly rejected?: {
    readonly quantity: string
    readonly reason: string
    readonly to: string
    readonly location?: string
  }
}

/** One or two products come, to any place; one order in three is not delivered as it was ordered. */
export async function receive(worker: Worker): Promise<void> {
  const { choice, system, goods } = worker
  const wanted = goods.filter(() => choice.oneIn(3)).slice(0, 2)
  const ordered = (wanted.length === 0 ? [choice.of(goods)] : wanted).map((product, index) => ({
    ...{ product, line: index + 1, quantity: someOf(worker) },
  }))
  const orderNumber = nameFor(worker, 'PO')
  const data = { vendor: { code: 'ACME', name: 'Acme Supplies' }, lines: ordered.map(orderLine) }
  const id = choice.uuid()
  await sendOrder(await system.erp(), 'purchasing.order-confirmed.v1', orderNumber, data, id)
  if (choice.oneIn(5)) await sendOrder(await system.erp(), 'purchasing.order-confirmed.v1', orderNumber, data, id)
  const draft = await documentOf<Receipt>(worker, 'receipts', orderNumber, ({ problem }) => problem === null)
  if (choice.oneIn(12)) return cancelled(worker, draft)
  const entries = ordered.flatMap((one) => entriesFor(worker, one))
  await post(worker, draft, entries)
  for (const entry of entries) take(worker, ordered.find(({ line }) => line === entry.line)?.product.sku ?? '', entry)
  await settle(worker, `receipt of ${orderNumber}`, loseWithheld(worker.model))
}

const orderLine = ({ product: { sku }, line, quantity }: Ordered) => ({
  ...{ line, sku, quantity: String(quantity), unit: 'unit', unitPrice: '2.50' },
})

/** What an entry brings: what is accepted, and what is held. */
function take({ model }: Worker, sku: string, { quantity, lot, expiresOn, destination, rejected }: Entry): void {
  if (lot !== undefined && expiresOn !== undefined) lotOf(model, sku, lot).expiresOn = expiresOn
  const accepted: Key = { sku, location: destination, lot: lot ?? null, status: 'available' }
  change(model, accepted, Number(quantity))
  if (rejected?.to !== 'hold') return
  const status = rejected.reason === 'damaged' ? 'damaged' : 'quarantine'
  const { quantity: held, location = destination } = rejected
  change(model, { ...accepted, location, status }, Number(held))
}

/** What is entered for a line: as ordered, or one more or less, in one place or two. */
function entriesFor(worker: Worker, { product: { sku, tracking }, line, quantity: ordered }: Ordered): Entry[] {
  const { choice, model } = worker
  const came = Math.max(1, ordered + (choice.oneIn(3) ? choice.below(3) - 1 : 0))
  const entry = (quantity: number, lot?: string): Entry => ({
    ...{ line, quantity: String(quantity), destination: choice.of(locations) },
    ...(lot === undefined ? {} : { lot, ...expiry(lot) }),
  })
  // A lot that has a date keeps it. One in a hundred has expired when it comes.
  const date = daysAfter(model.today, choice.oneIn(100) ? -9 : choice.below(4))
  const isDated = choice.oneIn(2)
  const expiry = (lot: string) => (isDated && lotOf(model, sku, lot).expiresOn === null ? { expiresOn: date } : {})
  if (tracking === 'serial') return Array.from({ length: came }, () => entry(1, nameFor(worker, 'S')))
  const lot = () => (tracking === 'lot' ? `${worker.name}-L${String(choice.below(4))}` : undefined)
  if (came === 1 || choice.oneIn(2)) return [entry(came, lot())]
  const part = 1 + choice.below(came - 1)
  if (choice.oneIn(2)) return [{ ...entry(part, lot()), rejected: rejected(worker, came - part) }]
  return [entry(part, lot()), entry(came - part, lot())]
}

function rejected({ choice }: Worker, quantity: number): NonNullable<Entry['rejected']> {
  const reason = choice.of(['damaged', 'wrong', 'expired', 'unannounced'])
  const at = choice.oneIn(2) ? {} : { location: choice.of(locations) }
  return { quantity: String(quantity), reason, ...(choice.oneIn(3) ? { to: 'vendor' } : { to: 'hold', ...at }) }
}

async function post(worker: Worker, draft: Receipt, entries: readonly Entry[]): Promise<void> {
  const { choice, system } = worker
  const [manager, supervisor] = [await system.login('manager'), await system.login('supervisor')]
  const at = `/picking/v1/receipts/${draft.id}`
  await step(manager, at, 'lines', { entries }, 'PATCH')
  const body = { remainder: 'close' }
  const said = await step<Receipt>(manager, at, 'validate', body)
  // The same tap again changes nothing.
  if (choice.oneIn(6)) await step<Receipt>(manager, at, 'validate', body)
  const done = said.status === 'in_review' ? await step<Receipt>(supervisor, at, 'approve', body) : said
  if (done.status !== 'done') throw new Error(`${at} is ${done.status}.`)
}

async function cancelled(worker: Worker, { id }: Receipt): Promise<void> {
  const supervisor = await worker.system.login('supervisor')
  await step(supervisor, `/picking/v1/receipts/${id}`, 'cancel', { reason: 'not needed' })
}
