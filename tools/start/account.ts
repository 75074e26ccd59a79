/** PostgreSQL refuses to run as root: as root it is given to an account without rights. */
import { execFileSync } from 'node:child_process'
import { chmodSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { CannotStart } from './settings.ts'

/** Whom a process runs as. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** The account for PostgreSQL; undefined when we are an ordinary user, and it simply runs as us. */
export function postgresAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const account = lookUp(name)
    if (account !== undefined) return account
  }
  throw new CannotStart(
    'PostgreSQL does not run as root, and this machine has neither an account "postgres" nor "nobody". ' +
      'Make one (useradd --system postgres), or start as an ordinary user.',
  )
}

function lookUp(name: string): Account | undefined {
  try {
    const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }))
    return { name, uid: id('-u'), gid: id('-g') }
  } catch {
    return undefined
  }
}

/** The folder and its parents that the account may not pass, outermost first. */
export function impassable(folder: string, account: Account): string[] {
  const found: string[] = []
  for (let at = folder; ; at = dirname(at)) {
    if (!mayPass(at, account)) found.unshift(at)
    if (dirname(at) === at) return found
  }
}

function mayPass(folder: string, account: Account): boolean {
  const { mode, uid, gid } = statSync(folder)
  if (uid === account.uid) return (mode & 0o100) !== 0
  if (gid === account.gid) return (mode & 0o010) !== 0
  return (mode & 0o001) !== 0
}

/**
 * Lets the account pass through these folders (not read them). Only root gets here; it says what it changed.
 */
export function makePassable(folders: readonly string[], account: Account, say: (line: string) => void): void {
  for (const folder of folders) {
    try {
      chmodSync(folder, (statSync(folder).mode & 0o7777) | 0o011)
    } catch {
      throw new CannotStart(
        `The account "${account.name}", as which PostgreSQL runs, cannot pass ${folder}. ` +
          `Run chmod o+x ${folder}, or set DATA_DIR to another place.`,
      )
    }
    say(`${folder} may now be passed (not read) by others: PostgreSQL runs as "${account.name}"`)
  }
}
