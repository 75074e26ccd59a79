/**
 * A write that is sent twice happens once. The key is taken at the head of the write's own transaction, and the answer
 * is stored in it: both commit, or neither. Refusals are not stored: the same key may be tried again.
 */
import { requestLock } from '../database/locks.ts'
import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { compared, writtenOf, type Digest } from '../values/digest.ts'
import { isUuid } from '../values/shape.ts'
import type { Logger } from '../runtime/logging.ts'
import { HttpProblem } from './problem.ts'
import { sql, type Queryable } from '../database/transaction.ts'

/** A key as it is stored: per actor and route, with the digest of the request. */
export interface IdempotencyKey {
  readonly actor: string
  readonly route: string
  readonly key: string
  readonly request: Digest
}

/** What was answered the first time. */
export interface FirstAnswer {
  readonly status: number
  /** JSON; null for 204. */
  readonly text: string | null
}

interface Row {
  readonly locked: boolean
  readonly status: number | null
  readonly answer: string | null
  readonly request_hash: Buffer | null
  readonly digest_version: number | null
}

// Lock and lookup in one statement. It never blocks: a duplicate that runs is recognized at once. The lock is in the select
// list of an outer row that is always there, so that it is taken exactly once.
const claimStatement = sql(`
  select pg_try_advisory_xact_lock(asked.lock) as locked, first.status, first.answer, first.request_hash,
    first.digest_version
  from unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[]) with ordinality as asked (lock, key, route, actor, place)
  left join kit.idempotency_keys as first using (key, route, actor)
  order by asked.place`)
const findKey = sql(`
  select true as locked, status, answer, request_hash, digest_version
  from kit.idempotency_keys where key = $1::uuid and route = $2 and actor = $3`)
const insertKeys = sql(`
  insert into kit.idempotency_keys (key, route, actor, request_hash, status, answer, digest_version)
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::int[], $6::text[], $7::smallint[])`)
const sweepKeys = sql(`delete from kit.idempotency_keys where created_at < now() - interval '7 days'`)

/** The header's key. 400 when it is missing or no UUID. */
export function keyHeaderOf(request: IncomingMessage): string {
  const given = request.headers['idempotency-key']
  if (given === undefined || given === '')
    throw new HttpProblem(400, 'idempotency-key-missing', 'Send Idempotency-Key: a UUID made before the first try.')
  // RFC drafts put the key in quotes, and some clients do.
  const key = String(given).replace(/^"(.*)"$/, '$1')
  if (!isUuid(key)) throw new HttpProblem(400, 'idempotency-key-malformed', 'Idempotency-Key must be a UUID.')
  return key.toLowerCase()
}

/**
 * Takes the keys of requests, all different, for this transaction. For each undefined, the answer of the first time, or why it
 * cannot be taken.
 *
 * A duplicate may have committed between the snapshot of this statement and its lock: then nothing is found here, and
 * {@link saveAnswers} fails on the unique key. The transaction is run again and finds it: {@link isDuplicateCommitted}.
 */
export async function claimKeys(
  tx: Queryable,
  keys: readonly IdempotencyKey[],
): Promise<readonly (FirstAnswer | HttpProblem | undefined)[]> {
  const rows = await tx.query<Row>(claimStatement, [
    keys.map(lockOf),
    keys.map(({ key }) => key),
    keys.map(({ route }) => route),
    keys.map(({ actor }) => actor),
  ])
  return keys.map((key, index) => {
    const row = rows[index]
    return firstAnswerOf(row, key) ?? (row?.locked === true ? undefined : keyInUse())
  })
}

function keyInUse(): HttpProblem {
  return new HttpProblem(409, 'idempotency-key-in-use', 'The same request is still running. Try again in a second.', {
    headers: { 'Retry-After': '1' },
  })
}

/**
 * The first answer, read outside of a transaction: before a refusal is answered, a duplicate may have succeeded.
 *
 * @throws HttpProblem where the key belongs to another request
 */
export async function findFirstAnswer(db: Queryable, key: IdempotencyKey): Promise<FirstAnswer | undefined> {
  const [row] = await db.query<Row>(findKey, [key.key, key.route, key.actor])
  const first = firstAnswerOf(row, key)
  if (first instanceof HttpProblem) throw first
  return first
}

function firstAnswerOf(row: Row | undefined, key: IdempotencyKey): FirstAnswer | HttpProblem | undefined {
  if (row === undefined || row.status === null || row.request_hash === null || row.digest_version === null)
    return undefined
  const sameness = compared(key.request, { version: row.digest_version, hash: row.request_hash })
  if (sameness === 'unjudged')
    return new HttpProblem(
      422,
      'idempotency-key-unjudged',
      'This Idempotency-Key was used before, and whether for the same request cannot be told here: a newer version answered it. Look at what it led to, and make a new key.',
    )
  if (sameness === 'other')
    return new HttpProblem(
      422,
      'idempotency-key-reused',
      'This Idempotency-Key was used for another request. Make a new key for each new request.',
    )
  return { status: row.status, text: row.answer }
}

/** Stores answers with their effects. */
export async function saveAnswers(
  tx: Queryable,
  answers: readonly { readonly key: IdempotencyKey; readonly answer: FirstAnswer }[],
): Promise<void> {
  if (answers.length === 0) return
  const written = answers.map(({ key }) => writtenOf(key.request))
  await tx.query(insertKeys, [
    answers.map(({ key }) => key.key),
    answers.map(({ key }) => key.route),
    answers.map(({ key }) => key.actor),
    written.map((one) => one.hash),
    answers.map(({ answer }) => answer.status),
    answers.map(({ answer }) => answer.text),
    written.map((one) => one.version),
  ])
}

/** Did a duplicate commit in between? Then the same transaction, run again, finds its answer. */
export function isDuplicateCommitted(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  return (
    'code' in error && error.code === '23505' && 'constraint' in error && error.constraint === 'idempotency_keys_pkey'
  )
}

/** 64 bits that stand for actor, route and key. */
function lockOf(key: IdempotencyKey): bigint {
  const digest = hash('sha1', `${key.actor}\n${key.route}\n${key.key}`, 'buffer')
  return requestLock(digest)
}

const sweepEveryMs = 3_600_000

/** Deletes keys after seven days, in the background. Returns how to stop. */
export function sweepIdempotencyKeys(db: Queryable, log: Logger): () => void {
  const sweep = (): void => {
    db.query(sweepKeys).catch((error: unknown) => {
      log.warn({ err: error }, 'old idempotency keys could not be swept')
    })
  }
  const timer = setInterval(sweep, sweepEveryMs)
  timer.unref()
  sweep()
  return () => {
    clearInterval(timer)
  }
}
