/** What is measured of the flow of messages. Gauges are asked for when the metrics are read. */
import { Gauge, Histogram, type Registry } from 'prom-client'
import type { Subscription } from './bus.ts'
import type { InboxObserver } from './inbox.ts'
import type { Logger } from './logging.ts'
import { sql, type Queryable } from './transaction.ts'

const outboxDepth = sql(`
  select count(*)::int as depth, coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as age
  from kit.outbox where published_at is null`)
const parkedByState = sql(`
  select state, count(*)::int as events from kit.parked where resolved_at is null group by state`)
const quarantined = sql(`select count(*)::int as messages from kit.quarantine`)
const gaps = sql(`
  select source, topic, subject, min(expected)::text as expected, count(*)::int as held
  from kit.parked where state = 'gap' and resolved_at is null group by source, topic, subject limit 100`)

const states = ['parked', 'behind', 'waiting', 'gap'] as const

/** Watches batches as they are taken. */
export function observeBatches(registry: Registry): InboxObserver {
  const size = new Histogram({
    name: 'inbox_batch_size',
    help: 'Messages in one batch.',
    buckets: [1, 2, 5, 10, 20, 50, 100],
    registers: [registry],
  })
  const seconds = new Histogram({
    name: 'inbox_batch_duration_seconds',
    help: 'Seconds from a batch to its commit.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [registry],
  })
  return {
    batch: (messages, duration) => {
      size.observe(messages)
      seconds.observe(duration)
    },
  }
}

/** Outbox, lag, parked, quarantine and gaps. What cannot be read shows no value, rather than a zero nobody counted. */
export function measureMessaging(registry: Registry, db: Queryable, lag: Subscription['lag'], log: Logger): void {
  const gauge = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    read: (into: Gauge<Label>) => Promise<void>,
  ): void => {
    new Gauge<Label>({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      async collect() {
        this.reset()
        await read(this).catch((error: unknown) => {
          this.remove()
          log.debug({ err: error, metric: name }, 'a metric could not be read')
        })
      },
    })
  }
  gauge('outbox_depth', 'Events not yet on the bus.', [], async (into) => into.set((await outbox(db)).depth))
  gauge('outbox_oldest_seconds', 'Age of the oldest event not yet on the bus.', [], async (into) =>
    into.set((await outbox(db)).age),
  )
  gauge('consumer_lag', 'Messages on the bus that this service has not taken.', [], async (into) =>
    into.set(Number(await lag())),
  )
  gauge('quarantined_messages', 'Messages that could not be taken.', [], async (into) => {
    const [row] = await db.query<{ messages: number }>(quarantined)
    into.set(row?.messages ?? 0)
  })
  gauge('parked_events', 'Events set aside, by state.', ['state'], async (into) => {
    const rows = await db.query<{ state: string; events: number }>(parkedByState)
    for (const state of states) into.set({ state }, rows.find((row) => row.state === state)?.events ?? 0)
  })
  gauge(
    'sequence_gap',
    'Events held because an earlier one is missing: whose stream, and which number.',
    ['source', 'topic', 'subject', 'expected'],
    async (into) => {
      interface Row {
        readonly source: string
        readonly topic: string
        readonly subject: string
        readonly expected: string
        readonly held: number
      }
      for (const { held, ...labels } of await db.query<Row>(gaps)) into.set(labels, held)
    },
  )
}

async function outbox(db: Queryable): Promise<{ readonly depth: number; readonly age: number }> {
  const [row] = await db.query<{ depth: number; age: number }>(outboxDepth)
  return row ?? { depth: 0, age: 0 }
}
