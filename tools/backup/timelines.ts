/** Timelines of the archived log: each restore begins a new one, and what is archived from then on is on that one alone. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BackupError } from './base-backup.ts'

/** A timeline that began when the cluster was restored, or a standby promoted. */
interface Timeline {
  readonly number: number
  /** Those that it came from. */
  readonly ancestors: readonly number[]
  /** Where it left the last of them, as the server put it: its place in the log, and why. */
  readonly began: string
}

/**
 * The timeline that a restore follows: the given one; else that of the backup, if nothing was archived on a later one. A second restore
 * from one backup would otherwise lose without a word what was written after the first.
 *
 * @param own the backup's
 * @throws BackupError where one must be given, or the given one does not come from the backup
 */
export async function timelineToFollow(archive: string, own: number, wished: string | undefined): Promise<number> {
  const timelines = await timelinesIn(archive)
  if (wished === undefined) {
    const later = timelines.filter(({ number }) => number > own)
    if (later.length === 0) return own
    const began = later.map(({ number, began }) => `${String(number)} (${began})`).join(', ')
    throw new BackupError(
      `Since this backup, which is on timeline ${String(own)}, the cluster was restored or a standby took over: the archive has ` +
        `timeline ${began}. What was written there since is not on timeline ${String(own)}. Restore from a backup that was ` +
        `made since; or say which timeline to follow: ${[own, ...later.map(({ number }) => number)].join(' or ')}.`,
    )
  }
  const number = /^[1-9]\d{0,9}$/.test(wished) ? Number(wished) : undefined
  const comes = timelines.find((timeline) => timeline.number === number)?.ancestors.includes(own) === true
  if (number === own || (number !== undefined && comes)) return number
  throw new BackupError(
    `"${wished}" is no timeline that comes from the backup's, which is ${String(own)}. The archive has ` +
      `${timelines.map((one) => `${String(one.number)} (from ${one.ancestors.join(', ')})`).join('; ') || 'no other'}.`,
  )
}

/** The timeline of a part of the log, by its name. */
export function timelineOf(segment: string): number {
  return Number.parseInt(segment.slice(0, 8), 16)
}

async function timelinesIn(archive: string): Promise<readonly Timeline[]> {
  const names = (await readdir(archive)).filter((name) => /^[0-9A-F]{8}\.history$/.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      const lines = (await readFile(join(archive, name), 'utf8')).split('\n')
      const parents = lines.flatMap((line) => {
        const [, parent, place, why] = /^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)\s*(.*)$/.exec(line) ?? []
        return parent === undefined
          ? []
          : [{ parent: Number(parent), began: `from ${place ?? ''} ${why ?? ''}`.trim() }]
      })
      const ancestors = parents.map(({ parent }) => parent)
      return { number: timelineOf(name), ancestors, began: parents.at(-1)?.began ?? 'its history is empty' }
    }),
  )
}
