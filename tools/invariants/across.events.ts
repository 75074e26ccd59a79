/** Events: what was written into an outbox, and what came of it in the inbox of each reader. */
import { listensTo as picking } from '../../services/picking/src/bus.ts'
import { listensTo as stock } from '../../services/stock/src/bus.ts'
import { listensTo as valuation } from '../../services/valuation/src/bus.ts'
import { type Ask, type Databases, type ServiceName, serviceNames } from './databases.ts'
import type { Difference } from './findings.ts'

/** Rows that are compared at once: bounds memory. */
const rowsAtOnce = 20_000

interface Contract {
  readonly type: string
  readonly owner: string
  readonly topics: readonly string[]
}

/** Who reads whose events: types that the reader reacts to, and the topics that they travel on. */
interface Path {
  readonly writer: ServiceName
  readonly reader: ServiceName
  readonly types: readonly string[]
  readonly topics: readonly string[]
}

const readers: readonly (readonly [ServiceName, readonly Contract[]])[] = [
  ['stock', stock],
  ['picking', picking],
  ['valuation', valuation],
]

const paths: readonly Path[] = readers.flatMap(([reader, contracts]) =>
  serviceNames.flatMap((writer) => {
    const heard = contracts.filter(({ owner }) => owner === writer)
    if (heard.length === 0) return []
    const topics = [...new Set(heard.flatMap((one) => one.topics))]
    return [{ writer, reader, types: heard.map(({ type }) => type), topics }]
  }),
)

/** By its id: an event with the same number as another is not that other. */
export async function publishedIsTaken(databases: Databases): Promise<readonly Difference[]> {
  const found: Difference[] = []
  for (const path of paths) {
    const source = `/stockline/${path.writer}`
    const taken = await databases[path.reader]<{ type: string; count: string }>(
      `select type, count(*)::text as count from kit.inbox where source = $1 and type = any($2::text[]) group by type`,
      [source, path.types],
    )
    const published = new Map<string, bigint>()
    for await (const events of eventsOf(databases[path.writer], path.types)) {
      for (const { type } of events) published.set(type, (published.get(type) ?? 0n) + 1n)
      found.push(...(await untaken(databases[path.reader], path, events)))
    }
    // Of a history that is no more: on the bus for ever, and perhaps taken by some.
    const disowned = await databases[path.writer]<{ type: string; count: string }>(
      'select type, count(*)::text as count from kit.disowned where type = any($1::text[]) group by type',
      [path.types],
    )
    for (const { type, count } of disowned) published.set(type, (published.get(type) ?? 0n) + BigInt(count))
    for (const { type, count } of taken)
      if (BigInt(count) > (published.get(type) ?? 0n))
        found.push({ row: { ...whose(path), type, taken: count, published: String(published.get(type) ?? 0n) } })
  }
  return [...found, ...(await setAside(databases))]
}

interface Published {
  readonly position: string
  readonly id: string
  readonly type: string
  readonly topic: string
  readonly subject: string
  readonly sequence: string
  readonly age: number
  readonly sent: boolean
}

async function* eventsOf(ask: Ask, types: readonly string[]): AsyncGenerator<readonly Published[]> {
  for (let after = '0'; ;) {
    const events = await ask<Published>(
      `select position::text as position, id::text as id, type, topic, subject, sequence::text as sequence,
         extract(epoch from now() - created_at)::float8 as age, published_at is not null as sent
       from kit.outbox where position > $1 and type = any($2::text[]) order by outbox.position limit ${String(rowsAtOnce)}`,
      [after, types],
    )
    const last = events.at(-1)
    if (last === undefined) return
    yield events
    after = last.position
  }
}

async function untaken(ask: Ask, path: Path, events: readonly Published[]): Promise<readonly Difference[]> {
  const column = (name: 'id' | 'topic' | 'subject' | 'sequence') => events.map((event) => event[name])
  const rows = await ask<{ id: string; state: string | null }>(findUntaken, [
    `/stockline/${path.writer}`,
    ...[column('id'), column('topic'), column('subject'), column('sequence')],
  ])
  const missing = new Map(rows.map(({ id, state }) => [id, state]))
  return events
    .filter(({ id }) => missing.has(id))
    .map(({ id, topic, subject, sequence, age, sent }) => {
      const state = missing.get(id) ?? undefined
      const row = { ...whose(path), topic, subject, sequence, id, onTheBus: sent }
      return { row, ageSeconds: age, heldAs: state === undefined ? undefined : `${state} at ${path.reader}` }
    })
}

