/** What is there is found to be other: counted, corrected, given another status, or scrapped. */
import { must } from '@stockline/test-kit/load/documents'
import { change, keysOf, loseUncovered, onHandAt, textOf, type Key } from './model.ts'
import { anyKey, settle, step, type Worker } from './worker.ts'

interface Own {
  readonly id: string
  readonly status: string
  readonly version: number
}
interface Sheet extends Own {
  readonly adjustments: readonly string[]
  readonly lines: readonly (Key & { readonly line: number; readonly counted: string | null; readonly state: string })[]
}

const statuses = ['available', 'quarantine', 'damaged', 'blocked'] as const
const placeOf = ({ sku, location, lot }: Key) => ({ sku, location, ...(lot === null ? {} : { lot }) })
const isSerial = ({ lot }: Key): boolean => lot?.includes('-S') === true

/** More or less than is there, never below zero; of a serial number one or none. */
function counted({ choice, model }: Worker, key: Key): number {
  const there = onHandAt(model, key)
  return isSerial(key) ? choice.below(2) : Math.max(0, there + choice.below(5) - 2)
}

/** What differs is posted together: what is gone is taken from the least urgent. */
function correct({ model }: Worker, ...differences: readonly (readonly [key: Key, by: number])[]): void {
  for (const [key, by] of differences) change(model, key, by)
  const gone = differences.filter(([key, by]) => by < 0 && key.status === 'available')
  loseUncovered(
    model,
    gone.map(([key]) => key),
  )
}

/** An operator counts a place, a supervisor approves or rejects what differs. Something moves there in between, or not. */
export async function adjust(worker: Worker): Promise<void> {
  const { choice, model, system } = worker
  const key = anyKey(worker)
  if (key === undefined) return
  const seen = counted(worker, key)
  const [user, supervisor] = [await system.login('user'), await system.login('supervisor')]
  const lines = [{ ...placeOf(key), status: key.status, counted: String(seen) }]
  const body = { reason: 'count', lines }
  const { id } = must(await user.send<Own>('POST', '/stock/v1/adjustments', { body }), 201)
  const at = `/stock/v1/adjustments/${id}`
  // What does not differ is posted at once.
  const { status } = await step<Own>(user, at, 'submit')
  const rejects = status === 'submitted' && choice.oneIn(4)
  await (rejects ? step(supervisor, at, 'reject', { reason: 'count again' }) : step(supervisor, at, 'approve'))
  if (!rejects) correct(worker, [key, seen - onHandAt(model, key)])
  await settle(worker, `adjustment of ${textOf(key)}`)
}

/** Goods get another status; who had them promised loses them. */
export async function changeStatus(worker: Worker): Promise<void> {
  const { choice, model, system } = worker
  const key = anyKey(worker)
  if (key === undefined) return
  const to = choice.of(statuses.filter((status) => status !== key.status))
  const quantity = 1 + choice.below(onHandAt(model, key))
  const lines = [{ ...placeOf(key), quantity: String(quantity), from: key.status, to }]
  const supervisor = await system.login('supervisor')
  const body = { reason: 'damage', lines }
  must(await supervisor.send('POST', '/stock/v1/status-changes', { body }), 201)
  correct(worker, [key, -quantity])
  change(model, { ...key, status: to }, quantity)
  await settle(worker, `${to} of ${textOf(key)}`)
}

/** Goods are scrapped. */
export async function scrap(worker: Worker): Promise<void> {
  const { choice, model, system } = worker
  const key = anyKey(worker)
  if (key === undefined) return
  const quantity = 1 + choice.below(onHandAt(model, key))
  const lines = [{ ...placeOf(key), quantity: String(quantity), status: key.status }]
  const supervisor = await system.login('supervisor')
  must(await supervisor.send('POST', '/stock/v1/scraps', { body: { reason: 'damage', lines } }), 201)
  correct(worker, [key, -quantity])
  await settle(worker, `scrap of ${textOf(key)}`)
}

/** A sheet of one product is counted, and what differs is approved. What changed on the floor meanwhile is counted again. */
export async function count(worker: Worker): Promise<void> {
  const { model, system } = worker
  const found = anyKey(worker)
  if (found === undefined) return
  const keys = keysOf(model).filter(({ sku, location }) => sku === found.sku && location.startsWith('WH/Stock'))
  if (keys.length === 0) return
  const [user, supervisor] = [await system.login('user'), await system.login('supervisor')]
  const manager = await system.login('manager')
  const users = await manager.get<{ items: { id: string }[] }>('/stock/v1/users?username=user')
  const body = { zone: 'WH/Stock', skus: [found.sku], assignee: must(users, 200).items[0]?.id }
  const sheet = must(await manager.send<Sheet>('POST', '/stock/v1/count-sheets', { body }), 201)
  const at = `/stock/v1/count-sheets/${sheet.id}`
  const seen = new Map(keys.map((key) => [textOf(key), counted(worker, key)]))
  let now = sheet
  do {
    const open = now.lines.filter(({ state }) => state !== 'counted')
    const lines = open.map((line) => ({ line: line.line, counted: String(seen.get(textOf(line)) ?? 0) }))
    if (lines.length > 0) await step(user, at, 'lines', { lines }, 'PATCH')
    now = await step<Sheet>(user, at, 'submit')
  } while (now.status === 'in_progress')
  for (const id of now.adjustments) await step(supervisor, `/stock/v1/adjustments/${id}`, 'approve')
  correct(worker, ...keys.map((key) => [key, (seen.get(textOf(key)) ?? 0) - onHandAt(model, key)] as const))
  await settle(worker, `count of ${found.sku}`)
}
