/** Connections that may only look, one to each service's database. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { withFiles } from '../../packages/service-kit/src/runtime/config.files.ts'
import { readAddress } from '../../packages/service-kit/src/database/postgres.address.ts'

export const serviceNames = ['identity', 'stock', 'picking', 'valuation'] as const
export type ServiceName = (typeof serviceNames)[number]

/** Asks one service's database. */
export type Ask = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>
export type Databases = Readonly<Record<ServiceName, Ask>>

/** Opens all four, hands them over, and closes them whatever happens. */
export async function withDatabases<T>(dataFolder: string, use: (databases: Databases) => Promise<T>): Promise<T> {
  const urls = addresses(dataFolder)
  const pools = serviceNames.map((name) => [name, new pg.Pool({ ...readAddress(urls[name]).client, max: 2 })] as const)
  const asks = pools.map(([name, pool]) => [name, asker(pool)] as const)
  try {
    return await use(Object.fromEntries(asks) as unknown as Databases)
  } finally {
    await Promise.all(pools.map(([, pool]) => pool.end()))
  }
}

function asker(pool: pg.Pool): Ask {
  return async <Row extends object>(text: string, values: readonly unknown[] = []) => {
    const client = await pool.connect()
    try {
      await client.query('begin transaction isolation level repeatable read read only')
      const { rows } = await client.query<Row>(text, [...values])
      await client.query('commit')
      return rows
    } finally {
      // Also ends a transaction that failed.
      client.release(true)
    }
  }
}

function addresses(dataFolder: string): Record<ServiceName, string> {
  const variables = serviceNames.map((name) => `${name.toUpperCase()}_DATABASE_URL`)
  const { environment, faults } = withFiles(variables, process.env)
  if (faults.length > 0) throw new Error(faults.join('\n'))
  const given = serviceNames.map((name, index) => [name, environment[variables[index] ?? '']] as const)
  if (given.every(([, url]) => url !== undefined)) return Object.fromEntries(given) as Record<ServiceName, string>
  const file = join(dataFolder, 'databases.json')
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as { readers: Record<ServiceName, string> }
    return found.readers
  } catch {
    throw new Error(
      `There is no ${file}. Set DATA_DIR to the data folder of a running installation, ` +
        `or name each database: ${variables.join(', ')}, or the file that holds its address: ${variables[0] ?? ''}_FILE …`,
    )
  }
}
