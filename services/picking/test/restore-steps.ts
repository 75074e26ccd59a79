/** Steps of tests in which picking's database falls back: it is kept as it is, an older copy takes its place, the program runs. */
import { join } from 'node:path'
import { expect } from '@jest/globals'
import { topics as declared } from '@stockline/contracts'
import { openEmbeddedBus } from '../../../packages/service-kit/src/bus/embedded/embedded-bus.ts'
import { invariants } from '../src/invariants.ts'
import { fallBack, keepCopy, runReconcile } from '@stockline/test-kit/fall-back'
import { serviceDatabases } from '@stockline/test-kit/service'
import { ledgerAnswer, type ShownDelivery } from './deliveries-steps.ts'
import { openHarness, type Harness } from './harness.ts'
import { act, count, eventually, lineA, lineB, purchaseOrder, receiptsOf, type ShownReceipt } from './steps.ts'

/** A floor whose database can fall back. */
export interface Restoring {
  /** As it runs now. */
  readonly harness: Harness
  /** Opens it, after it was stopped. */
  open(environment?: Readonly<Record<string, string>>): Promise<void>
  /** Keeps the database as it is now. */
  keep(): Promise<void>
  /** Puts what was kept in the place of the database. The floor is stopped. */
  fallBack(): Promise<void>
  /** Runs the documented program, and opens the floor again. */
  reconcile(): Promise<{ readonly code: number | null; readonly said: string }>
  /** As if picking had read orders without telling the bus. */
  rewindOrders(): Promise<void>
  /** Tells an order on the bus, where it can be read again. */
  onTheBus(topic: 'purchasing.orders' | 'sales.orders', event: object): Promise<void>
  /** Rows that break an invariant. */
  violations(): Promise<readonly unknown[]>
  end(): Promise<void>
}

/** Starts one. */
export async function openRestoring(): Promise<Restoring> {
  const databases = await serviceDatabases('picking')
  let harness = await openHarness(databases)
  const open = async (environment: Readonly<Record<string, string>> = {}) => {
    harness = await openHarness(databases, environment)
  }
  return {
    get harness() {
      return harness
    },
    open,
    keep: async () => {
      await harness.stop()
      await keepCopy(databases)
      await open()
    },
    fallBack: async () => {
      await harness.stop()
      await fallBack(databases)
    },
    reconcile: async () => {
      const program = join(import.meta.dirname, '../src/reconcile.ts')
      const ended = runReconcile(program, 'PICKING_DATABASE_URL', databases)
      await open()
      return ended
    },
    rewindOrders: async () => {
      const logger = { info: () => undefined, warn: () => undefined, error: () => undefined }
      const topics = declared.filter((topic) => topic.name === 'purchasing.orders')
      const bus = await openEmbeddedBus({ url: databases.bus.url, topics, logger })
      try {
        const states = await bus.stateOf('picking', ['purchasing.orders'])
        await bus.rewind(
          'picking',
          states.map(({ topic, partition, first }) => ({ topic, partition, offset: first })),
        )
      } finally {
        await bus.close()
      }
    },
    onTheBus: async (topic, event) => {
      const { subject } = event as { subject: string }
      await harness.service.bus.publish([
        { topic, message: { key: subject, value: Buffer.from(JSON.stringify(event)), headers: {} } },
      ])
    },
    violations: async () => {
      const found = []
      for (const invariant of invariants)
        for (const row of await harness.service.db.query(invariant.statement)) found.push({ name: invariant.name, row })
      return found
    },
    end: async () => {
      await harness.stop()
      await Promise.all([databases.database.drop(), databases.bus.drop()])
    },
  }
}

const madeAt = new Map<string, number>()

/** What must be the same afterwards: all but what happened to it. When it was made is known to some seconds, by its id. */
export function lasting({ version, history, ...rest }: ShownReceipt | ShownDelivery): object {
  expect([version > 0, history.length > 0]).toEqual([true, true])
  const { id, createdAt } = rest as { readonly id: string; readonly createdAt?: string }
  const first = madeAt.get(id) ?? Date.parse(createdAt ?? '')
  madeAt.set(id, first)
  expect(Math.abs(Date.parse(createdAt ?? '') - first)).toBeLessThan(knownToMs)
  return { ...rest, createdAt: first }
}

/** A time that is read out of an id or an event instead of the row is off by so much at most. */
export const knownToMs = 10_000

/** What was reserved for a delivery that is gone by now is not asked for again. */
export function withoutReserved(delivery: object): object {
  const { lines } = delivery as ShownDelivery
  const bare = lines.map((line) => ({ ...line, picks: line.picks.map(({ quantity: _quantity, ...pick }) => pick) }))
  return { ...delivery, lines: bare }
}

const positions = { next: 1_000 }

/** The ledger's answer: taken. */
export async function posted(harness: Harness, receipt: ShownReceipt): Promise<ShownReceipt> {
  positions.next += 1
  const answer = ledgerAnswer({ ...receipt, lines: [] } as never)
  const data = { ...(answer.data as object), kind: 'receipt', position: String(positions.next) }
  await harness.publish({ ...answer, data })
  return eventually(harness, receipt.id, 'done', ({ status }) => status === 'done')
}

/** Counted and validated, approved where that is needed. */
export async function validated(
  harness: Harness,
  receipt: ShownReceipt,
  entries: readonly object[],
  body: object = {},
): Promise<ShownReceipt> {
  const counted = await count(harness, receipt, entries)
  const sent = (await act(harness.user, 'POST', counted, 'validate', body)).body
  if (sent.status !== 'in_review') return sent
  return (await act(harness.supervisor, 'POST', sent, 'approve', body)).body
}

/** An order that came by the bus, and its receipt. */
export async function boughtOnBus(
  at: Restoring,
  orderNumber: string,
  lines: readonly object[] = [lineA, lineB],
): Promise<{ readonly order: object; readonly receipt: ShownReceipt }> {
  const order = purchaseOrder('confirmed', orderNumber, lines)
  await at.onTheBus('purchasing.orders', order)
  const [receipt] = await receiptsOf(at.harness, orderNumber)
  if (receipt === undefined) throw new Error('no receipt')
  return { order, receipt }
}

/** Entries for all that is ordered by two lines. */
export const all = [
  { line: 1, quantity: '100' },
  { line: 2, quantity: '50' },
]
