/** Stops a running system in its tracks, and lets it go on: nothing of it uses the machine meanwhile. */
import { processesBelow } from './processes.ts'

/**
 * Stops `rootPid` and everything below it, parents before children. What a parent began while the list was made is
 * found in the next look.
 */
export function pauseSystem(rootPid: number): void {
  const stopped = new Set<number>()
  for (let looks = 0; looks < 20; looks++) {
    const fresh = processesBelow(rootPid).filter(({ pid }) => !stopped.has(pid))
    if (fresh.length === 0) return
    for (const { pid } of fresh) {
      signal(pid, 'SIGSTOP')
      stopped.add(pid)
    }
  }
  throw new Error(`the processes below ${String(rootPid)} do not stop`)
}

/** Lets all of it go on, children before parents: whoever watches another finds it running. */
export function resumeSystem(rootPid: number): void {
  for (const { pid } of processesBelow(rootPid).reverse()) signal(pid, 'SIGCONT')
}

/** A process that has ended meanwhile is no matter. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
