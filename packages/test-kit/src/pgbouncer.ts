import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverLog, startGuarded } from './guardian.ts'
import { postgresBinaries } from './postgres.binaries.ts'
import { freePort } from './postgres.server.ts'

/** A pgbouncer of one's own in front of a PostgreSQL. */
export interface Pgbouncer {
  /** The same database, through the pooler. */
  through(url: string): string
  stop(): Promise<void>
}

/** How to run it. What is not said is pgbouncer's own default. */
export interface PgbouncerOptions {
  /** Any address of the server. */
  readonly server: string
  readonly poolMode: 'session' | 'transaction' | 'statement'
  /** More lines of its configuration: `default_pool_size = 2`. */
  readonly more?: readonly string[]
}

interface Program {
  readonly path: string
  /** Where its libraries are; undefined where the system has them. */
  readonly libraries: string | undefined
}

/** Why there can be no pgbouncer here, in words; undefined if there can. May fetch it from the system's own packages. */
export function pgbouncerMissing(): string | undefined {
  try {
    programOf()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Starts a pgbouncer on a free port. It ends with this process, however that ends. */
export async function startPgbouncer(options: PgbouncerOptions): Promise<Pgbouncer> {
  const program = programOf()
  const { account, folder: parent } = postgresBinaries()
  const folder = mkdtempSync(join(parent, 'pgbouncer-run-'))
  const port = await freePort()
  writeFileSync(join(folder, 'users'), `"${decodeURIComponent(new URL(options.server).username)}" ""\n`)
  writeFileSync(join(folder, 'pgbouncer.ini'), configuration(options, port, folder))
  chmodSync(folder, 0o755)
  if (account !== undefined) chownSync(folder, account.uid, account.gid)
  const libraries = program.libraries === undefined ? [] : ['env', `LD_LIBRARY_PATH=${program.libraries}`]
  const command = [...libraries, program.path, join(folder, 'pgbouncer.ini')]
  const server = startGuarded({ folder, account, command, stopSignal: 'SIGINT', temporary: true })
  const deadline = Date.now() + 10_000
  while (!(await answers(port))) {
    if (!server.isRunning() || Date.now() > deadline) throw new Error(`pgbouncer does not start:\n${serverLog(folder)}`)
    await sleep(20)
  }
  return {
    through: (url) => Object.assign(new URL(url), { host: `127.0.0.1:${port}` }).href,
    stop: async () => {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function configuration({ server, poolMode, more = [] }: PgbouncerOptions, port: number, folder: string): string {
  const { hostname, port: serverPort } = new URL(server)
  return [
    '[databases]',
    `* = host=${hostname} port=${serverPort}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = trust',
    `auth_file = ${join(folder, 'users')}`,
    `pool_mode = ${poolMode}`,
    ...more,
    '',
  ].join('\n')
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

let found: Program | undefined

function programOf(): Program {
  found ??= installed() ?? fetched()
  return found
}

function installed(): Program | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
  const path = folders.map((folder) => join(folder, 'pgbouncer')).find((one) => existsSync(one))
  return path === undefined ? undefined : { path, libraries: undefined }
}

/** No registry that the project uses has it: the packages of Debian and Ubuntu are unpacked, and not installed. */
function fetched(): Program {
  const folder = join(postgresBinaries().folder, 'pgbouncer')
  const path = join(folder, 'usr', 'sbin', 'pgbouncer')
  if (!existsSync(path)) unpack(folder)
  const libraries = join(folder, 'usr', 'lib')
  const own = readdirSync(libraries).find((name) => name.endsWith('-linux-gnu')) ?? ''
  return { path, libraries: join(libraries, own) }
}

function unpack(folder: string): void {
  const partial = `${folder}-${process.pid}`
  mkdirSync(partial, { recursive: true })
  try {
    const run = (program: string, ...args: string[]): string =>
      execFileSync(program, args, { cwd: partial, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 }).toString()
    const depends = run('apt-cache', 'depends', 'pgbouncer').matchAll(/Depends: (lib(?:event|c-ares)[\w.-]*)/g)
    run('apt-get', 'download', '-qq', 'pgbouncer', ...new Set([...depends].map((match) => match[1] ?? '')))
    for (const name of readdirSync(partial).filter((one) => one.endsWith('.deb'))) {
      run('dpkg', '-x', name, '.')
      rmSync(join(partial, name))
    }
    renameSync(partial, folder)
  } catch (cause) {
    throw new Error('there is no program pgbouncer, and apt-get cannot download it', { cause })
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}
