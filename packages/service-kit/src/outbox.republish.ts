/** Sends again what was sent before: how the owner of a stream mends a gap at one of its readers. */
import { sql, type Tx } from './transaction.ts'

/** What to send again. */
export interface Republish {
  /** The position in the outbox to begin at; with a subject, the sequence of that aggregate to begin at. */
  readonly from: bigint
  readonly topic?: string | undefined
  readonly subject?: string | undefined
}

const clearPublished = sql(`
  with again as (
    update kit.outbox set published_at = null
    where published_at is not null and case when $3::text is null then position else sequence end >= $1
      and ($2::text is null or topic = $2) and ($3::text is null or subject = $3)
    returning 1
  ) select count(*) as events from again`)

/** Marks events as unsent; the relay sends them in their old order. Readers drop those that they have. */
export async function republish(tx: Tx, wanted: Republish): Promise<bigint> {
  const rows = await tx.query<{ events: bigint }>(clearPublished, [
    wanted.from,
    wanted.topic ?? null,
    wanted.subject ?? null,
  ])
  tx.signal('outbox')
  return rows[0]?.events ?? 0n
}
