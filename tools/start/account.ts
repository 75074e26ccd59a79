/** Folders that PostgreSQL's account must be able to pass, where we are root and it runs as another account. */
import { chmodSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { NoPostgres, type SystemAccount } from '@stockline/postgres'
import { CannotStart } from './settings.ts'

/** What PostgreSQL needs and is not there is a reason not to start. */
export function orCannotStart<T>(find: () => T): T {
  try {
    return find()
  } catch (error) {
    return cannotStart(error)
  }
}

/** The same of what was not found at once. Throws. */
export function cannotStart(error: unknown): never {
  throw error instanceof NoPostgres ? new CannotStart(error.message) : error
}

/** The folder and its parents that the account may not pass, outermost first. */
export function impassable(folder: string, account: SystemAccount): string[] {
  const found: string[] = []
  for (let at = folder; ; at = dirname(at)) {
    if (!mayPass(at, account)) found.unshift(at)
    if (dirname(at) === at) return found
  }
}

function mayPass(folder: string, account: SystemAccount): boolean {
  const { mode, uid, gid } = statSync(folder)
  if (uid === account.uid) return (mode & 0o100) !== 0
  if (gid === account.gid) return (mode & 0o010) !== 0
  return (mode & 0o001) !== 0
}

/**
 * Lets the account pass through these folders (not read them). Only root gets here. Reports what it changed.
 */
export function makePassable(folders: readonly string[], account: SystemAccount, say: (line: string) => void): void {
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
