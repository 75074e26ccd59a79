/** A service's database, put back to what it was some documents ago while the system runs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '@stockline/test-kit'
import pg from 'pg'
import { processesBelow } from '@stockline/test-kit/load/processes'
import type { System } from '@stockline/test-kit/load/system'

/** Whose database falls back. */
export const writers = ['picking', 'stock', 'valuation'] as const
export type Writer = (typeof writers)[number]

/** A database that can be put back. */
export interface Setback {
  readonly name: Writer
  /** Keeps a copy of it as it is now. Its service loses its connections. */
  keep(): Promise<void>
  /** How many documents have been sent to others since the copy, by now. */
  sentSince(): Promise<bigint>
  /**
   * Puts the copy in its place.
   *
   * @param kill its service is killed in between; else it only loses its connections
   * @returns documents that the copy lacks, and when it took the place, by performance.now()
   */
  swap(kill: boolean): Promise<{ readonly lacks: bigint; readonly at: number }>
  close(): Promise<void>
}

/** What each writer sends of its documents, counted. */
const documentsSent: Readonly<Record<Writer, string>> = {
  stock: `select count(*)::text as documents from kit.outbox where topic = 'stock.ledger'`,
  picking: `select count(*)::text as documents from kit.outbox where type = 'picking.receipt-validated.v1'`,
  valuation: `select count(*)::text as documents from kit.outbox where topic = 'valuation.entries'`,
}

/** Opens the way to the database of a running system's service. */
export async function openSetback(system: System, name: Writer): Promise<Setback> {
  const admin = await administrator(system, name)
  const [copy, gone] = [`${name}_copy`, `${name}_gone`]
  const count = (database: string, sent = '') => ask(system, name, database, `${documentsSent[name]} ${sent}`)
  let kept = 0n
  return {
    name,
    keep: async () => {
      await admin.query(`drop database if exists ${copy}`)
      await retryIndividually(admin, name, async () => {
        await admin.query(`create database ${copy} template ${name} owner ${name}`)
      })
      kept = await count(copy)
    },
    sentSince: async () => (await count(name, 'and published_at is not null')) - kept,
    swap: async (kill) => {
      let [lacks, at] = [0n, 0]
      await retryIndividually(admin, name, async () => {
        if (kill) killService(system, name)
        await admin.query(`alter database ${name} rename to ${gone}`)
        await admin.query(`alter database ${gone} allow_connections true`)
        lacks = (await count(gone)) - kept
        at = performance.now()
        await admin.query(`alter database ${copy} rename to ${name}`)
      })
      await admin.query(`drop database ${gone} with (force)`)
      return { lacks, at }
    },
    close: () => admin.end(),
  }
}

async function administrator(system: System, name: Writer): Promise<pg.Client> {
  const url = new URL(ownerUrl(system, name))
  const read = (file: string) =>
    JSON.parse(readFileSync(join(system.dataFolder, file), 'utf8')) as Record<string, string>
  url.username = 'postgres'
  url.password = read('passwords.json')['postgres'] ?? ''
  url.pathname = '/postgres'
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  return client
}

function ownerUrl(system: System, name: Writer): string {
  const file = join(system.dataFolder, 'databases.json')
  const { owners } = JSON.parse(readFileSync(file, 'utf8')) as { owners: Record<string, string> }
  return owners[name] ?? ''
}

/** Nobody may be connected to a database that is copied or renamed. */
async function retryIndividually(admin: pg.Client, name: Writer, work: () => Promise<void>): Promise<void> {
  await admin.query(`alter database ${name} allow_connections false`)
  try {
    await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname like '${name}%'`)
    await until(
      'nobody is connected',
      async () => (await admin.query(`select from pg_stat_activity where datname like '${name}%'`)).rowCount === 0,
    )
    await work()
  } finally {
    await admin.query(`alter database ${name} allow_connections true`)
  }
}

function killService(system: System, service: Writer): void {
  for (const { name, pid } of processesBelow(system.pid)) if (name === service) process.kill(pid, 'SIGKILL')
}

async function ask(system: System, name: Writer, database: string, text: string): Promise<bigint> {
  const url = new URL(ownerUrl(system, name))
  url.pathname = `/${database}`
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    const { rows } = await client.query<{ documents: string }>(text)
    return BigInt(rows[0]?.documents ?? 0)
  } finally {
    await client.end()
  }
}
