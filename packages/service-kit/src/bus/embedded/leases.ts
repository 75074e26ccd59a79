/** Which member of a group reads which partition: by advisory locks, which die with their connection. */
import type pg from 'pg'
import { busLocks } from '../../database/locks.ts'
import type { Lease } from './consumer.ts'
import { type AppendNotification, readNotification } from './append-notification.ts'
import type { EmbeddedSubscribeOptions } from './subscription.ts'
import type { Partition } from './schema.ts'

/** Our place in the group. */
export interface Membership {
  readonly groupId: number
  /** All partitions of the subscription, in the order that every member knows them. */
  readonly partitions: readonly Partition[]
}

/** With one member there is no hurry; with several a killed one must be missed soon. */
const aloneMs = 1_000
const amongOthersMs = 250

/** Listens to the topics, and notifies the other members of one more. */
export async function joinGroup(
  client: pg.Client,
  options: EmbeddedSubscribeOptions,
  onNotification: (notification: AppendNotification | 'members changed' | undefined) => void,
): Promise<Membership> {
  await client.query('insert into bus.consumer_group (name) values ($1) on conflict (name) do nothing', [options.group])
  const found = await client.query<{ id: number }>('select id from bus.consumer_group where name = $1', [options.group])
  const groupId = found.rows[0]?.id
  if (groupId === undefined) throw new Error(`the group ${options.group} vanished`)
  const groupChannel = `bus_group_${groupId}`
  client.on('notification', ({ channel, payload }) => {
    onNotification(channel === groupChannel ? 'members changed' : readNotification(payload ?? ''))
  })
  const topicIds = new Set(options.partitions.map((partition) => partition.topicId))
  const channels = [groupChannel, ...[...topicIds].map((id) => `bus_topic_${id}`)]
  await client.query(channels.map((channel) => `listen ${channel}`).join('; '))
  await client.query('select pg_advisory_lock_shared($1, key) from unnest($2::int[]) as key', [
    groupId,
    [...topicIds].map((id) => busLocks.firstTopic + id),
  ])
  await client.query('select pg_notify($1, $2)', [groupChannel, 'joined'])
  const partitions = [...options.partitions].sort((one, other) => one.id - other.id)
  return { groupId, partitions }
}

/** Gives everything back before the connection ends, so that the others need not wait to miss it. */
export async function leaveGroup(client: pg.Client, membership: Membership): Promise<void> {
  await client.query('select pg_advisory_unlock_all()')
  await client.query('select pg_notify($1, $2)', [`bus_group_${membership.groupId}`, 'left'])
}

/**
 * Gives away what is another member's share and takes what is ours, as far as it is free. Every member computes the
 * same shares from the same list of members, which the lock table keeps: it forgets a dead one by itself.
 * Returns after how many milliseconds to look again.
 */
export async function changeLeases(
  client: pg.Client,
  membership: Membership,
  leases: Map<number, Lease>,
): Promise<number> {
  const readers = await readersByTopic(client, membership)
  const share = membership.partitions.filter((partition) => isOurs(partition, readers.get(partition.topicId) ?? []))
  const mine = new Set(share.map((partition) => partition.id))
  for (const [id, lease] of leases) lease.leaving = !mine.has(id)
  await release(client, membership, leases)
  const missing = share.filter((partition) => !leases.has(partition.id))
  await acquire(client, membership, leases, missing)
  return [...readers.values()].some((members) => members.length > 1) ? amongOthersMs : aloneMs
}

interface Reader {
  readonly topicId: number
  readonly pid: number
  readonly me: boolean
}

/** Topics begin with different members, so that many topics of one partition do not all fall to the first. */
function isOurs(partition: Partition, readers: readonly Reader[]): boolean {
  return readers[(partition.number + partition.topicId) % readers.length]?.me === true
}

async function readersByTopic(
  client: pg.Client,
  membership: Membership,
): Promise<ReadonlyMap<number, readonly Reader[]>> {
  const found = await client.query<Reader>({
    name: 'bus_readers',
    text: `select objid::bigint::int - $2::int as "topicId", pid, pid = pg_backend_pid() as me
           from pg_locks
           where locktype = 'advisory' and objsubid = 2 and classid = $1::int::oid and objid > $2::int::oid and granted
             and database = (select oid from pg_database where datname = current_database())
           order by pid`,
    values: [membership.groupId, busLocks.firstTopic],
  })
  if (!found.rows.some((row) => row.me)) throw new Error('the membership of the group was lost')
  return Map.groupBy(found.rows, (reader) => reader.topicId)
}

async function release(client: pg.Client, membership: Membership, leases: Map<number, Lease>): Promise<void> {
  const idle = [...leases.values()].filter((lease) => lease.leaving && !lease.handling && lease.done === undefined)
  if (idle.length === 0) return
  const ids = idle.map((lease) => lease.partition.id)
  for (const id of ids) leases.delete(id)
  await client.query(
    `select pg_notify($3, 'released') from (select bool_and(pg_advisory_unlock($1, id)) from unnest($2::int[]) as id) unlocked`,
    [membership.groupId, ids, `bus_group_${membership.groupId}`],
  )
}

async function acquire(
  client: pg.Client,
  membership: Membership,
  leases: Map<number, Lease>,
  wanted: readonly Partition[],
): Promise<void> {
  if (wanted.length === 0) return
  const ids = wanted.map((partition) => partition.id)
  const locked = await client.query<{ id: number }>(
    'select id from unnest($2::int[]) as id where pg_try_advisory_lock($1, id)',
    [membership.groupId, ids],
  )
  if (locked.rows.length === 0) return
  const owned = locked.rows.map((row) => row.id)
  await client.query(
    `insert into bus.group_offset (group_id, partition_id)
     select $1, id from unnest($2::int[]) as id on conflict do nothing`,
    [membership.groupId, owned],
  )
  const offsets = await client.query<{ id: number; next: string | bigint }>(
    'select partition_id as id, next_offset as next from bus.group_offset where group_id = $1 and partition_id = any($2::int[])',
    [membership.groupId, owned],
  )
  const places = new Map(offsets.rows.map((row) => [row.id, BigInt(row.next)]))
  for (const partition of wanted) {
    const next = places.get(partition.id)
    if (next !== undefined) leases.set(partition.id, freshLease(partition, next))
  }
}

function freshLease(partition: Partition, next: bigint): Lease {
  return {
    partition,
    next,
    queue: [],
    batch: [],
    handling: false,
    done: undefined,
    writeAt: 0,
    dirty: true,
    leaving: false,
    failures: 0,
    retryAt: 0,
    dueAt: 0,
  }
}
