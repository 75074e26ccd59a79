/** PostgreSQL's data folder, and what an earlier server may have left in it. */
import { execFileSync } from 'node:child_process'
import { accessSync, chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fastShutdown, giveAll, type Programs } from '@stockline/postgres'
import type { DataFolder } from './data-folder.ts'
import { endAll, markOf, type ProcessMark, processesIn, stillRuns } from './process-table.ts'
import { CannotStart } from './settings.ts'

const majorVersion = '18'

/** What was found where the data should be. */
export type ClusterState = 'absent' | 'whole'

/** Looks at the cluster: unfinished ones without data are put away; a damaged one is a reason not to start. */
export function inspectCluster(folder: DataFolder, say: (line: string) => void): ClusterState {
  rmSync(unfinished(folder), { recursive: true, force: true })
  if (!existsSync(folder.cluster)) return 'absent'
  const entries = list(folder.cluster)
  const whole = ['PG_VERSION', 'global/pg_control', 'base'].every((name) => existsSync(join(folder.cluster, name)))
  if (whole) {
    checkVersion(folder)
    return 'whole'
  }
  if (entries.length === 0) {
    rmSync(folder.cluster, { recursive: true })
    return 'absent'
  }
  // PostgreSQL's own three databases have the numbers 1, 4 and 5; any other would hold data.
  const databases = list(join(folder.cluster, 'base')).filter((name) => Number(name) > 5)
  if (databases.length > 0) {
    throw new CannotStart(
      `${folder.cluster} holds data, but PostgreSQL's own files are missing from it, so it cannot be started. ` +
        'Put the folder back from a backup, or move it away to begin anew.',
    )
  }
  const aside = `${folder.cluster}.half-made-${new Date().toISOString().replace(/[:.]/g, '-')}`
  renameSync(folder.cluster, aside)
  say(`${folder.cluster} was only half made and held no data: moved to ${aside}, and made anew`)
  return 'absent'
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function checkVersion(folder: DataFolder): void {
  const version = readFileSync(join(folder.cluster, 'PG_VERSION'), 'utf8').trim()
  if (version === majorVersion) return
  throw new CannotStart(
    `${folder.cluster} was made by PostgreSQL ${version}; this is PostgreSQL ${majorVersion}. ` +
      'Carry the data over with pg_dump, or start on another DATA_DIR.',
  )
}

/** Where it is made before it is whole. */
export function unfinished(folder: DataFolder): string {
  return `${folder.cluster}.unfinished`
}

/** Root's data folder may have come from a backup or a copy: the cluster is the account's own again. */
export function ownCluster(programs: Programs, folder: DataFolder): void {
  const { account } = programs
  if (account === undefined) {
    try {
      accessSync(join(folder.cluster, 'PG_VERSION'))
      readFileSync(join(folder.cluster, 'global', 'pg_control'))
    } catch {
      throw new CannotStart(
        `${folder.cluster} belongs to another account, so PostgreSQL cannot read it. ` +
          'Start as that account (as root, if it was started as root before), or set another DATA_DIR.',
      )
    }
    return
  }
  if (statSync(folder.cluster).uid === account.uid) return
  giveAll(folder.cluster, account)
  chmodSync(folder.cluster, 0o700)
}

/**
 * Ends what is left of an earlier server on this cluster, the children of a killed one included (they hold its
 * memory, and a new one would refuse to start), and removes the lock file that it left.
 */
export async function clearRemains(folder: DataFolder, patienceMs: number): Promise<boolean> {
  const lock = join(folder.cluster, 'postmaster.pid')
  const lines = existsSync(lock) ? readFileSync(lock, 'utf8').split('\n') : []
  const postmaster = markOf(Number(lines[0] ?? 0))
  const inside = processesIn(folder.cluster)
  const whole = postmaster !== undefined && isServer(postmaster, inside) ? [postmaster] : []
  // An orphaned server is shut down in order: then nothing has to be recovered.
  if (whole.length > 0) await endAll(whole, fastShutdown, patienceMs)
  const rest = processesIn(folder.cluster)
  await endAll(rest, 'SIGKILL', 0)
  if (![...whole, ...rest].some(stillRuns)) removeLocks(folder, lock)
  return whole.length > 0 || inside.length > 0
}

/**
 * The server's own check would take any program that bears the old number by now for a server, and one that was killed
 * but whose remains nobody has collected, too.
 */
function removeLocks(folder: DataFolder, lock: string): void {
  rmSync(lock, { force: true })
  for (const name of list(folder.cluster)) {
    if (name.startsWith('.s.PGSQL.')) rmSync(join(folder.cluster, name), { force: true })
  }
}

/** The number in the lock file may by now belong to a program that has nothing to do with us. */
function isServer(mark: ProcessMark, inside: readonly ProcessMark[]): boolean {
  if (process.platform === 'linux') return inside.some((one) => one.pid === mark.pid)
  const command = execFileSync('ps', ['-o', 'comm=', '-p', String(mark.pid)], { encoding: 'utf8', stdio: 'pipe' })
  return command.includes('postgres')
}
