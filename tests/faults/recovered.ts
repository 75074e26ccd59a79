/** Asks a server that was restored, once its recovery is over. */
import { type PostgresServer, until } from '@stockline/test-kit'
import pg from 'pg'

/**
 * Rows of one of its databases.
 *
 * @param select a statement's list of columns and what follows it, without `select`
 */
export function recoveredRows<Row extends pg.QueryResultRow>(
  server: PostgresServer,
  database: string,
  select: string,
): Promise<readonly Row[]> {
  return until('the recovery is over', () => ask<Row>(server, database, select), 60_000)
}

async function ask<Row extends pg.QueryResultRow>(
  server: PostgresServer,
  database: string,
  select: string,
): Promise<readonly Row[] | undefined> {
  const client = new pg.Client({ connectionString: server.url.replace(/\/postgres$/, `/${database}`) })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ over: boolean }>('select not pg_is_in_recovery() as over')
    return rows[0]?.over === true ? (await client.query<Row>(`select ${select}`)).rows : undefined
  } catch {
    return undefined // It still recovers.
  } finally {
    await client.end().catch(() => undefined)
  }
}
