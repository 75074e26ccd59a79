/** The embedded PostgreSQL server: how it runs, and the databases in it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { Client, escapeIdentifier, escapeLiteral } from 'pg'
import type { DataFolder } from './data-folder.ts'
import { asAccount, serverCommand, untilReady, type Programs } from '@stockline/postgres'
import { plainEnvironment } from './services.ts'
import type { DatabaseName } from './settings.ts'

/**
 * For a small machine that also runs the services. What is committed is on the disk. After a kill at most half a
 * gigabyte of log has to be gone through, so that the server is back within seconds.
 */
const serverSettings = [
  'max_connections=200',
  'shared_buffers=256MB',
  'fsync=on',
  'synchronous_commit=on',
  'full_page_writes=on',
  'wal_level=minimal',
  'max_wal_senders=0',
  'wal_buffers=16MB',
  'min_wal_size=256MB',
  'max_wal_size=1GB',
  'checkpoint_timeout=10min',
  'checkpoint_completion_target=0.9',
  // Our statements are small and many: compiling them or spreading them over workers only costs.
  'jit=off',
  'update_process_title=off',
  'max_parallel_workers_per_gather=0',
  'max_worker_processes=4',
  'max_logical_replication_workers=0',
  'io_method=sync',
  'random_page_cost=1.1',
  'work_mem=8MB',
  'autovacuum_naptime=15s',
  'autovacuum_max_workers=2',
  'timezone=UTC',
  'lc_messages=C',
  'log_timezone=UTC',
  'log_line_prefix=%m [%p] %d ',
  'log_min_messages=warning',
  'log_min_duration_statement=1000',
]

/** Spawns the server. It leads a process group of its own, so that Ctrl-C reaches only us and all ends in order. */
export function spawnServer(programs: Programs, folder: DataFolder, port: number, log: string): ChildProcess {
  const handle = openSync(log, 'a')
  const [program, ...args] = serverCommand(programs, {
    folder: folder.cluster,
    port,
    sockets: socketFolder(folder, port),
    settings: serverSettings,
  })
  try {
    return spawn(program, args, {
      ...asAccount(programs),
      env: plainEnvironment(),
      cwd: '/',
      detached: true,
      stdio: ['ignore', handle, handle],
    })
  } finally {
    closeSync(handle)
  }
}

/** Longer paths do not fit into a socket's address on every system. */
const longestSocketPath = 100

/**
 * The services talk to the server through a socket in its own folder, which costs a third less than TCP on the same
 * machine; undefined where the path would be too long, or there are no such sockets.
 */
function socketFolder(folder: DataFolder, port: number): string | undefined {
  const path = `${folder.cluster}/.s.PGSQL.${port}`
  return process.platform !== 'win32' && path.length <= longestSocketPath ? folder.cluster : undefined
}

/** The address of a database of the embedded server. */
export function embeddedUrl(
  folder: DataFolder,
  account: string,
  password: string,
  port: number,
  database: string,
): string {
  const socket = socketFolder(folder, port)
  const through = socket === undefined ? '' : `?host=${encodeURIComponent(socket)}`
  return `postgresql://${account}:${password}@127.0.0.1:${port}/${database}${through}`
}

/** Resolves when the server takes connections; with false when it ended, or did not in time. */
export function isReady(folder: DataFolder, server: ChildProcess, patienceMs: number): Promise<boolean> {
  const isRunning = () => server.exitCode === null && server.signalCode === null
  return untilReady({ isRunning, pid: () => server.pid }, folder.cluster, patienceMs)
}

/** Whose passwords open which database; `_reader` accounts may only look. */
export type Passwords = Readonly<Record<string, string>>

/** The account that may read a database and change nothing: for the invariants and for looking. */
export function readerOf(name: DatabaseName): string {
  return `${name}_reader`
}

/** Makes the databases that are not there yet, each with an account of its own which alone may use it. */
export async function ensureDatabases(
  url: string,
  names: readonly DatabaseName[],
  passwords: Passwords,
): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const roles = await namesIn(client, 'select rolname as name from pg_roles')
    const databases = await namesIn(client, 'select datname as name from pg_database')
    const missing = names.flatMap((name) => [name, readerOf(name)]).filter((role) => !roles.has(role))
    for (const role of missing) await client.query(createRole(role, passwords))
    for (const name of names.filter((one) => !databases.has(one))) {
      const database = escapeIdentifier(name)
      await client.query(`create database ${database} owner ${database}`)
    }
    await client.query(names.map(grants).join(';\n'))
  } finally {
    await client.end()
  }
}

async function namesIn(client: Client, text: string): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(text)
  return new Set(rows.map((row) => row.name))
}

function createRole(role: string, passwords: Passwords): string {
  const password = passwords[role]
  if (password === undefined) throw new Error(`no password was made for ${role}`)
  const rights = role.endsWith('_reader') ? ' in role pg_read_all_data' : ''
  return `create role ${escapeIdentifier(role)} login password ${escapeLiteral(password)}${rights}`
}

function grants(name: DatabaseName): string {
  const database = escapeIdentifier(name)
  return (
    `revoke all on database ${database} from public; ` +
    `grant connect on database ${database} to ${escapeIdentifier(readerOf(name))}`
  )
}
