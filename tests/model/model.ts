/**
 * What should be where, by plain rules of its own: none of the system's code is used. Amounts are whole base units.
 * One model belongs to one worker, whose products nobody else touches.
 */

export type Status = 'available' | 'quarantine' | 'damaged' | 'blocked'

/** Where goods are, as which lot and in which stock status. */
export interface Key {
  readonly sku: string
  readonly location: string
  readonly lot: string | null
  readonly status: Status
}

/** So much of one key that is promised to a delivery. */
export interface Promised extends Omit<Key, 'status'> {
  readonly quantity: number
}

/** A delivery as its sales order asks for it. */
export interface Wanted {
  readonly orderNumber: string
  id: string
  /** Rank among the demands: smaller is served first. */
  readonly rank: readonly [priority: number, scheduledDate: string, orderedAt: number]
  readonly lines: { readonly line: number; readonly sku: string; quantity: number }[]
  /** Held: nothing is promised to it until somebody asks again. */
  state: 'waiting' | 'ready' | 'held'
  promised: Promised[]
}

/** A lot or serial number, once anything of it has come. */
export interface LotState {
  held: boolean
  /** Its last day; it may be promised on it. */
  expiresOn: string | null
}

/** The goods of one worker. */
export interface Model {
  readonly onHand: Map<string, number>
  readonly deliveries: Wanted[]
  /** By `sku lot`. */
  readonly lots: Map<string, LotState>
  /** `YYYY-MM-DD` */
  today: string
}

/** The place of what is on its way within the warehouse. */
export const transit = 'Virtual/Transit/WH'
/** Locations of which nothing is reserved. */
const notReservable: ReadonlySet<string> = new Set(['WH/Input', 'WH/Output', transit])

export const newModel = (today: string): Model => ({ onHand: new Map(), deliveries: [], lots: new Map(), today })

export const textOf = ({ sku, location, lot, status }: Key): string => [sku, location, lot ?? '', status].join('|')

/** The key that `textOf` wrote. */
function keyOf(text: string): Key {
  const [sku = '', location = '', lot = '', status = 'available'] = text.split('|')
  return { sku, location, lot: lot === '' ? null : lot, status: status as Status }
}

export const onHandAt = (model: Model, key: Key): number => model.onHand.get(textOf(key)) ?? 0

/** So much comes to a key, or goes where it is negative. */
export function change(model: Model, key: Key, by: number): void {
  const now = onHandAt(model, key) + by
  if (now < 0) throw new Error(`The model has ${String(now)} at ${textOf(key)}.`)
  if (now === 0) model.onHand.delete(textOf(key))
  else model.onHand.set(textOf(key), now)
}

/** All keys that hold something. */
export const keysOf = (model: Model): Key[] => [...model.onHand.keys()].map(keyOf)

/** What is promised at a key. */
export function promisedAt(model: Model, { sku, location, lot, status }: Key): number {
  if (status !== 'available') return 0
  const here = (one: Promised) => one.sku === sku && one.location === location && one.lot === lot
  return sum(model.deliveries.flatMap(({ promised }) => promised.filter(here).map(({ quantity }) => quantity)))
}

/** A lot as it is; a new one where nothing of it has come. */
export function lotOf(model: Model, sku: string, lot: string): LotState {
  const name = `${sku} ${lot}`
  const known = model.lots.get(name) ?? { held: false, expiresOn: null }
  model.lots.set(name, known)
  return known
}

/** Is it held, or its last day past? */
export function isWithheld(model: Model, { sku, lot }: Pick<Key, 'sku' | 'lot'>): boolean {
  if (lot === null) return false
  const { held, expiresOn } = lotOf(model, sku, lot)
  return held || (expiresOn !== null && expiresOn < model.today)
}

/** May it be promised at all? */
function isPromisable(model: Model, key: Key): boolean {
  return key.status === 'available' && !notReservable.has(key.location) && !isWithheld(model, key)
}

/** What could be promised of a product now. */
export function availableOf(model: Model, sku: string): number {
  const keys = keysOf(model).filter((key) => key.sku === sku && isPromisable(model, key))
  return sum(keys.map((key) => onHandAt(model, key) - promisedAt(model, key)))
}

/** Deliveries that wait, in the order in which they are served. */
function waitingInOrder(model: Model): Wanted[] {
  return model.deliveries.filter(({ state }) => state === 'waiting').sort((a, b) => compareRank(a.rank, b.rank))
}

function compareRank(a: Wanted['rank'], b: Wanted['rank']): number {
  return a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : a[2] - b[2])
}

/**
 * Which of the waiting deliveries must be ready once all that there is has been offered: the whole of each or nothing, in
 * order; those of `first` before all others.
 */
export function servedBy(model: Model, first: ReadonlySet<Wanted> = new Set()): Set<Wanted> {
  const taken = new Map<string, number>()
  const served = new Set<Wanted>()
  const inOrder = waitingInOrder(model)
  for (const delivery of [...inOrder.filter((one) => first.has(one)), ...inOrder.filter((one) => !first.has(one))]) {
    const needs = needsOf(delivery)
    const fits = [...needs].every(([sku, needed]) => availableOf(model, sku) - (taken.get(sku) ?? 0) >= needed)
    if (!fits) continue
    served.add(delivery)
    for (const [sku, needed] of needs) taken.set(sku, (taken.get(sku) ?? 0) + needed)
  }
  return served
}

/** What a delivery asks for, by product. */
export function needsOf({ lines }: Pick<Wanted, 'lines'>): Map<string, number> {
  const needs = new Map<string, number>()
  for (const { sku, quantity } of lines) needs.set(sku, (needs.get(sku) ?? 0) + quantity)
  return needs
}

export const sum = (amounts: readonly number[]): number => amounts.reduce((total, one) => total + one, 0)

/**
 * After stock has gone from keys: the deliveries that had it promised lose all that they have, until the rest is covered. The least urgent
 * of all keys together come first.
 */
export function loseUncovered(model: Model, keys: readonly Key[]): void {
  const isLost = (one: Promised) =>
    keys.some((key) => one.sku === key.sku && one.location === key.location && one.lot === key.lot && isShort(key))
  const isShort = (key: Key) => promisedAt(model, key) > onHandAt(model, key)
  for (const delivery of model.deliveries.filter(holderOf(() => true)).sort((a, b) => compareRank(b.rank, a.rank)))
    if (delivery.promised.some(isLost)) loseAll(delivery)
}

/**
 * After a lot has changed, or a day has passed: the deliveries that have withheld lots promised lose all that they have. They choose
 * again before all others.
 */
export function loseWithheld(model: Model): Set<Wanted> {
  const losing = model.deliveries.filter(holderOf((one) => isWithheld(model, one)))
  losing.forEach(loseAll)
  return new Set(losing)
}

const holderOf =
  (matches: (one: Promised) => boolean) =>
  ({ promised }: Wanted): boolean =>
    promised.some(matches)

/** Nothing is promised to it any more; it waits. */
export function loseAll(delivery: Wanted): void {
  delivery.promised = []
  delivery.state = 'waiting'
}
