import { chmodSync, lstatSync, mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { type SystemAccount, findPrograms, give, postgresAccount, type Programs } from '@stockline/postgres'

/** The programs, and where servers of tests have their data. */
export interface PostgresBinaries extends Programs {
  /** A folder which the account can pass and write. */
  readonly folder: string
}

/** Finds PostgreSQL's programs, and makes sure that the account they run as can reach them and a folder to work in. */
export function postgresBinaries(): PostgresBinaries {
  const account = postgresAccount()
  const folder = workFolder(account)
  return { ...findPrograms(folder, account), folder }
}

function workFolder(account: SystemAccount | undefined): string {
  const folder = join(tmpdir(), `stockline-test-${userInfo().uid}`)
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  const owner = lstatSync(folder)
  const mine = owner.isDirectory() && (owner.uid === userInfo().uid || owner.uid === account?.uid)
  if (!mine) throw new Error(`${folder} belongs to somebody else; remove it`)
  if (account) {
    chmodSync(folder, 0o711)
    give(folder, account)
  }
  return folder
}
