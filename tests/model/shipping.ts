/** Goods that go: sales orders that wait, are promised, are picked and shipped whole or in part, or are cancelled. */
import { must, sendOrder } from '@stockline/test-kit/load/documents'
import { availableOf, change, loseAll, type Wanted } from './model.ts'
import { documentOf, heardOf, nameFor, settle, someOf, step, type Worker } from './worker.ts'

interface Delivery {
  readonly id: string
  readonly status: string
  readonly version: number
  readonly lines: readonly {
    readonly line: number
    readonly sku: string
    readonly quantity: string
    readonly picks: readonly { readonly location: string; readonly lot: string | null; readonly quantity: string }[]
  }[]
}

/** So many deliveries of a worker are open at once. */
const mostOpen = 6

/** A sales order for one or two products, more or less urgent, for what is there or for more. Where too many are open, one ends. */
export async function order(worker: Worker): Promise<void> {
  const { choice, model, system, goods } = worker
  if (model.deliveries.length >= mostOpen)
    return model.deliveries.some(({ state }) => state === 'ready') ? ship(worker) : cancel(worker)
  const wanted = goods.filter(() => choice.oneIn(3)).slice(0, 2)
  const lines = (wanted.length === 0 ? [choice.of(goods)] : wanted).map(({ sku }, index) => {
    const most = availableOf(model, sku)
    const quantity = most > 0 && !choice.oneIn(4) ? 1 + choice.below(most) : someOf(worker)
    return { line: index + 1, sku, quantity }
  })
  const orderNumber = nameFor(worker, 'SO')
  const priority = choice.below(3)
  const scheduledDate = `2026-12-0${String(1 + choice.below(9))}`
  await sendOrder(await system.erp(), 'sales.order-confirmed.v1', orderNumber, {
    ...{ customer: { code: 'BETA', name: 'Beta Stores' }, priority, scheduledDate },
    lines: lines.map((line) => ({ ...line, quantity: String(line.quantity), unit: 'unit' })),
  })
  const { id } = await documentOf<Delivery>(worker, 'deliveries', orderNumber, () => true)
  await heardOf(worker, id)
  model.deliveries.push(demand(worker, { orderNumber, id, lines, priority, scheduledDate }))
  await settle(worker, `order ${orderNumber}`)
}

function demand(
  worker: Worker,
  of: Pick<Wanted, 'orderNumber' | 'id' | 'lines'> & { readonly priority: number; readonly scheduledDate: string },
): Wanted {
  const { orderNumber, id, lines, priority, scheduledDate } = of
  return { orderNumber, id, lines, rank: [priority, scheduledDate, ++worker.next], state: 'waiting', promised: [] }
}

/** Ships a delivery that is ready: all of it, or less and the rest is closed. */
export async function ship(worker: Worker): Promise<void> {
  const { choice, model, system } = worker
  const ready = model.deliveries.filter(({ state }) => state === 'ready')
  if (ready.length === 0) return order(worker)
  const wanted = choice.of(ready)
  const manager = await system.login('manager')
  const at = `/picking/v1/deliveries/${wanted.id}`
  const before = must(await manager.get<Delivery>(at), 200)
  const picks = before.lines.flatMap(({ line, picks: of }) =>
    of.map(({ location, lot, quantity }) => ({ line, location, lot, picked: Number(quantity) })),
  )
  const [first] = picks
  if (first !== undefined && choice.oneIn(4)) first.picked -= 1
  const body = { picks: picks.map((one) => ({ ...one, picked: String(one.picked) })) }
  await step(manager, at, 'picks', body, 'PATCH')
  if (picks.every(({ picked }) => picked === 0)) return cancelDelivery(worker, wanted)
  const done = await step<Delivery>(manager, at, 'validate', { remainder: 'close' })
  if (done.status !== 'done') throw new Error(`${at} is ${done.status}.`)
  model.deliveries.splice(model.deliveries.indexOf(wanted), 1)
  for (const { line, location, lot, picked: quantity } of picks) {
    const sku = before.lines.find((one) => one.line === line)?.sku ?? ''
    change(model, { sku, location, lot, status: 'available' }, -quantity)
  }
  await settle(worker, `shipping ${wanted.orderNumber}`)
}

/** Cancels a delivery: what was promised to it is offered to the others. */
export async function cancel(worker: Worker): Promise<void> {
  const { choice, model } = worker
  if (model.deliveries.length === 0) return order(worker)
  await cancelDelivery(worker, choice.of(model.deliveries))
}

async function cancelDelivery(worker: Worker, wanted: Wanted): Promise<void> {
  const manager = await worker.system.login('manager')
  await step(manager, `/picking/v1/deliveries/${wanted.id}`, 'cancel', { reason: 'not needed' })
  await heardOf(worker, wanted.id)
  worker.model.deliveries.splice(worker.model.deliveries.indexOf(wanted), 1)
  await settle(worker, `cancel of ${wanted.orderNumber}`)
}

/** Takes a delivery out of the offering; or has one that was taken out ask again. */
export async function release(worker: Worker): Promise<void> {
  const { choice, model, system } = worker
  if (model.deliveries.length === 0) return order(worker)
  const wanted = choice.of(model.deliveries)
  const supervisor = await system.login('supervisor')
  if (wanted.state === 'held') {
    await step(supervisor, `/picking/v1/deliveries/${wanted.id}`, 'reserve')
    await heardOf(worker, wanted.id)
    wanted.state = 'waiting'
  } else {
    const address = `/stock/v1/reservations/${wanted.id}/release`
    const body = { reason: 'needed elsewhere' }
    must(await supervisor.send('POST', address, { body }), 200)
    loseAll(wanted)
    wanted.state = 'held'
  }
  await settle(worker, `release of ${wanted.orderNumber}`)
}
