/** Where partitions begin and end, where a group stands in them, and what lies in between. */
import type pg from 'pg'
import type { IncomingMessage, PartitionState, Stretch } from '../bus.ts'
import { toMessage, type EventRow } from './consumer.ts'
import type { Partition } from './schema.ts'

/** All these partitions, with the group's places. */
export async function embeddedState(
  pool: pg.Pool,
  group: string,
  partitions: readonly Partition[],
): Promise<readonly PartitionState[]> {
  const { rows } = await pool.query<{ id: number; first: string; next: string; taken: string | null }>({
    name: 'bus_state',
    text: `select p.id, coalesce(f.event_offset, p.next_offset)::text as first, p.next_offset::text as next,
             t.next_offset::text as taken
           from bus.partition p
           left join lateral (
             select event_offset from bus.event where partition_id = p.id order by event_offset limit 1) f on true
           left join (bus.group_offset t join bus.consumer_group g on g.id = t.group_id and g.name = $1)
             on t.partition_id = p.id
           where p.id = any($2::int[])`,
    values: [group, partitions.map(({ id }) => id)],
  })
  const byId = new Map(rows.map((row) => [row.id, row]))
  return partitions.flatMap(({ id, topic, number }) => {
    const row = byId.get(id)
    if (row === undefined) return []
    const taken = row.taken === null ? undefined : BigInt(row.taken)
    return [{ topic, partition: number, first: BigInt(row.first), next: BigInt(row.next), taken }]
  })
}

/** What lies in these stretches, each in order. */
export async function readStretches(
  pool: pg.Pool,
  stretches: readonly Stretch[],
  partitionOf: (topic: string, number: number) => Partition,
): Promise<readonly IncomingMessage[]> {
  if (stretches.length === 0) return []
  const partitions = stretches.map(({ topic, partition }) => partitionOf(topic, partition))
  const { rows } = await pool.query<EventRow>({
    name: 'bus_read',
    text: `select wanted.partition_id, e.event_offset, e.key, e.headers, e.value
           from unnest($1::int[], $2::bigint[], $3::bigint[]) as wanted (partition_id, from_offset, to_offset)
           cross join lateral (
             select event_offset, key, headers, value from bus.event
             where partition_id = wanted.partition_id and event_offset >= from_offset and event_offset < to_offset
             order by event_offset
           ) e
           order by wanted.partition_id, e.event_offset`,
    values: [partitions.map(({ id }) => id), stretches.map(({ from }) => from), stretches.map(({ to }) => to)],
    rowMode: 'array',
  } as pg.QueryConfig)
  const byId = new Map(partitions.map((partition) => [partition.id, partition]))
  return rows.flatMap((row) => {
    const partition = byId.get(row[0])
    return partition === undefined ? [] : [toMessage(partition, row)]
  })
}

/** Sets the group's offsets. The locks are those of the members: with all of them it is certain that no member reads. */
export async function rewindEmbedded(
  pool: pg.Pool,
  group: string,
  places: readonly { readonly id: number; readonly offset: bigint }[],
): Promise<void> {
  const ids = places.map(({ id }) => id)
  const client = await pool.connect()
  try {
    await client.query('begin')
    const locked = await client.query<{ free: boolean | null }>(
      `select bool_and(pg_try_advisory_xact_lock(g.id, partition_id)) as free
       from bus.consumer_group g cross join unnest($2::int[]) as partition_id where g.name = $1`,
      [group, ids],
    )
    if (locked.rows[0]?.free === false) throw new Error(`group ${group} has a running member: stop it first`)
    await client.query(
      `update bus.group_offset taken set next_offset = wanted.next_offset
       from bus.consumer_group g, unnest($2::int[], $3::bigint[]) as wanted (partition_id, next_offset)
       where g.id = taken.group_id and g.name = $1 and taken.partition_id = wanted.partition_id`,
      [group, ids, places.map(({ offset }) => offset)],
    )
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}
