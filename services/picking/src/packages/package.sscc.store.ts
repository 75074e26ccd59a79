/** The serial references of SSCCs: gapless per company prefix, and never given again. */
import { sql } from '@stockline/service-kit'
import type { Tx } from '../database.ts'

const takeStatement = sql(`
  INSERT INTO sscc_counters (prefix, last) VALUES ($1, 1)
  ON CONFLICT (prefix) DO UPDATE SET last = sscc_counters.last + 1 RETURNING last`)
const advanceStatement = sql(`
  INSERT INTO sscc_counters AS c (prefix, last) VALUES ($1, $2)
  ON CONFLICT (prefix) DO UPDATE SET last = greatest(c.last, excluded.last)`)
const skipStatement = sql(`
  UPDATE sscc_counters SET last = last + $1, skipped = last + $1 - (
    SELECT count(*) FROM packages WHERE company_prefix = prefix)
  RETURNING prefix, last`)

const givenStatement = sql('SELECT FROM packages WHERE sscc = $1')
// The digits of a serial stand on both sides of the prefix; the last of the 18 is the check digit.
const behindStatement = sql(`
  UPDATE sscc_counters SET last = given.highest + 1, skipped = given.highest - given.own
  FROM (
    SELECT max((left(sscc, 1) || substr(sscc, 2 + length($1), 16 - length($1)))::bigint) AS highest,
      count(*) FILTER (WHERE company_prefix = $1) AS own
    FROM packages WHERE substr(sscc, 2, length($1)) = $1
  ) given
  WHERE prefix = $1 RETURNING last`)

/** Has a package this SSCC? */
export async function isGiven(tx: Tx, sscc: string): Promise<boolean> {
  return (await tx.query(givenStatement, [sscc])).length > 0
}

/** Moves a counter behind all SSCCs that begin as those of its prefix, whichever prefix gave them, and answers its serial. */
export async function serialBehindGiven(tx: Tx, prefix: string): Promise<bigint> {
  const [row] = await tx.query<{ last: bigint }>(behindStatement, [prefix])
  if (row === undefined) throw new Error('The counter of SSCCs is gone.')
  return row.last
}

/** The next one. Who takes another waits until this transaction ends; where it rolls back, the serial is free again. */
export async function takeSerial(tx: Tx, prefix: string): Promise<bigint> {
  const [row] = await tx.query<{ last: bigint }>(takeStatement, [prefix])
  if (row === undefined) throw new Error('The counter of SSCCs gave no number.')
  return row.last
}

/** Moves a counter behind a serial that was published. */
export async function advanceSerials(tx: Tx, prefix: string, to: bigint): Promise<void> {
  await tx.query(advanceStatement, [prefix, to])
}

/** Leaves out so many serials of each prefix, and counts all that no package has. */
export async function skipSerials(tx: Tx, count: number): Promise<readonly { prefix: string; last: bigint }[]> {
  return tx.query<{ prefix: string; last: bigint }>(skipStatement, [count])
}
