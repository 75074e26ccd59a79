import { sql } from '@stockline/service-kit'
import type { Database } from '../database.ts'
import type { Failures, ThrottleSubject } from './login-throttle.ts'

const select = sql(`select subject, failures, since from login_failures where subject = any($1::text[]) and since > $2`)
const add = sql(`
  insert into login_failures as f (subject, failures, since)
  select subject, 1, $2 from unnest($1::text[]) as subject order by subject
  on conflict (subject) do update set
    failures = case when f.since > $3 then f.failures + 1 else 1 end,
    since = case when f.since > $3 then f.since else excluded.since end`)
const remove = sql(`delete from login_failures where subject = $1 or since < $2`)

/** Failures since then, by subject. */
export function findFailures(db: Database, subjects: readonly ThrottleSubject[], since: Date): Promise<Failures[]> {
  return db.query<Failures>(select, [subjects, since])
}

/** Counts a failure; a window that is over begins anew. */
export async function addFailure(
  db: Database,
  subjects: readonly ThrottleSubject[],
  now: Date,
  since: Date,
): Promise<void> {
  await db.query(add, [subjects, now, since])
}

/** Forgets the failures of one subject, and all that no longer count. */
export async function forgetFailures(db: Database, subject: ThrottleSubject, before: Date): Promise<void> {
  await db.query(remove, [subject, before])
}
