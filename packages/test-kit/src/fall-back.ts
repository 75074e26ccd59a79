/** A service's database that falls back: it is kept as it is, an older copy takes its place, the documented program puts it right. */
import { spawnSync } from 'node:child_process'
import pg from 'pg'
import type { ServiceDatabases } from './service.ts'

/** Keeps the database as it is now. Nobody may be connected to it. */
export async function keepCopy({ database }: ServiceDatabases): Promise<void> {
  const name = nameOf(database.url)
  await administer(database.url, `create database "${name}_copy" template "${name}"`)
}

/** Puts what was kept in the place of the database. The service is stopped. */
export async function fallBack({ database }: ServiceDatabases): Promise<void> {
  const name = nameOf(database.url)
  await administer(
    database.url,
    `drop database "${name}" with (force)`,
    `alter database "${name}_copy" rename to "${name}"`,
  )
}

/** Runs a service's `reconcile.ts` to its end. @param variable of its database: `STOCK_DATABASE_URL` */
export function runReconcile(
  program: string,
  variable: string,
  { database, bus }: ServiceDatabases,
): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
    env: { ...process.env, NODE_OPTIONS: '', [variable]: database.url, BUS_DATABASE_URL: bus.url },
    encoding: 'utf8',
  })
  return { code: status, said: stdout + stderr }
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1)
}

async function administer(database: string, ...statements: readonly string[]): Promise<void> {
  const url = new URL(database)
  url.pathname = '/postgres'
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
