/**
 * Whoever called us: `npx` runs a shell, that runs pnpm, and that runs us. A SIGTERM for npx ends npx and the shell, and
 * never comes through. So the end of any of them counts as a request to stop.
 */
import { readFileSync } from 'node:fs'
import { markOf, type ProcessMark, stillRuns } from './process-table.ts'

const lookEveryMs = 500

/** A process above us: what it was called with, and what it is. */
export interface Ancestor {
  readonly mark: ProcessMark
  readonly command: readonly string[]
}

/** Of our ancestors, nearest first, those that only carry our call: up to the outermost npx, npm or pnpm. Pure. */
export function carriers(ancestors: readonly Ancestor[]): ProcessMark[] {
  return ancestors.slice(0, ancestors.findLastIndex((one) => isLauncher(one.command)) + 1).map((one) => one.mark)
}

function isLauncher([program = '', script = '']: readonly string[]): boolean {
  // npm names itself by what it does ("npm exec pnpm@10 start"); pnpm is a script that Node runs.
  return /^(npm|npx|pnpm)\b/.test(program) || /\/(npm|npx|pnpm)(-cli)?(\.[cm]?js)?$/.test(script)
}

/** Calls back once when one of those who carry our call has ended. */
export function watchLaunchers(ended: () => void): void {
  const watched = carriers(ancestorsOf(process.pid))
  if (watched.length === 0) return
  const timer = setInterval(() => {
    if (watched.every(stillRuns)) return
    clearInterval(timer)
    ended()
  }, lookEveryMs)
  timer.unref()
}

/** As far as /proc shows them; without /proc, none is watched. */
function ancestorsOf(pid: number): Ancestor[] {
  const found: Ancestor[] = []
  for (let parent = parentOf(pid); parent !== undefined && parent > 1; parent = parentOf(parent)) {
    const mark = markOf(parent)
    if (mark === undefined) break
    found.push({ mark, command: commandOf(parent) })
  }
  return found
}

function parentOf(pid: number): number | undefined {
  const status = read(`/proc/${pid}/stat`)
  return status === '' ? undefined : Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1])
}

function commandOf(pid: number): string[] {
  return read(`/proc/${pid}/cmdline`).split('\0')
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
