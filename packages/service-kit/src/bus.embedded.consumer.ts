import type pg from 'pg'
import type { IncomingMessage } from './bus.ts'
import { changeLeases, joinGroup, leaveGroup, type Membership } from './bus.embedded.leases.ts'
import type { Doorbell } from './bus.doorbell.ts'
import type { EmbeddedSubscribeOptions } from './bus.embedded.subscription.ts'
import type { Partition } from './bus.embedded.schema.ts'

/** What outlives a connection. */
export interface SubscriptionState {
  stopping: boolean
  lastPollAt: Date
  readonly doorbell: Doorbell
}

/** A partition that we own, and how far we are. */
export interface Lease {
  readonly partition: Partition
  /** Where the next fetch begins. */
  next: bigint
  /** Fetched and not yet handled. */
  batch: readonly IncomingMessage[]
  handling: boolean
  /** Handled up to here (exclusive), not yet written down. */
  done: bigint | undefined
  /** There may be more than what was fetched. */
  dirty: boolean
  /** To be given to another member. */
  leaving: boolean
  failures: number
  retryAt: number
}

const pollMs = 1_000
const longestRetryMs = 5_000
const batchBytes = 4 * 1024 * 1024

type EventRow = [number, string | bigint, Buffer | null, string | null, Buffer | null]

/** One statement writes down what is done and brings what is next: one round trip a batch. */
const stepStatement = {
  name: 'bus_step',
  text: `with taken as (
           update bus.group_offset o set next_offset = done.next_offset
           from unnest($2::int[], $3::bigint[]) as done (partition_id, next_offset)
           where o.group_id = $1 and o.partition_id = done.partition_id
         )
         select wanted.partition_id, e.event_offset, e.key, e.headers, e.value
         from unnest($4::int[], $5::bigint[]) as wanted (partition_id, from_offset)
         cross join lateral (
           select counted.*
           from (
             select next.*, sum(octet_length(next.value)) over (order by next.event_offset) as bytes
             from (
               select event_offset, key, headers, value from bus.event
               where partition_id = wanted.partition_id and event_offset >= wanted.from_offset
               order by event_offset limit $6
             ) next
           ) counted
           where counted.bytes is null or counted.bytes - coalesce(octet_length(counted.value), 0) < $7
         ) e
         order by wanted.partition_id, e.event_offset`,
  rowMode: 'array' as const,
}

/** Reads until told to stop, or throws when the connection is lost. Returns only when no handler is running. */
export async function consume(
  client: pg.Client,
  options: EmbeddedSubscribeOptions,
  state: SubscriptionState,
): Promise<void> {
  const { doorbell } = state
  const leases = new Map<number, Lease>()
  const running = new Set<Promise<void>>()
  const alarm = { rebalanceAt: 0, pollAt: 0, lost: undefined as Error | undefined }
  const lose = (error: Error): void => {
    alarm.lost ??= error
    doorbell.ring()
  }
  client.on('error', lose)
  client.on('end', () => lose(new Error('the connection was closed')))
  try {
    const membership = await joinGroup(client, options, (partitionIds) => {
      if (partitionIds === 'members changed') alarm.rebalanceAt = 0
      else for (const id of partitionIds) markDirty(leases.get(id))
      doorbell.ring()
    })
    for (;;) {
      if (alarm.lost) throw alarm.lost
      const now = Date.now()
      if (state.stopping) {
        if (running.size === 0 && !hasDone(leases)) break
      } else {
        if (now >= alarm.rebalanceAt) alarm.rebalanceAt = now + (await changeLeases(client, membership, leases))
        if (now >= alarm.pollAt) {
          for (const lease of leases.values()) markDirty(lease)
          alarm.pollAt = now + pollMs
        }
        startHandlers(options, leases, running, doorbell)
      }
      if (!(await step(client, membership, options, leases, state))) {
        await doorbell.wait(Math.max(1, nextTime(leases, alarm, state) - Date.now()))
      }
    }
    await leaveGroup(client, membership)
  } finally {
    client.off('error', lose)
    await Promise.all(running)
  }
}

function markDirty(lease: Lease | undefined): void {
  if (lease) lease.dirty = true
}

function hasDone(leases: ReadonlyMap<number, Lease>): boolean {
  return [...leases.values()].some((lease) => lease.done !== undefined)
}

