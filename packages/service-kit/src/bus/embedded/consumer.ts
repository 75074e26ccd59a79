/** One life of a member of a group, over one connection: it reads its partitions, hands over batches and writes offsets down. */
import type pg from 'pg'
import type { IncomingMessage } from '../bus.ts'
import { changeLeases, joinGroup, leaveGroup, type Membership } from './leases.ts'
import type { Pauser } from '../../runtime/linger.ts'
import { startHandler, type BatchRun } from './handlers.ts'
import type { AppendNotification } from './append-notification.ts'
import type { EmbeddedSubscribeOptions } from './subscription.ts'
import type { Partition } from './schema.ts'

/** What outlives a connection. */
export interface SubscriptionState {
  /** Gives the leases back, and returns. */
  stopping: boolean
  lastPollAt: number
  readonly pause: Pauser
}

/** A partition that we own, and how far we are. */
export interface Lease {
  readonly partition: Partition
  /** The offset that the queue goes on with. */
  next: bigint
  /** Known and not yet handed over: at most one batch, or a little more. */
  queue: IncomingMessage[]
  /** Handed over, or to be handed over again, then without those of other partitions. */
  batch: readonly IncomingMessage[]
  handling: boolean
  /** Handled up to here (exclusive), not yet written down. */
  done: bigint | undefined
  /** When that is to be written down at the latest. */
  writeAt: number
  /** There may be more than what is known. */
  dirty: boolean
  /** To be given to another member. */
  leaving: boolean
  failures: number
  retryAt: number
  /** A topic that is not urgent: less than a full batch is not handed over before. */
  dueAt: number
}

const pollMs = 1_000
const batchBytes = 4 * 1024 * 1024

/** A row of the log: partition, offset, key, headers, value. */
export type EventRow = [number, string | bigint, Buffer | null, string | null, Buffer | null]

/** One statement writes down what is done and brings what is next. */
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

/** Reads until it is stopped, or throws when the connection is lost. Returns only when no handler is running. */
export async function consume(
  client: pg.Client,
  options: EmbeddedSubscribeOptions,
  state: SubscriptionState,
): Promise<void> {
  const { pause } = state
  const leases = new Map<number, Lease>()
  const work: BatchRun = { running: undefined }
  const alarm = { rebalanceAt: 0, pollAt: 0, lost: undefined as Error | undefined }
  const lose = (error: Error): void => {
    alarm.lost ??= error
    pause.wake()
  }
  client.on('error', lose)
  client.on('end', () => lose(new Error('the connection was closed')))
  try {
    const membership = await joinGroup(client, options, (notification) => {
      if (notification === undefined) return
      if (notification === 'members changed') alarm.rebalanceAt = 0
      else if (!takeNotification(notification, leases, options.maxBatch ?? 100)) return
      pause.wake()
    })
    for (;;) {
      if (alarm.lost) throw alarm.lost
      const now = performance.now()
      if (state.stopping) {
        if (!work.running && !hasDone(leases)) break
      } else {
        if (now >= alarm.rebalanceAt) alarm.rebalanceAt = now + (await changeLeases(client, membership, leases))
        if (now >= alarm.pollAt) {
          for (const lease of leases.values()) markDirty(lease)
          alarm.pollAt = now + pollMs
        }
        startHandler(options, leases, work, pause.wake)
      }
      if (!(await step(client, membership, options, leases, state))) {
        await pause.sleep(Math.max(1, nextTime(leases, alarm, state) - performance.now()))
      }
    }
    await leaveGroup(client, membership)
  } finally {
    client.off('error', lose)
    await work.running
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
  if (state.stopping) return performance.now() + pollMs
  let next = Math.min(alarm.rebalanceAt, alarm.pollAt)
  for (const lease of leases.values()) {
    if (lease.done !== undefined) next = Math.min(next, lease.writeAt)
    if (lease.batch.length > 0 && !lease.handling) next = Math.min(next, lease.retryAt)
    // One that is due waits for the running batch, whose end wakes us.
    if (lease.queue.length > 0 && lease.dueAt > performance.now()) next = Math.min(next, lease.dueAt)
  }
  return next
}

/** Takes notified messages where they follow without a gap; the rest is queried. False if none are ours. */
function takeNotification(notification: AppendNotification, leases: ReadonlyMap<number, Lease>, most: number): boolean {
  const ours = [...notification.firstOffsets].flatMap(([id, first]) => {
    const lease = leases.get(id)
    return lease ? [{ lease, first }] : []
  })
  if (ours.length === 0) return false
  for (const { lease, first } of ours) {
    const messages = notification.messages.get(lease.partition.id)
    if (!messages || lease.dirty || first !== lease.next || lease.queue.length >= most) {
      lease.dirty = true
      continue
    }
    const { topic, number: partition } = lease.partition
    for (const message of messages) {
      lease.queue.push({ topic, partition, offset: lease.next, ...message })
      lease.next += 1n
    }
  }
  return true
}

async function step(
  client: pg.Client,
  membership: Membership,
  options: EmbeddedSubscribeOptions,
  leases: ReadonlyMap<number, Lease>,
  state: SubscriptionState,
): Promise<boolean> {
  const now = performance.now()
  const done = [...leases.values()].filter((lease) => lease.done !== undefined)
  const wanted = state.stopping ? [] : [...leases.values()].filter(wantsMore)
  const due = done.some((lease) => lease.writeAt <= now || lease.leaving || state.stopping)
  if (wanted.length === 0 && !due) return false
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
  state.lastPollAt = performance.now()
  done.forEach((lease, index) => {
    if (lease.done === written[index]) lease.done = undefined
  })
  for (const [id, rows] of Map.groupBy(found.rows, (row) => row[0])) accept(leases.get(id), rows, maxBatch)
  return true
}

function wantsMore(lease: Lease): boolean {
  return lease.dirty && !lease.leaving && lease.queue.length === 0
}

function accept(lease: Lease | undefined, rows: readonly EventRow[], maxBatch: number): void {
  if (!lease) return
  const known = lease.next
  // Between query and result the same may have come by notification.
  const fresh = rows.map((row) => toMessage(lease.partition, row)).filter((message) => message.offset >= known)
  lease.queue.push(...fresh)
  lease.next = (fresh.at(-1)?.offset ?? known - 1n) + 1n
  // What was cut off, by number or by size, is queried when this is handled.
  if (rows.length >= maxBatch || bytesOf(rows) >= batchBytes) lease.dirty = true
}

function bytesOf(rows: readonly EventRow[]): number {
  return rows.reduce((sum, row) => sum + (row[4]?.length ?? 0), 0)
}

/** A row as a message with its place. */
export function toMessage(partition: Partition, [, offset, key, headers, value]: EventRow): IncomingMessage {
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
