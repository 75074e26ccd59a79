/** The log's tables: migrated, and rows for topics and their partitions. */
import { readdir, readFile } from 'node:fs/promises'
import type pg from 'pg'
import { busLocks } from '../../database/locks.ts'
import type { TopicDeclaration } from '../bus.ts'

const migrations = new URL('../../../bus-migrations/', import.meta.url)

/** A partition of a topic, by the id that the log's tables use. */
export interface Partition {
  readonly id: number
  readonly topicId: number
  readonly topic: string
  readonly number: number
}

/** Brings the log's tables up to date. Several processes may do it at once: one works, the others wait. */
export async function migrateBus(client: pg.ClientBase): Promise<void> {
  const names = (await readdir(migrations)).filter((name) => name.endsWith('.sql')).sort()
  await client.query('begin')
  try {
    await client.query(`select pg_advisory_xact_lock(${busLocks.migration})`)
    await client.query('create schema if not exists bus')
    await client.query(
      'create table if not exists bus.migration (name text primary key, applied_at timestamptz not null default now())',
    )
    const applied = await client.query<{ name: string }>('select name from bus.migration')
    const done = new Set(applied.rows.map((row) => row.name))
    for (const name of names.filter((candidate) => !done.has(candidate))) {
      await client.query(await readFile(new URL(name, migrations), 'utf8'))
      await client.query('insert into bus.migration (name) values ($1)', [name])
    }
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}

/** Makes the topics that are not there yet. One that is there keeps its partitions: moving keys would break their order. */
export async function declareTopics(client: pg.ClientBase, topics: readonly TopicDeclaration[]): Promise<void> {
  await client.query(
    `with made as (
       insert into bus.topic (name)
       select name from unnest($1::text[]) as name order by name
       on conflict (name) do nothing
       returning id, name
     )
     insert into bus.partition (topic_id, number)
     select made.id, number
     from made
     join unnest($1::text[], $2::int[]) as declared (name, partitions) using (name)
     cross join generate_series(0, declared.partitions - 1) as number
     order by made.id, number`,
    [topics.map((topic) => topic.name), topics.map((topic) => topic.partitions)],
  )
}

/** All partitions of these topics, by topic in order of their number. */
export async function partitionsOf(
  client: pg.ClientBase,
  topics: readonly string[],
): Promise<ReadonlyMap<string, readonly Partition[]>> {
  const found = await client.query<Partition>(
    `select p.id, p.topic_id as "topicId", t.name as topic, p.number
     from bus.partition p join bus.topic t on t.id = p.topic_id
     where t.name = any($1::text[])
     order by t.name, p.number`,
    [topics],
  )
  return Map.groupBy(found.rows, (partition) => partition.topic)
}
