/** The server of a cluster: its command, when it is ready, and what its log says. How it is spawned is its owner's. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Programs } from './programs.ts'

/** What a server is started with. It listens on this machine alone. */
export interface ServerOptions {
  /** The cluster. */
  readonly folder: string
  readonly port: number
  /** Where it has a socket besides; without it, none. */
  readonly sockets?: string | undefined
  /** `name=value`. */
  readonly settings: readonly string[]
}

/** A server that was spawned. */
export interface ServerProcess {
  readonly isRunning: () => boolean
  /** Of PostgreSQL itself; undefined while that is not known. */
  readonly pid: () => number | undefined
}

/** Ends it in order, without waiting for those who are connected. */
export const fastShutdown = 'SIGINT'

/** The command that runs it. */
export function serverCommand(
  { postgres }: Programs,
  { folder, port, sockets = '', settings }: ServerOptions,
): readonly [program: string, ...args: string[]] {
  const all = ['listen_addresses=127.0.0.1', `unix_socket_directories=${sockets}`, ...settings]
  return [postgres, '-D', folder, '-p', String(port), ...all.flatMap((setting) => ['-c', setting])]
}

/** Resolves with true once it takes connections; with false when it ended, or did not in time. */
export async function untilReady(server: ServerProcess, folder: string, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs
  while (server.isRunning() && performance.now() < deadline) {
    // The server writes its number and its state there; a file of an earlier one has another number.
    const status = linesOf(join(folder, 'postmaster.pid'))
    if (status[7]?.trim() === 'ready' && Number(status[0]) === server.pid()) return true
    await sleep(10)
  }
  return false
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}

/** The last lines of a log: what a process said before it ended. None where there is no log. */
export function lastLines(file: string, count: number): readonly string[] {
  const buffer = Buffer.alloc(16 * 1024)
  try {
    const handle = openSync(file, 'r')
    try {
      const from = Math.max(0, fstatSync(handle).size - buffer.length)
      const length = readSync(handle, buffer, 0, buffer.length, from)
      return buffer.toString('utf8', 0, length).trimEnd().split('\n').slice(-count)
    } finally {
      closeSync(handle)
    }
  } catch {
    return []
  }
}
