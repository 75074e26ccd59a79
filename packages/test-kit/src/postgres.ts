import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { type PostgresServer, startPostgres } from './postgres.server.ts'

/** A database of one's own: empty, and gone after `drop`. */
export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

let own: Promise<PostgresServer> | undefined

/**
 * Makes an empty database on the PostgreSQL of this run (`TEST_DATABASE_URL`, which Jest's setup provides), or on one
 * that is started for this process.
 */
export async function testDatabase(name = 'test'): Promise<TestDatabase> {
  const admin = await adminUrl()
  const database = `${name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 40)}_${randomBytes(5).toString('hex')}`
  await execute(admin, `create database "${database}"`)
  const url = new URL(admin)
  url.pathname = `/${database}`
  return { url: url.href, drop: () => execute(admin, `drop database if exists "${database}" with (force)`) }
}

async function adminUrl(): Promise<string> {
  const given = process.env['TEST_DATABASE_URL']
  if (given !== undefined && given !== '') return given
  own ??= startPostgres()
  return (await own).url
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