function nextTime(
  leases: ReadonlyMap<number, Lease>,
  alarm: { rebalanceAt: number; pollAt: number },
  state: SubscriptionState,
): number {
  if (state.stopping) return Date.now() + pollMs
  const retries = [...leases.values()].filter((lease) => lease.batch.length > 0 && !lease.handling)
  return Math.min(alarm.rebalanceAt, alarm.pollAt, ...retries.map((lease) => lease.retryAt))
}

function startHandlers(
  options: EmbeddedSubscribeOptions,
  leases: Map<number, Lease>,
  running: Set<Promise<void>>,
  doorbell: Doorbell,
): void {
  const atOnce = options.concurrency ?? 1
  for (const lease of leases.values()) {
    if (running.size >= atOnce) return
    if (lease.batch.length === 0 || lease.handling || lease.leaving || lease.retryAt > Date.now()) continue
    lease.handling = true
    const work = handle(options, lease).then(() => {
      running.delete(work)
      lease.handling = false
      toTheEnd(leases, lease)
      doorbell.ring()
    })
    running.add(work)
  }
}

/** The map's order is the order of service: who was served waits for the others. */
function toTheEnd(leases: Map<number, Lease>, lease: Lease): void {
  if (leases.delete(lease.partition.id)) leases.set(lease.partition.id, lease)
}

/** Never rejects: a batch whose handler throws stays where it is and comes again, later each time. */
async function handle(options: EmbeddedSubscribeOptions, lease: Lease): Promise<void> {
  try {
    await options.handle(lease.batch)
    lease.done = lease.next
    lease.batch = []
    lease.failures = 0
  } catch (error) {
    lease.failures += 1
    lease.retryAt = Date.now() + Math.min(50 * 2 ** lease.failures, longestRetryMs)
    const { topic, number } = lease.partition
    options.logger.error(
      { err: error, group: options.group, topic, partition: number, failures: lease.failures },
      'a batch was not handled and comes again',
    )
  }
}

async function step(
  client: pg.Client,
  membership: Membership,
  options: EmbeddedSubscribeOptions,
  leases: ReadonlyMap<number, Lease>,
  state: SubscriptionState,
): Promise<boolean> {
  const done = [...leases.values()].filter((lease) => lease.done !== undefined)
  const wanted = state.stopping ? [] : [...leases.values()].filter(wantsMore)
  if (done.length === 0 && wanted.length === 0) return false
  const written = done.map((lease) => lease.done)
  for (const lease of wanted) lease.dirty = false
  const maxBatch = options.maxBatch ?? 100
  const found = await client.query<EventRow>({
    ...stepStatement,
    values: [
      membership.groupId,
      done.map((lease) => lease.partition.id),
      written,
      wanted.map((lease) => lease.partition.id),
      wanted.map((lease) => lease.next),
      maxBatch,
      batchBytes,
    ],
  })
  state.lastPollAt = new Date()
  done.forEach((lease, index) => {
    if (lease.done === written[index]) lease.done = undefined
  })
  for (const [id, rows] of Map.groupBy(found.rows, (row) => row[0])) accept(leases.get(id), rows)
  return true
}

function wantsMore(lease: Lease): boolean {
  return lease.dirty && !lease.handling && !lease.leaving && lease.batch.length === 0
}

function accept(lease: Lease | undefined, rows: readonly EventRow[]): void {
  if (!lease) return
  lease.batch = rows.map((row) => toMessage(lease.partition, row))
  lease.next = BigInt(rows.at(-1)?.[1] ?? lease.next - 1n) + 1n
  lease.retryAt = 0
  lease.dirty = true // where something was there may be more; the statement that writes this batch down also looks
}

function toMessage(partition: Partition, [, offset, key, headers, value]: EventRow): IncomingMessage {
  return {
    topic: partition.topic,
    partition: partition.number,
    offset: BigInt(offset),
    key: key?.toString() ?? null,
    value,
    headers: parseHeaders(headers),
  }
}

function parseHeaders(text: string | null): Record<string, string> {
  try {
    return (JSON.parse(text ?? '{}') ?? {}) as Record<string, string>
  } catch {
    return {} // written by somebody else; the message itself is still to be read
  }
}
