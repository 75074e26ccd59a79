/** The days of a started system: its programs' clocks are behind the machine's and are moved on, a day at a time. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processesBelow } from '@stockline/test-kit/load/processes'
import type { System } from '@stockline/test-kit/load/system'

const hourMs = 60 * 60 * 1000
const dayMs = 24 * hourMs
const preload = `--require=${join(import.meta.dirname, 'calendar.cjs')}`
/** A program doubts a clock that jumps for a twentieth of the time that it has believed it, at most a minute: `steadyClock`. */
const doubtShare = 20
const longestDoubtMs = 60_000

/** The days that pass in a run. */
export interface Calendar {
  /** What the programs of the system are started with. */
  readonly environment: Readonly<Record<string, string>>
  /** `YYYY-MM-DD`, by the clock of the programs. */
  today(): string
  /** Moves the clock of all programs on by a day; resolves once every service goes by it. Nobody may be at work meanwhile. */
  pass(system: System): Promise<void>
}

/** @param days so many can pass: then the clock has reached the machine's day, at three in the morning */
export function calendarOf(days: number): Calendar {
  // No midnight comes by itself within 21 hours. Messages are not dated ahead of Kafka's clock: it would refuse them.
  const sinceThree = (Date.now() - 3 * hourMs) % dayMs
  let behindMs = days * dayMs + sinceThree
  let believedSince = performance.now()
  return {
    environment: { NODE_OPTIONS: preload, CLOCK_BEHIND_MS: String(behindMs) },
    today: () => calendarDay(Date.now() - behindMs),
    pass: async (system) => {
      if (behindMs < dayMs) throw new Error(`Only ${String(days)} days can pass.`)
      behindMs -= dayMs
      for (const { name, pid } of processesBelow(system.pid)) if (name !== 'postgres') tellOfDay(pid)
      const doubtMs = Math.min(longestDoubtMs, (performance.now() - believedSince) / doubtShare)
      believedSince = performance.now()
      for (let isHealthy = false; !isHealthy || performance.now() - believedSince < doubtMs + 2_000;) {
        await sleep(200)
        isHealthy = await takesNewTokens(system)
        if (performance.now() - believedSince > 2 * longestDoubtMs) throw new Error('The new day is not taken.')
      }
    },
  }
}

/** A program that has ended since it was listed, as a helper of PostgreSQL does, has no clock any more. */
function tellOfDay(pid: number): void {
  try {
    process.kill(pid, 'SIGUSR2')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** A date so many days after another; before it where negative. */
export function daysAfter(date: string, days: number): string {
  return calendarDay(Date.parse(date) + days * dayMs)
}

/** `YYYY-MM-DD` by UTC, as the demo's company has it. */
export const calendarDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** Each service is asked, so that each looks at its clock. */
async function takesNewTokens(system: System): Promise<boolean> {
  system.forgetTokens()
  try {
    const manager = await system.login('manager')
    const paths = ['/identity/v1/users/me', '/stock/v1/locations?limit=1', '/picking/v1/receipts?limit=1']
    const answers = await Promise.all(
      [...paths, '/valuation/v1/journal-entries?limit=1'].map((path) => manager.get(path)),
    )
    return answers.every(({ status }) => status === 200)
  } catch {
    return false
  }
}
