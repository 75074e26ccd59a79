/** Metrics of the flow of messages. Gauges are read at each scrape. */
import { Counter, Histogram, type Registry } from 'prom-client'
import type { Subscription } from '../bus/bus.ts'
import { registerGauge, type Sample } from '../runtime/gauges.ts'
import { findChanges } from './history/store.ts'
import type { InboxObserver } from './inbox.ts'
import type { Logger } from '../runtime/logging.ts'
import { sql, type Queryable } from '../database/transaction.ts'

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

/** Where an inbox is measured. Unknown fields of the bus and of HTTP are counted in one place. */
export interface InboxMetrics {
  readonly registry: Registry
  readonly unknownFields: InboxObserver['unknownFields']
}

/** Watches batches as they are taken. */
export function observeBatches({ registry, unknownFields }: InboxMetrics): InboxObserver {
  const size = new Histogram({
    name: 'stockline_inbox_batch_size',
    help: 'Messages in one batch.',
    buckets: [1, 2, 5, 10, 20, 50, 100],
    registers: [registry],
  })
  const seconds = new Histogram({
    name: 'stockline_inbox_batch_duration_seconds',
    help: 'Seconds from a batch to its commit.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [registry],
  })
  return {
    batch: (messages, duration) => {
      size.observe(messages)
      seconds.observe(duration)
    },
    unknownFields,
  }
}

/** Counts unknown fields. Once for each registry. */
export function countUnknownFields(registry: Registry): InboxObserver['unknownFields'] {
  const unknown = new Counter({
    name: 'stockline_unknown_fields_total',
    help: 'Fields of events from outside that nobody here knows, by source and name: misspelled, perhaps. By HTTP the sender is told, too.',
    labelNames: ['source', 'field'] as const,
    registers: [registry],
  })
  const seen = new Set<string>()
  return (source, fields) => {
    for (const field of fields) {
      const key = `${source}\n${field}`
      if (seen.size < mostUnknownFields) seen.add(key)
      unknown.inc(seen.has(key) ? { source, field: field.slice(0, 100) } : { source: 'others', field: 'others' })
    }
  }
}

/** Names come from outside: so many have a count of their own, all further ones share one. */
const mostUnknownFields = 200

/** Outbox, lag, parked, quarantine and gaps. What cannot be read has no value, rather than a wrong zero. */
export function measureMessaging(registry: Registry, db: Queryable, lag: Subscription['lag'], log: Logger): void {
  const gauge = (name: string, help: string, read: () => Promise<number>): void => {
    registerGauge(registry, { name, help, read: async () => [{ labels: {}, value: await read() }] }, log)
  }
  gauge('stockline_outbox_depth', 'Events not yet on the bus.', async () => (await outbox(db)).depth)
  gauge(
    'stockline_outbox_oldest_seconds',
    'Age of the oldest event not yet on the bus.',
    async () => (await outbox(db)).age,
  )
  gauge('stockline_consumer_lag', 'Messages on the bus that this service has not taken.', async () =>
    Number(await lag()),
  )
  gauge('stockline_quarantined_messages', 'Messages that could not be taken.', async () => {
    const [row] = await db.query<{ messages: number }>(quarantined)
    return row?.messages ?? 0
  })
  const parked = { name: 'stockline_parked_events', help: 'Events set aside, by state.', labels: ['state'] as const }
  registerGauge(registry, { ...parked, read: () => parkedSamples(db) }, log)
  const gap = {
    name: 'stockline_sequence_gap',
    help: 'Events held because an earlier one is missing: whose stream, and which number.',
    labels: ['source', 'topic', 'subject', 'expected'] as const,
  }
  registerGauge(registry, { ...gap, read: () => gapSamples(db) }, log)
  const changed = {
    name: 'stockline_history_changed',
    help: 'Numbers of a stream that its writer has given a second time, so that the stream stands still.',
    labels: ['source', 'topic', 'subject'] as const,
  }
  registerGauge(registry, { ...changed, read: () => changedSamples(db) }, log)
}

/** Every state has its number, zero too. */
async function parkedSamples(db: Queryable): Promise<readonly Sample<'state'>[]> {
  const rows = await db.query<{ state: string; events: number }>(parkedByState)
  return states.map((state) => ({
    labels: { state },
    value: rows.find((row) => row.state === state)?.events ?? 0,
  }))
}

async function changedSamples(db: Queryable): Promise<readonly Sample<'source' | 'topic' | 'subject'>[]> {
  const changes = await findChanges(db)
  return changes.map(({ from, to, ...labels }) => ({ labels, value: Number(to - from) + 1 }))
}

type GapLabel = 'source' | 'topic' | 'subject' | 'expected'

async function gapSamples(db: Queryable): Promise<readonly Sample<GapLabel>[]> {
  const rows = await db.query<Readonly<Record<GapLabel, string>> & { readonly held: number }>(gaps)
  return rows.map(({ held, ...labels }) => ({ labels, value: held }))
}

async function outbox(db: Queryable): Promise<{ readonly depth: number; readonly age: number }> {
  const [row] = await db.query<{ depth: number; age: number }>(outboxDepth)
  return row ?? { depth: 0, age: 0 }
}
