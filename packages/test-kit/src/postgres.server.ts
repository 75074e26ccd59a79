import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { asAccount, fastShutdown, give, giveAll, makeCluster, serverCommand, untilReady } from '@stockline/postgres'
import { type Guarded, isAlive, serverLog, serverPid, startGuarded } from './guardian.ts'
import { type PostgresBinaries, postgresBinaries } from './postgres.binaries.ts'

/** A PostgreSQL of one's own, which can be killed and brought back on the same port with the same data. */
export interface PostgresServer {
  /** Address of the maintenance database, with an account that may do everything. */
  readonly url: string
  readonly port: number
  /** Puts a file into its data folder, as `PostgresOptions.files` are. */
  write(name: string, content: string): void
  /** Its data folder; it belongs to the server's own account. */
  readonly folder: string
  /** Stops it and removes its data. */
  stop(): Promise<void>
  /** kill -9 of the postmaster; resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again after `kill`; resolves when it answers. */
  restart(): Promise<void>
}

/** What a server may be started with. */
export interface PostgresOptions {
  /** Write through to the disk, as in production. Off by default: tests survive no power cut. */
  readonly durable?: boolean
  /** Settings beside those of all: `ssl=on`. */
  readonly settings?: readonly string[]
  /** Files that are put into its data folder before it starts, and that nobody else can read: name → content. */
  readonly files?: Readonly<Record<string, string>>
  /** Start on this data folder, which becomes the server's own, instead of a fresh one. */
  readonly folder?: string
  /** A port of its own choice by default. */
  readonly port?: number
}

const startLimitMs = 30_000

/** Starts a fresh server on a free port. It ends with this process, however that ends. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const binaries = postgresBinaries()
  removeStale(binaries)
  const folder = options.folder === undefined ? await freshCluster(binaries) : adopted(binaries, options.folder)
  const port = options.port ?? (await freePort())
  const command = serverCommand(binaries, { folder, port, settings: settingsOf(options) })
  const write = (name: string, content: string): void => {
    const path = join(folder, name)
    writeFileSync(path, content)
    chmodSync(path, 0o600)
    give(path, binaries.account)
  }
  for (const [name, content] of Object.entries(options.files ?? {})) write(name, content)
  let running = await launch(binaries, folder, command)
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    port,
    write,
    folder,
    stop: async () => {
      await running.stop()
      rmSync(folder, { recursive: true, force: true })
    },
    kill: () => running.kill(),
    restart: async () => {
      running = await launch(binaries, folder, command)
    },
  }
}

function settingsOf({ durable = false, settings = [] }: PostgresOptions): readonly string[] {
  return [
    'max_connections=400',
    'shared_buffers=128MB',
    'autovacuum_naptime=20s',
    'log_min_messages=fatal',
    ...(durable ? [] : ['fsync=off', 'full_page_writes=off']),
    ...settings,
  ]
}

/** What was put together by us must belong to the account that the server runs as. */
function adopted({ account }: PostgresBinaries, folder: string): string {
  giveAll(folder, account)
  return folder
}

/** A finished cluster is kept and copied: half a second becomes a twentieth. */
async function freshCluster(binaries: PostgresBinaries): Promise<string> {
  const version = execFileSync(binaries.postgres, ['--version'], { cwd: '/' }).toString()
  const template = join(binaries.folder, `template-c-utf8-${version.replace(/[^0-9.a-z]+/gi, '-').replace(/-$/, '')}`)
  const unfinished = `${template}-${process.pid}-${Math.random().toString(36).slice(2, 8)}`
  if (!existsSync(template)) await makeCluster(binaries, template, { unfinished, durable: false })
  const folder = join(binaries.folder, `cluster-${process.pid}-${Math.random().toString(36).slice(2, 8)}`)
  execFileSync('cp', ['-R', template, folder], { ...asAccount(binaries), stdio: 'pipe', cwd: '/' })
  return folder
}

async function launch({ account }: PostgresBinaries, folder: string, command: readonly string[]): Promise<Guarded> {
  const deadline = performance.now() + startLimitMs
  for (;;) {
    const server = startGuarded({ folder, account, command, stopSignal: fastShutdown, temporary: true })
    const started = { isRunning: () => server.isRunning(), pid: () => livingPid(folder) }
    if (await untilReady(started, folder, startLimitMs)) return server
    await server.stop()
    // After a kill the old server's children hold its memory for a moment, and a new one refuses to start.
    if (performance.now() > deadline) throw new Error(`PostgreSQL does not start:\n${serverLog(folder)}`)
    await sleep(50)
  }
}

/** The number of an earlier server may stand there until the new one has its own. */
function livingPid(folder: string): number | undefined {
  const pid = serverPid(folder)
  return isAlive(pid) ? pid : undefined
}

/** Folders of runs that are no more: their servers, if any is left, are stopped, and the data removed. */
function removeStale(binaries: PostgresBinaries): void {
  for (const name of readdirSync(binaries.folder)) {
    const owner = /^cluster-(\d+)-/.exec(name)?.[1]
    if (owner === undefined || isAlive(Number(owner))) continue
    const folder = join(binaries.folder, name)
    const pid = serverPid(folder)
    if (isAlive(pid)) process.kill(pid, 'SIGQUIT')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  server.close()
  await once(server, 'close')
  return address.port
}
