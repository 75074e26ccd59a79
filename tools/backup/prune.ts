/** Removes old backups, and the log that no kept one needs. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BackupError } from './base-backup.ts'
import { backupsBelow } from './record.ts'

/**
 * Keeps the last backups below a folder, by when they ended, and removes the others, and those that failed (`.bad`); then
 * the log from before the oldest that is kept. Anything else stays.
 *
 * @param keep how many: a whole number from 1
 * @returns a line for each thing removed
 */
export async function prune(folder: string, archive: string, keep: string | undefined): Promise<string[]> {
  if (keep === undefined || !/^[1-9]\d{0,3}$/.test(keep))
    throw new BackupError('Say how many backups to keep: 1 or more.')
  const found = await backupsBelow(folder)
  const oldest = found.slice(-Number(keep))[0]
  if (oldest === undefined) throw new BackupError(`There is no backup below ${folder}: nothing is removed.`)
  const failed = (await readdir(folder)).filter((name) => name.endsWith('.bad')).map((name) => join(folder, name))
  const said: string[] = []
  for (const path of [...failed, ...found.slice(0, -Number(keep)).map((one) => one.path)]) {
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
