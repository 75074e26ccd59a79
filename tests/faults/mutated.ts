/**
 * Mutated messages against the running system: no process ends, nothing stalls, each message is either applied or set
 * aside with its bytes, the good ones applied and the bad ones set aside.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '@stockline/test-kit'
import { withDatabases, type Databases } from '../../tools/invariants/databases.ts'
import { processesBelow } from '@stockline/test-kit/load/processes'
import type { System } from '@stockline/test-kit/load/system'
import { inputTopics, type InputTopic } from './mutations.events.ts'
import { mutatedMessages, plainMessage, type Mutated } from './mutations.ts'
import { openRawBus, type Place, type RawBus } from './raw-bus.ts'

/** What came of the messages of one topic. */
export interface TopicReport {
  readonly topic: InputTopic
  readonly sent: number
  readonly good: number
  readonly goodApplied: number
  readonly bad: number
  readonly badSetAside: number
  readonly either: number
  /** Neither applied nor set aside, or not what was expected: the first ten. */
  readonly wrong: readonly string[]
  readonly wrongs: number
}

export interface MutatedReport {
  readonly bus: string
  readonly seed: number
  readonly topics: readonly TopicReport[]
  /** Processes of services that are not those that were there at the beginning. */
  readonly processEnds: number
  /** The longest time without progress while messages were waiting. */
  readonly longestStallMs: number
  readonly seconds: number
}

export interface MutatedOptions {
  /** Messages on each topic. */
  readonly count: number
  readonly seed: number
  readonly say: (line: string) => void
}

/** Nothing of this is so slow: without progress for so long it stands still. */
const stallMs = 60_000
/** So few that those of one partition stay below the megabyte that a broker takes at once. */
const chunk = 20

/** Publishes, waits until all is read, and looks up what came of each. */
export async function runMutated(system: System, { count, seed, say }: MutatedOptions): Promise<MutatedReport> {
  const began = performance.now()
  const before = services(system)
  const run = randomUUID().slice(0, 6)
  const bus = await openRawBus(system)
  try {
    const sent = new Map<InputTopic, readonly Sent[]>()
    for (const [index, topic] of inputTopics.entries()) {
      sent.set(topic, await publishAll(bus, topic, [...mutatedMessages(topic, count, seed + index, run)]))
      say(`${topic}: ${String(count)} sent`)
    }
    const longestStallMs = await untilRead(bus, say)
    const topics = await withDatabases(system.dataFolder, async (databases) => {
      const reports: TopicReport[] = []
      for (const [topic, messages] of sent) reports.push(await report(databases, topic, messages))
      for (const topic of inputTopics) await goesOn(bus, databases, topic, `P-${run}`)
      return reports
    })
    const after = services(system)
    return {
      bus: system.bus,
      seed,
      topics,
      processEnds: before.filter((pid) => !after.includes(pid)).length,
      longestStallMs: Math.round(longestStallMs),
      seconds: Math.round((performance.now() - began) / 1000),
    }
  } finally {
    await bus.close()
  }
}

interface Sent extends Mutated {
  readonly place: Place
}

function services(system: System): number[] {
  const names = new Set(['identity', 'stock', 'picking', 'valuation'])
  return processesBelow(system.pid)
    .filter(({ name }) => names.has(name))
    .map(({ pid }) => pid)
}

async function publishAll(bus: RawBus, topic: InputTopic, messages: readonly Mutated[]): Promise<Sent[]> {
  const sent: Sent[] = []
  for (let from = 0; from < messages.length; from += chunk) {
    const part = messages.slice(from, from + chunk)
    const places = await bus.publish(topic, part)
    part.forEach((message, index) => sent.push({ ...message, place: places[index] as Place }))
  }
  return sent
}

async function untilRead(bus: RawBus, say: (line: string) => void): Promise<number> {
  let [lag, movedAt, longest] = [await bus.lag(), performance.now(), 0]
  while (lag > 0) {
    await sleep(250)
    const now = await bus.lag()
    if (now !== lag) {
      longest = Math.max(longest, performance.now() - movedAt)
      movedAt = performance.now()
      lag = now
    } else if (performance.now() - movedAt > stallMs) throw new Error(`Nothing moves: ${String(lag)} messages wait.`)
  }
  say(`all read; the longest time without progress was ${(longest / 1000).toFixed(1)} s`)
  return longest
}

