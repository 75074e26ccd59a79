/** Events that are revisions of something, and are set aside: found by what they are about, and ended by a later one. */
import { columns } from '../database/columns.ts'
import { saveOutcomes } from './inbox.store.ts'
import type { ParkedState } from './parking.store.ts'
import type { Revision, Superseding } from './reactions.ts'
import { sql, type Queryable } from '../database/transaction.ts'

/** A revision that is set aside, or was. */
export interface ParkedRevision extends Revision {
  readonly state: ParkedState
  readonly type: string
  readonly eventId: string
  readonly reason: string
  /** The CloudEvent as JSON. */
  readonly event: string
  readonly parkedAt: Date
  readonly resolvedAt: Date | null
  readonly resolvedBy: { readonly id: string; readonly name: string } | null
  readonly resolvedWhy: string | null
}

const selectParked = sql(`
  select about, revision::int, state, type, event_id as "eventId", reason, event, parked_at as "parkedAt",
    resolved_at as "resolvedAt", resolved_by as "resolvedBy", resolved_why as "resolvedWhy"
  from kit.parked where about = any($1::text[]) and state <> 'gap' order by about, revision, position`)
const supersedeStatement = sql(`
  with ended as (
    update kit.parked set state = 'superseded', due = false, resolved_at = now(), changed_at = now(),
      resolved_by = given.by::jsonb, resolved_why = given.why
    from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[]) as given (about, revision, by, why, code)
    where parked.about = given.about and parked.revision < given.revision and parked.resolved_at is null
      and parked.state in ('waiting', 'behind')
    returning parked.id, parked.park_key, parked.source, parked.event_id, given.code),
  next as (
    update kit.parked set due = true where id in (
      select distinct on (park_key) id from kit.parked
      where resolved_at is null and state <> 'gap' and park_key in (select park_key from ended)
        and id not in (select id from ended)
      order by park_key, position)
    returning id)
  select source, event_id as id, code, (select count(*) from next) as behind from ended`)

/** All revisions of these that are or were set aside, in their order. */
export async function parkedRevisions(db: Queryable, about: readonly string[]): Promise<readonly ParkedRevision[]> {
  return about.length === 0 ? [] : db.query<ParkedRevision>(selectParked, [about])
}

/**
 * Ends what waits of earlier revisions: the rows stay, as superseded, with the sender of the later one and the reason. What tripped a bug stays
 * for a person. Call it after the later revision was applied, under the lock of what it is about.
 */
export async function supersede(tx: Queryable, applied: readonly (Revision & Superseding)[]): Promise<void> {
  if (applied.length === 0) return
  const ended = await tx.query<{ source: string; id: string; code: string }>(supersedeStatement, [
    ...columns(applied, 'about', 'revision'),
    applied.map(({ by }) => JSON.stringify(by)),
    ...columns(applied, 'why', 'code'),
  ])
  if (ended.length > 0) await saveOutcomes(tx, ended)
}
