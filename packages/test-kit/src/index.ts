export { type TestDatabase, testDatabase } from './postgres.ts'
export { freePort, type PostgresOptions, type PostgresServer, startPostgres } from './postgres.server.ts'