/** A good message that comes now is applied soon. */
async function goesOn(bus: RawBus, databases: Databases, topic: InputTopic, prefix: string): Promise<void> {
  const name = `${prefix}-${topic}`
  await bus.publish(topic, [plainMessage(topic, name)])
  await until(`${name} to be applied`, async () => (await appliedOf(databases, topic, [name])).has(name), 30_000)
}

async function report(databases: Databases, topic: InputTopic, sent: readonly Sent[]): Promise<TopicReport> {
  const ask = databases[topic === 'catalog.products' ? 'stock' : 'picking']
  const letters = await ask<{ partition: number; place: string; value: Buffer | null }>(
    `select partition, coalesce(place_offset, message_offset)::text as place, value from kit.quarantine where topic = $1`,
    [topic],
  )
  const aside = new Map(letters.map((row) => [`${String(row.partition)}/${row.place}`, row.value]))
  const known = new Set(
    (await ask<{ source: string; id: string }>(`select source, id from kit.inbox`)).map((row) =>
      key(row.source, row.id),
    ),
  )
  const names = sent.filter((one) => one.expected === 'good').map((one) => one.name)
  const applied = await appliedOf(databases, topic, names)
  const wrong: string[] = []
  const count = { good: 0, goodApplied: 0, bad: 0, badSetAside: 0, either: 0 }
  for (const one of sent) {
    const place = `${String(one.place.partition)}/${String(one.place.offset)}`
    const isAside = aside.has(place) && same(aside.get(place) ?? null, one.value)
    const identity = identityOf(one)
    const isTaken = one.expected === 'good' ? applied.has(one.name) : identity !== undefined && known.has(identity)
    count[one.expected] += 1
    if (one.expected === 'good' && isTaken && !isAside) count.goodApplied += 1
    else if (one.expected === 'bad' && isAside) count.badSetAside += 1
    else if (one.expected !== 'either' || (!isAside && !isTaken))
      wrong.push(`${one.what} at ${place}: ${isAside ? 'set aside' : isTaken ? 'taken' : 'nowhere'} (${one.name})`)
  }
  return { topic, sent: sent.length, ...count, wrong: wrong.slice(0, 10), wrongs: wrong.length }
}

function same(left: Buffer | null, right: Buffer | null): boolean {
  return left === null || right === null ? left === right : left.equals(right)
}

const key = (source: string, id: string): string => JSON.stringify([source, id])

/** Source and id by which a message that was taken is known; undefined where it has none that could be read. */
function identityOf({ value, headers }: Mutated): string | undefined {
  const named = new Map(Object.entries(headers).map(([name, bytes]) => [name.toLowerCase(), bytes.toString()]))
  const binary = named.get('ce_specversion')
  const ofCloudEvents = /^application\/cloudevents/i.test(named.get('content-type') ?? '')
  if (binary !== undefined && !ofCloudEvents) return key(named.get('ce_source') ?? '', named.get('ce_id') ?? '')
  try {
    const { source, id } = JSON.parse((value ?? Buffer.alloc(0)).toString().replace(/^\uFEFF/, '')) as Record<
      string,
      string
    >
    return key(String(source), String(id))
  } catch {
    return undefined
  }
}

/** Which of these orders, or products, there are. */
async function appliedOf(
  databases: Databases,
  topic: InputTopic,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows =
    topic === 'catalog.products'
      ? await databases.stock<{ name: string }>(`select sku as name from products where sku = any($1::text[])`, [names])
      : await databases.picking<{ name: string }>(
          `select order_number as name from orders where source = '/mutations' and kind = $2 and order_number = any($1::text[])`,
          [names, topic === 'sales.orders' ? 'sale' : 'purchase'],
        )
  return new Set(rows.map((row) => row.name))
}

/** Did every message come to what it had to, without an end or a stall? */
export function isSound(report: MutatedReport): boolean {
  return report.processEnds === 0 && report.topics.every((topic) => topic.wrongs === 0)
}
