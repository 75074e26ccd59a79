/** Why stock may be corrected: the manager's list, replaced as a whole. */
import { sql, type Queryable } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { ReasonList } from './reason.api.ts'

const version = `select version from adjustment_settings where name = 'reasons'`
const lockList = sql(`${version} for update`)
const readList = sql(`
  select (${version}), coalesce((
    select json_agg(json_build_object('code', code, 'name', name, 'active', active, 'evidenceRequired', evidence_required)
      order by place) from adjustment_reasons), '[]') as reasons`)
const emptyList = sql('delete from adjustment_reasons')
const fillList = sql(`
  insert into adjustment_reasons (code, name, active, evidence_required, place)
  select code, name, active, required, place
  from unnest($1::text[], $2::text[], $3::boolean[], $4::boolean[]) with ordinality as r (code, name, active, required, place)`)
const raiseVersion = sql(`update adjustment_settings set version = version + 1 where name = 'reasons'`)

/** All reasons, in the manager's order. */
export async function findReasons(db: Queryable): Promise<ReasonList> {
  const [list] = await db.query<ReasonList>(readList)
  if (list === undefined) throw new Error('The list of reasons is gone.')
  return list
}

/** The same, locked. */
export async function lockReasons(tx: Tx): Promise<ReasonList> {
  await tx.query(lockList)
  return findReasons(tx)
}

/** Replaces the list. Documents keep the codes that they have. */
export async function storeReasons(tx: Tx, reasons: ReasonList['reasons']): Promise<void> {
  await tx.query(emptyList)
  await tx.query(fillList, [
    reasons.map(({ code }) => code),
    reasons.map(({ name }) => name),
    reasons.map(({ active }) => active),
    reasons.map(({ evidenceRequired }) => evidenceRequired),
  ])
  await tx.query(raiseVersion)
}
