import { type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process that it started may hold its pipes longer than it lives. */
const longestMs = 5_000

/**
 * How a process ends, once all that it wrote has been read: `exit` alone comes while its last lines are still in the pipe.
 *
 * @returns its exit code, or else the signal
 */
export async function exitOf(child: ChildProcess): Promise<readonly [code: number | null, signal: string | null]> {
  const closed = once(child, 'close')
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  await Promise.race([closed, sleep(longestMs, undefined, { ref: false })])
  return [code, signal]
}
