/** Goods that are moved: from bin to bin in one step, or by a transfer that is received in parts, comes back, or is lost. */
import { must } from '@stockline/test-kit/load/documents'
import { change, isWithheld, onHandAt, promisedAt, textOf, transit, type Key } from './model.ts'
import { anyKey, heardOf, locations, settle, step, type Worker } from './worker.ts'

interface Moved {
  readonly id: string
  readonly status: string
  readonly version: number
}

/** Goods of one key that are in transit. */
export interface InTransit {
  readonly id: string
  readonly to: string
  readonly key: Key
  quantity: number
}

const lotOf = ({ lot }: Key): object => (lot === null ? {} : { lot })
const another = ({ choice }: Worker, not: string): string => choice.of(locations.filter((code) => code !== not))
/** `WH/Stock` is all that is below it: it cannot be a source, nor a destination of what is there. */
const leaves = locations.filter((code) => code !== 'WH/Stock')

/** Moves goods to another place; where others have them, or too little is there, it is refused and nothing moves. */
export async function relocate(worker: Worker): Promise<void> {
  const { choice, model, system } = worker
  const key = anyKey(worker, ({ status }) => status === 'available')
  if (key === undefined) return
  const quantity = 1 + choice.below(onHandAt(model, key))
  const to = another(worker, key.location)
  const line = { sku: key.sku, ...lotOf(key), from: key.location, to, quantity: String(quantity) }
  const user = await system.login('user')
  const reply = await user.send<Moved>('POST', '/picking/v1/relocations', {
    body: { warehouse: 'WH', lines: [line] },
    wait: 20,
  })
  const made = must(reply, 201)
  const allowed = quantity <= onHandAt(model, key) - promisedAt(model, key)
  const wanted = allowed ? 'done' : 'cancelled'
  const { status } = await settled(worker, made.id)
  if (status !== wanted) throw new Error(`Relocation ${JSON.stringify(line)} is ${status}, not ${wanted}.`)
  if (allowed) {
    change(model, key, -quantity)
    change(model, { ...key, location: to }, quantity)
  }
  await settle(worker, `${allowed ? '' : 'refused '}relocation of ${String(quantity)} ${textOf(key)} to ${to}`)
}

/** A transfer sets out; one that finds too little waits, and is cancelled. */
export async function transfer(worker: Worker): Promise<void> {
  const { choice, model, system } = worker
  if (worker.inTransit.length > 2) return arrive(worker)
  const key = anyKey(worker, (one) => {
    return one.status === 'available' && leaves.includes(one.location as never) && !isWithheld(model, one)
  })
  if (key === undefined) return
  const quantity = 1 + choice.below(onHandAt(model, key))
  const to = choice.of(leaves.filter((code) => code !== key.location))
  const supervisor = await system.login('supervisor')
  const lines = [{ sku: key.sku, ...lotOf(key), quantity: String(quantity), unit: 'unit' }]
  const body = { source: key.location, destination: to, lines }
  const { id } = must(await supervisor.send<Moved>('POST', '/picking/v1/transfers', { body }), 201)
  const at = `/picking/v1/transfers/${id}`
  await step(supervisor, at, 'confirm')
  const enough = quantity <= onHandAt(model, key) - promisedAt(model, key)
  const { status } = await settled(worker, id)
  if (status !== (enough ? 'in_transit' : 'waiting')) throw new Error(`Transfer ${JSON.stringify(body)} is ${status}.`)
  if (enough) {
    change(model, key, -quantity)
    change(model, { ...key, location: transit }, quantity)
    worker.inTransit.push({ id, to, key, quantity })
  } else {
    await step(supervisor, at, 'cancel', { reason: 'not enough' })
    await heardOf(worker, id)
  }
  await settle(worker, `${enough ? '' : 'refused '}transfer of ${String(quantity)} ${textOf(key)} to ${to}`)
}

/** Some or all of a transfer arrives, is lost, or is put elsewhere by a cancel. */
export async function arrive(worker: Worker): Promise<void> {
  const { choice, model, system } = worker
  const [goods] = worker.inTransit
  if (goods === undefined) return transfer(worker)
  const { id, key, to } = goods
  const supervisor = await system.login('supervisor')
  const at = `/picking/v1/transfers/${id}`
  const came = 1 + choice.below(goods.quantity)
  const arrived = (quantity: number, location: string) => {
    change(model, { ...key, location: transit }, -quantity)
    change(model, { ...key, location }, quantity)
  }
  const how = choice.of(['all', 'part', 'part', 'lost', 'returned'] as const)
  if (how === 'returned') {
    const returnTo = choice.of(leaves.filter((code) => code !== to))
    await step(supervisor, at, 'cancel', { reason: 'wrong way', returnTo })
    arrived(goods.quantity, returnTo)
  } else {
    const lines = [{ line: 1, ...lotOf(key), received: String(came) }]
    const lost = { lines, remainder: 'lost', reason: 'fell off' }
    await step(supervisor, at, 'validate', how === 'all' ? {} : how === 'part' ? { lines } : lost)
    arrived(how === 'all' ? goods.quantity : came, to)
    if (how === 'lost') change(model, { ...key, location: transit }, came - goods.quantity)
  }
  goods.quantity = how === 'part' ? goods.quantity - came : 0
  const { status } = await settled(worker, id)
  const wanted = goods.quantity > 0 ? 'in_transit' : how === 'returned' ? 'cancelled' : 'done'
  if (status !== wanted) throw new Error(`Transfer ${id} is ${status}, not ${wanted}, after ${how}.`)
  if (goods.quantity === 0) worker.inTransit.shift()
  await settle(worker, `arrival (${how}) of ${key.sku} at ${to}`)
}

/** The transfer, once the ledger has answered. */
async function settled(worker: Worker, id: string): Promise<Moved> {
  const manager = await worker.system.login('manager')
  for (;;) {
    const now = must(await manager.get<Moved & { problem: string | null }>(`/picking/v1/transfers/${id}`), 200)
    if (now.status !== 'posting') return now
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
