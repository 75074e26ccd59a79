/** Lets go of old backups, and of the log that no kept one needs. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BackupError, exists, factsFile, factsOf } from './base-backup.ts'

/**
 * Keeps the last backups below a folder, by when they ended, and removes the others; then the log from before the oldest
 * that is kept. What is no whole backup stays.
 *
 * @param keep how many: a whole number from 1
 * @returns a line for each thing removed
 */
export async function prune(folder: string, archive: string, keep: string | undefined): Promise<string[]> {
  if (keep === undefined || !/^[1-9]\d{0,3}$/.test(keep))
    throw new BackupError('Say how many backups to keep: 1 or more.')
  const found = []
  for (const name of (await readdir(folder)).sort())
    if (await exists(join(folder, name, factsFile)))
      found.push({ path: join(folder, name), facts: await factsOf(join(folder, name)) })
  found.sort((one, other) => Date.parse(one.facts.endedAt) - Date.parse(other.facts.endedAt))
  const kept = found.slice(-Number(keep))
  const oldest = kept[0]
  if (oldest === undefined) throw new BackupError(`There is no backup below ${folder}: nothing is removed.`)
  const said: string[] = []
  for (const { path } of found.slice(0, -Number(keep))) {
    await rm(path, { recursive: true })
    said.push(`removed ${path}`)
  }
  const segments = (await readdir(archive)).filter((name) => isBefore(name, oldest.facts.firstSegment))
  for (const name of segments) await rm(join(archive, name))
  if (segments.length > 0) said.push(`removed ${String(segments.length)} parts of the log from before ${oldest.path}`)
  return said
}

/** Is it a part of the log from before this one, whatever its timeline? Histories of timelines stay. */
function isBefore(name: string, first: string): boolean {
  return /^[0-9A-F]{24}(\.[0-9A-F]{8}\.backup)?$/.test(name) && name.slice(8, 24) < first.slice(8)
}
