import { type PostgresServer, startPostgres } from './postgres.server.ts'

declare global {
  var stocklineTestServer: PostgresServer | undefined
}

/** One PostgreSQL for the whole run, unless one is given. */
async function setup(): Promise<void> {
  if ((process.env['TEST_DATABASE_URL'] ?? '') !== '') return
  const server = await startPostgres()
  globalThis.stocklineTestServer = server
  process.env['TEST_DATABASE_URL'] = server.url
}

export { setup as default }
