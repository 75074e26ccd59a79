import { sql } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'
import {
  type Failures,
  type LoginOrigin,
  type LoginSubject,
  type ThrottleSubject,
  windowSeconds,
} from './login-throttle.ts'

// All replicas go by the database's clock. A window that begins in the future was begun while that clock was wrong: it
// counts no more than one that is over.
const current = `since between now() - make_interval(secs => ${String(windowSeconds)}) and now()`

const select = sql(`
  select subject, failures, extract(epoch from now() - coalesce(last_at, since))::float8 as "lastSeconds"
  from login_failures where subject = any($1::text[]) and ${current}`)
const add = sql(`
  insert into login_failures as f (subject, failures, since, last_at)
  select subject, 1, now(), now() from unnest($1::text[]) as subject order by subject
  on conflict (subject) do update set
    failures = case when f.${current} then f.failures + 1 else 1 end,
    since = case when f.${current} then f.since else excluded.since end,
    last_at = excluded.last_at`)
const remove = sql(`delete from login_failures where subject = $1 or not ${current}`)

const selectKnown = sql(`select origin from known_origins where subject = $1 and origin = any($2::text[])`)
const insertKnown = sql(`
  insert into known_origins (subject, origin, last_at) select $1, origin, now() from unnest($2::text[]) as origin
  on conflict (subject, origin) do update set last_at = excluded.last_at`)
const removeKnown = sql(`delete from known_origins where subject = $1`)
const sweepKnown = sql(`delete from known_origins where last_at < now() - interval '90 days'`)

/** Failures that count now, by subject. */
export function findFailures(db: Database, subjects: readonly ThrottleSubject[]): Promise<Failures[]> {
  return db.query<Failures>(select, [subjects])
}

/** Counts a failure for each; a window that is over begins anew. */
export async function addFailure(db: Database, subjects: readonly ThrottleSubject[]): Promise<void> {
  await db.query(add, [subjects])
}

/** Forgets the failures of one subject, and all that no longer count. */
export async function forgetFailures(db: Database, subject: ThrottleSubject): Promise<void> {
  await db.query(remove, [subject])
}

/** Those of the origins that the subject has signed in from before. */
export async function findKnownOrigins(
  db: Database,
  subject: LoginSubject,
  origins: readonly LoginOrigin[],
): Promise<readonly LoginOrigin[]> {
  return (await db.query<{ origin: LoginOrigin }>(selectKnown, [subject, origins])).map(({ origin }) => origin)
}

/** The subject has signed in from there. */
export async function rememberOrigins(
  db: Database,
  subject: LoginSubject,
  origins: readonly LoginOrigin[],
): Promise<void> {
  await db.query(insertKnown, [subject, origins])
}

/** Forgets where the subject has signed in from. */
export async function forgetOrigins(tx: Tx, subject: LoginSubject): Promise<void> {
  await tx.query(removeKnown, [subject])
}

/** Deletes origins without a login for ninety days. */
export async function sweepOrigins(tx: Tx): Promise<void> {
  await tx.query(sweepKnown)
}
