import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createServer, Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type PostgresBinaries, postgresBinaries } from './postgres.binaries.ts'

/** A PostgreSQL of one's own, which can be killed and brought back on the same port with the same data. */
export interface PostgresServer {
  /** Address of the maintenance database, with an account that may do everything. */
  readonly url: string
  readonly port: number
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
}

const startLimitMs = 30_000

/** Starts a fresh server on a free port. It ends with this process, however that ends. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const binaries = postgresBinaries()
  removeStale(binaries)
  const folder = freshCluster(binaries)
  const port = await freePort()
  const flags = serverFlags(folder, port, options)
  let running = await launch(binaries, folder, flags)
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    port,
    stop: async () => {
      await ended(running, () => running.stdin?.end())
      rmSync(folder, { recursive: true, force: true })
    },
    kill: () => ended(running, () => process.kill(postmasterPid(folder), 'SIGKILL')),
    restart: async () => {
      running = await launch(binaries, folder, flags)
    },
  }
}

function serverFlags(folder: string, port: number, options: PostgresOptions): string[] {
  const durability = options.durable === true ? [] : ['fsync=off', 'full_page_writes=off']
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=400',
    'shared_buffers=128MB',
    'autovacuum_naptime=20s',
    'log_min_messages=fatal',
    ...durability,
  ]
  return ['-D', folder, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
}

/** A finished `initdb` is kept and copied: half a second becomes a twentieth. */
function freshCluster(binaries: PostgresBinaries): string {
  const version = execFileSync(binaries.postgres, ['--version'], { cwd: '/' }).toString()
  const template = join(binaries.folder, `template-${version.replace(/[^0-9.a-z]+/gi, '-').replace(/-$/, '')}`)
  if (!existsSync(template)) makeTemplate(binaries, template)
  const folder = join(binaries.folder, `cluster-${process.pid}-${Math.random().toString(36).slice(2, 8)}`)
  asAccount(binaries, 'cp', ['-R', template, folder])
  return folder
}

function makeTemplate(binaries: PostgresBinaries, template: string): void {
  const partial = `${template}-${process.pid}`
  const flags = ['--no-sync', '--no-locale', '--encoding=UTF8', '--auth=trust', '--username=postgres']
  asAccount(binaries, binaries.initdb, ['-D', partial, '--wal-segsize=16', ...flags])
  try {
    renameSync(partial, template)
  } catch {
    rmSync(partial, { recursive: true, force: true }) // another run was faster
  }
}

function asAccount(binaries: PostgresBinaries, program: string, args: readonly string[]): void {
  execFileSync(program, args, { ...binaries.account, stdio: 'pipe', cwd: '/' })
}

/**
 * The server runs beside a reader of our pipe: when this process ends, even by kill -9, the pipe breaks and the
 * server is stopped and its folder removed.
 */
const guardian = `
exec 3<&0
folder=$1; shift
"$@" </dev/null >>"$folder/server.log" 2>&1 3<&- &
server=$!
(cat <&3 >/dev/null; : >"$folder/abandoned"; kill -INT $server) &
reader=$!
exec 3<&-
wait $server
kill $reader 2>/dev/null
if [ -e "$folder/abandoned" ]; then rm -rf "$folder"; fi
`

async function launch(binaries: PostgresBinaries, folder: string, flags: readonly string[]): Promise<ChildProcess> {
  const deadline = Date.now() + startLimitMs
  for (;;) {
    const child = spawn('/bin/sh', ['-c', guardian, 'sh', folder, binaries.postgres, ...flags], {
      ...binaries.account,
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    if (await becomesReady(child, folder)) {
      child.unref()
      if (child.stdin instanceof Socket) child.stdin.unref()
      return child
    }
    // After a kill the old server's children hold its memory for a moment, and a new one refuses to start.
    if (Date.now() > deadline) throw new Error(`PostgreSQL does not start:\n${logOf(folder)}`)
    await sleep(50)
  }
}

async function becomesReady(child: ChildProcess, folder: string): Promise<boolean> {
  const deadline = Date.now() + startLimitMs
  while (child.exitCode === null && Date.now() < deadline) {
    const status = readLines(join(folder, 'postmaster.pid'))
    if (status[7]?.trim() === 'ready' && isAlive(Number(status[0]))) return true
    await sleep(10)
  }
  child.stdin?.end()
  return false
}

async function ended(child: ChildProcess, end: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.ref()
  const exit = once(child, 'exit')
  end()
  await exit
}

/** Folders of runs that are no more: their servers, if any is left, are stopped, and the data removed. */
function removeStale(binaries: PostgresBinaries): void {
  for (const name of readdirSync(binaries.folder)) {
    const owner = /^cluster-(\d+)-/.exec(name)?.[1]
    if (owner === undefined || isAlive(Number(owner))) continue
    const folder = join(binaries.folder, name)
    const pid = postmasterPid(folder)
    if (isAlive(pid)) process.kill(pid, 'SIGQUIT')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }
}

function postmasterPid(folder: string): number {
  return Number(readLines(join(folder, 'postmaster.pid'))[0] ?? 0)
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}

function logOf(folder: string): string {
  return readLines(join(folder, 'server.log')).slice(-20).join('\n')
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
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
