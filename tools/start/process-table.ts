/** What runs on this machine, as far as `start` has to know it: is this still the process that we began? */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { faultCode } from './fault-code.ts'

/** A process, distinguished from a later one with the same number. */
export interface ProcessMark {
  readonly pid: number
  /** When it began, in the form that the system reports. */
  readonly began: string
}

/** The mark of a running process; undefined when there is none, or only its remains wait to be collected. */
export function markOf(pid: number): ProcessMark | undefined {
  const began = process.platform === 'linux' ? beganOnLinux(pid) : beganElsewhere(pid)
  return began === undefined ? undefined : { pid, began }
}

function beganOnLinux(pid: number): string | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold anything, so the fields are counted from its end.
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function beganElsewhere(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim()
    return line === '' ? undefined : line
  } catch {
    return undefined
  }
}

/** Does that very process still run? */
export function stillRuns(mark: ProcessMark): boolean {
  return markOf(mark.pid)?.began === mark.began
}

/** Sends a signal; a process that has gone meanwhile is none to complain about. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (faultCode(error) !== 'ESRCH') throw error
  }
}

/** Asks the processes to end, and ends those that have not after the given time. */
export async function endAll(marks: readonly ProcessMark[], first: NodeJS.Signals, patienceMs: number): Promise<void> {
  for (const mark of marks.filter(stillRuns)) signal(mark.pid, first)
  if (await allGone(marks, patienceMs)) return
  for (const mark of marks.filter(stillRuns)) signal(mark.pid, 'SIGKILL')
  await allGone(marks, 5_000)
}

async function allGone(marks: readonly ProcessMark[], patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs
  while (marks.some(stillRuns)) {
    if (performance.now() > deadline) return false
    await sleep(20)
  }
  return true
}

/**
 * Processes whose working directory is the given one: a PostgreSQL server and all its children stand in their data
 * folder. Where the system does not report it (no /proc), none are found.
 */
export function processesIn(folder: string): ProcessMark[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && workingDirectory(name) === folder)
    .map((name) => markOf(Number(name)))
    .filter((mark) => mark !== undefined)
}

function workingDirectory(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}
