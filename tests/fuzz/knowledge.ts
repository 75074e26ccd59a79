/** What answers have told: the ids, codes and versions that make later requests meet something. */
import type { Choice } from './choice.ts'

/** An object that was answered, such as a receipt. */
export type Seen = Readonly<Record<string, unknown>>

/** What is known so far. */
export interface Knowledge {
  /** Remembers what an answer of a collection (`picking receipts`) holds. */
  learn(collection: string, answer: unknown): void
  /** An object of the collection. */
  some(collection: string): Seen | undefined
  /** A value that a field of this name had somewhere. */
  valueOf(field: string): unknown
}

const keptOfEach = 40
const deepest = 6

/** Begins with the demo data. */
export function openKnowledge(choice: Choice, untouchable: ReadonlySet<string>): Knowledge {
  const objects = new Map<string, Seen[]>()
  const values = new Map<string, unknown[]>(Object.entries(demo))
  const keep = <T>(in_: Map<string, T[]>, name: string, value: T): void => {
    const kept = in_.get(name) ?? []
    if (kept.length < keptOfEach) in_.set(name, [...kept, value])
    else kept[choice.below(keptOfEach)] = value
  }
  const learnValues = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > deepest) return
    for (const [name, item] of Object.entries(value)) {
      if (typeof item === 'object') learnValues(item, depth + 1)
      else if (!untouchable.has(String(item)) && !secret.test(name)) keep(values, name, item)
    }
  }
  return {
    learn(collection, answer) {
      if (typeof answer !== 'object' || answer === null) return
      const items: unknown = Reflect.get(answer, 'items')
      for (const one of Array.isArray(items) ? (items as unknown[]) : [answer]) {
        if (typeof one !== 'object' || one === null || touches(one, untouchable)) continue
        keep(objects, collection, one as Seen)
        learnValues(one, 0)
      }
      const cursor: unknown = Reflect.get(answer, 'nextCursor')
      if (typeof cursor === 'string') keep(values, 'cursor', cursor)
    },
    some: (collection) => {
      const known = objects.get(collection)
      return known === undefined || known.length === 0 ? undefined : choice.of(known)
    },
    valueOf: (field) => {
      const known = values.get(field)
      return known === undefined ? undefined : choice.of(known)
    },
  }
}

/** Names and secrets with which a caller signs in would lock it out when they come with a wrong password. */
const secret = /^(username|client_id|accessToken|refreshToken|access_token|secret|token)$/

function touches(object: object, untouchable: ReadonlySet<string>): boolean {
  return untouchable.has(String(Reflect.get(object, 'id')))
}

const places = ['WH/Stock', 'WH/Stock/A1-03', 'WH/Stock/B2-01', 'WH/Input', 'WH/Output']
const demo = {
  sku: ['RM-A', 'RM-B', 'PX', 'PY', 'PZ'],
  location: places,
  destination: places,
  defaultReceiptLocation: places,
  warehouse: ['WH'],
  unit: ['kg', 'unit'],
  currency: ['USD'],
  category: ['goods', 'raw'],
  quantity: ['1', '2', '5', '0.5', '10'],
  picked: ['1', '2'],
  line: [1, 2, 3],
  scope: ['orders:publish', 'entries:read'],
}
