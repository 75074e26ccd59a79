/** Sends again what was sent before: how the owner of a stream mends a gap at one of its readers. */
import { filtered } from '../database/filtered.ts'
import type { Tx } from '../database/transaction.ts'

/** What to send again. */
export interface Republish {
  /** The position in the outbox to begin at; with a subject, the sequence of that aggregate to begin at. */
  readonly from: bigint
  readonly topic?: string | undefined
  readonly subject?: string | undefined
}

/** Marks events as unsent; the relay sends them in their old order. Readers drop those that they have. */
export async function republish(tx: Tx, { from, topic, subject }: Republish): Promise<bigint> {
  const { statement, values } = filtered(
    ({ all, value, when }) => `
      with again as (
        update kit.outbox set published_at = null
        where ${all(
          'published_at is not null',
          `${subject === undefined ? 'position' : 'sequence'} >= ${value(from)}`,
          when(topic, (given) => `topic = ${given}`),
          when(subject, (given) => `subject = ${given}`),
        )}
        returning 1
      ) select count(*) as events from again`,
  )
  const rows = await tx.query<{ events: bigint }>(statement, values)
  tx.signal('outbox')
  return rows[0]?.events ?? 0n
}
