import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { lastLines } from '@stockline/postgres'

/** A server that ends with this process. */
export interface Guarded {
  isRunning(): boolean
  /** Stops it as it likes to be stopped. */
  stop(): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
}

/** What to run and how. */
export interface GuardedOptions {
  /** Gets `server.log` and `server.pid`. */
  readonly folder: string
  readonly command: readonly string[]
  readonly stopSignal: 'SIGINT' | 'SIGTERM'
  readonly account?: { readonly uid: number; readonly gid: number } | undefined
  /** Remove the folder when this process ended without stopping the server. */
  readonly temporary: boolean
}

/**
 * The server runs beside a reader of our pipe: when this process ends, even by kill -9, the pipe breaks and the
 * server is stopped. The shell survives the Ctrl-C that ends us, being in a group of its own.
 */
const script = `
exec 3<&0
folder=$1; signal=$2; temporary=$3; shift 3
"$@" </dev/null >>"$folder/server.log" 2>&1 3<&- &
server=$!
echo $server >"$folder/server.pid"
(cat <&3 >/dev/null; : >"$folder/abandoned"; kill -$signal $server) &
reader=$!
exec 3<&-
wait $server
kill $reader 2>/dev/null
if [ -e "$folder/abandoned" ]; then
  rm -f "$folder/abandoned"
  if [ $temporary = yes ]; then rm -rf "$folder"; fi
fi
`

/** Starts a server program so that it cannot outlive us. Does not wait until it answers. */
export function startGuarded(options: GuardedOptions): Guarded {
  const args = [
    options.folder,
    options.stopSignal.slice('SIG'.length),
    options.temporary ? 'yes' : 'no',
    ...options.command,
  ]
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...args], {
    ...options.account,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.unref()
  if (child.stdin instanceof Socket) child.stdin.unref()
  const running = (): boolean => child.exitCode === null && child.signalCode === null
  return {
    isRunning: running,
    stop: () => ended(child, () => child.stdin.end()),
    kill: () => ended(child, () => process.kill(serverPid(options.folder), 'SIGKILL')),
  }
}

async function ended(child: ChildProcess, end: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.ref()
  const exit = once(child, 'exit')
  end()
  await exit
}

/** The process id of the server that was last started in this folder, 0 if none. */
export function serverPid(folder: string): number {
  try {
    return Number(readFileSync(join(folder, 'server.pid'), 'utf8'))
  } catch {
    return 0
  }
}

/** The end of what the server said. */
export function serverLog(folder: string): string {
  return lastLines(join(folder, 'server.log'), 20).join('\n')
}

/** Is there such a process, ours or not? */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