// One statement: an event that is let through meanwhile is either held or taken, never neither. An administrator gives up
// what a gap waits for by releasing it.
const findUntaken = `
  with given as (
    select * from unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) as event (id, topic, subject, sequence)),
  missing as (
    select * from given where not exists (select 1 from kit.inbox where source = $1 and inbox.id = given.id))
  select missing.id, coalesce(held.state, (
      select 'given up' from kit.given_up g where g.source = $1 and g.topic = missing.topic and g.subject = missing.subject
        and missing.sequence between g.first and g.last limit 1)) as state
  from missing left join (
    select distinct on (event_id) event_id, state from kit.parked where source = $1 order by event_id, position desc
  ) held on held.event_id = missing.id`

/** What was taken and is not applied, since something stands before it. */
async function setAside(databases: Databases): Promise<readonly Difference[]> {
  const found = await Promise.all(
    readers.map(async ([reader]) => {
      const rows = await databases[reader]<{ topic: string; subject: string; state: string; age: number }>(
        `select topic, subject, state, extract(epoch from now() - parked_at)::float8 as age
         from kit.parked where resolved_at is null and state <> 'gap'`,
      )
      return rows.map(({ topic, subject, state, age }) => ({
        row: { reader, topic, subject },
        ageSeconds: age,
        heldAs: `${state} at ${reader}`,
      }))
    }),
  )
  return found.flat()
}

/** Each writer's numbers have no gap, no reader is beyond them, and none has taken another event under the same number. */
export async function streamsAreWhole(databases: Databases): Promise<readonly Difference[]> {
  const found: Difference[] = []
  for (const path of paths) found.push(...(await readerAhead(databases, path)))
  for (const writer of serviceNames) found.push(...(await broken(databases[writer], writer)))
  return found
}

interface Stream {
  readonly topic: string
  readonly subject: string
  readonly last: string
}

interface HeardStream extends Stream {
  /** The first number that came again with another event; null while nothing is wrong. */
  readonly changed: string | null
}

async function readerAhead(databases: Databases, path: Path): Promise<readonly Difference[]> {
  const found: Difference[] = []
  for await (const streams of streamsOf(databases[path.reader], path)) {
    const ends = await endsOf(databases[path.writer], streams)
    for (const { topic, subject, last, changed } of streams) {
      if (changed !== null) found.push({ row: { ...whose(path), topic, subject, 'history changed from': changed } })
      const end = ends.get(`${topic}\n${subject}`) ?? '0'
      if (BigInt(last) > BigInt(end))
        found.push({ row: { ...whose(path), topic, subject, taken: last, published: end } })
    }
  }
  return found
}

async function* streamsOf(ask: Ask, { writer, topics }: Path): AsyncGenerator<readonly HeardStream[]> {
  for (let [topic, subject] = ['', '']; ;) {
    const streams = await ask<HeardStream>(
      `select topic, subject, last::text as last, changed_from::text as changed from kit.inbox_sequences
       where source = $1 and topic = any($2::text[]) and (topic, subject) > ($3, $4)
       order by topic, subject limit ${String(rowsAtOnce)}`,
      [`/stockline/${writer}`, topics, topic, subject],
    )
    const end = streams.at(-1)
    if (end === undefined) return
    yield streams
    ;({ topic, subject } = end)
  }
}

/** The kit counts most streams; the ledger gives its own numbers, which only the outbox knows. */
async function endsOf(ask: Ask, streams: readonly Stream[]): Promise<ReadonlyMap<string, string>> {
  const rows = await ask<Stream>(
    `with given as (select * from unnest($1::text[], $2::text[]) as stream (topic, subject)),
     counted as (select topic, subject, last from given join kit.outbox_sequences using (topic, subject)),
     numbered as (
       select topic, subject, max(sequence) as last from kit.outbox
       where topic in (select topic from given left join counted using (topic, subject) where counted.last is null)
       group by topic, subject)
     select topic, subject, last::text as last from counted
     union all select topic, subject, last::text from numbered
       where not exists (select 1 from counted where counted.topic = numbered.topic and counted.subject = numbered.subject)`,
    [streams.map(({ topic }) => topic), streams.map(({ subject }) => subject)],
  )
  return new Map(rows.map(({ topic, subject, last }) => [`${topic}\n${subject}`, last]))
}

/** Streams with a number that is missing or was given twice. */
async function broken(ask: Ask, writer: ServiceName): Promise<readonly Difference[]> {
  const rows = await ask<{ topic: string; subject: string; events: string; last: string }>(
    `select topic, subject, count(*)::text as events, max(sequence)::text as last, count(distinct sequence)::text as numbers
     from kit.outbox group by topic, subject
     having count(*) <> max(sequence) or count(distinct sequence) <> count(*) or min(sequence) <> 1`,
  )
  return rows.map((row) => ({ row: { writer, ...row } }))
}

function whose({ writer, reader }: Path): { readonly writer: string; readonly reader: string } {
  return { writer, reader }
}
