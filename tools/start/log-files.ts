/** Logs of the processes: each writes straight to its own file, and the files are kept from growing for ever. */
import { copyFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { DataFolder } from './data-folder.ts'

/** The largest size of a log; as much again is kept of what came before. */
const largestLogBytes = 32 * 1024 * 1024
const lookEveryMs = 10_000

/** The log of a process. */
export function logOf(folder: DataFolder, name: string): string {
  return join(folder.logs, `${name}.log`)
}

/** Looks at the logs now and then; one that has grown too large is kept as `<name>.log.1`, and begun anew. */
export function boundLogs(files: readonly string[], largest = largestLogBytes): { stop: () => void } {
  const look = (): void => files.forEach((file) => rotate(file, largest))
  look()
  const timer = setInterval(look, lookEveryMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

/** The processes append, so an emptied file simply goes on from its beginning. */
export function rotate(file: string, largest: number): void {
  try {
    if (statSync(file).size <= largest) return
    copyFileSync(file, `${file}.1`)
    truncateSync(file)
  } catch {
    // Not there yet, or the disk is full: the log is no reason to stop.
  }
}
