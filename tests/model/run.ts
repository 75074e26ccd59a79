/** Runs operations drawn by a seed against the system, each followed by a comparison with the model. */
import type { System } from '@stockline/test-kit/load/system'
import { withDatabases, type Databases } from '../../tools/invariants/databases.ts'
import { choiceFrom } from '../fuzz/choice.ts'
import { adjust, changeStatus, count, scrap } from './correcting.ts'
import { calendarDay, type Calendar } from './calendar.ts'
import { holdLot } from './lots.ts'
import { loseWithheld, sum } from './model.ts'
import { arrive, relocate, transfer } from './moving.ts'
import { receive } from './receiving.ts'
import { cancel, order, release, ship } from './shipping.ts'
import { newWorker, settle, type Worker } from './worker.ts'

/** An operation, and how often it is drawn. */
interface Operation {
  readonly name: string
  readonly weight: number
  readonly run: (worker: Worker) => Promise<void>
}

const operations: readonly Operation[] = [
  { name: 'receive', weight: 6, run: receive },
  { name: 'order', weight: 6, run: order },
  { name: 'ship', weight: 4, run: ship },
  { name: 'cancel', weight: 1, run: cancel },
  { name: 'release', weight: 2, run: release },
  { name: 'hold lot', weight: 2, run: holdLot },
  { name: 'relocate', weight: 2, run: relocate },
  { name: 'transfer', weight: 2, run: transfer },
  { name: 'arrive', weight: 2, run: arrive },
  { name: 'adjust', weight: 2, run: adjust },
  { name: 'change status', weight: 2, run: changeStatus },
  { name: 'scrap', weight: 1, run: scrap },
  { name: 'count', weight: 1, run: count },
]

export interface RunOptions {
  readonly system: System
  readonly operations: number
  readonly seed: number
  /** Workers at once, each with products of its own. */
  readonly workers: number
  /** A day passes after so many operations, by the clock that the system was started with. None passes without it. */
  readonly days?: { readonly every: number; readonly calendar: Calendar }
  readonly say?: (line: string) => void
}

/** What came out. */
export interface RunReport {
  /** Done, by name of the operation. */
  readonly done: Readonly<Record<string, number>>
  /** Days that have passed. */
  readonly days: number
  /** Deliveries that lost what expired by itself then. */
  readonly expired: number
  readonly differences: readonly string[]
}

/** All that a run keeps. */
interface Run extends RunOptions {
  readonly done: Record<string, number>
  readonly differences: string[]
  begun: number
  daysPassed: number
  expired: number
}

const drawn = operations.flatMap((operation) => Array.from({ length: operation.weight }, () => operation))
/** The system looks twice a minute for what has expired. */
const expiryWithinMs = 90_000

/** Runs them. It ends at the first difference; what differs is in the report, nothing is thrown for it. */
export function runModel(options: RunOptions): Promise<RunReport> {
  return withDatabases(options.system.dataFolder, (databases) => runWith(databases, options))
}

async function runWith(databases: Databases, options: RunOptions): Promise<RunReport> {
  const { system, operations: total, seed, days } = options
  const run: Run = { ...options, done: {}, differences: [], begun: 0, daysPassed: 0, expired: 0 }
  const today = days?.calendar.today() ?? calendarDay(Date.now())
  const workers = await Promise.all(
    Array.from({ length: options.workers }, (_, index) => {
      const [choice, name] = [choiceFrom(seed * 1_000 + index + 1), `M${String(seed)}-${String(index + 1)}`]
      return newWorker({ system, databases }, choice, name, today)
    }),
  )
  while (run.begun < total && agrees(run)) {
    const until = Math.min(total, run.begun + (days?.every ?? total))
    await Promise.all(workers.map((worker) => work(run, worker, until)))
    if (days !== undefined && agrees(run)) await passDay(run, days.calendar, workers)
  }
  return { done: run.done, days: run.daysPassed, expired: run.expired, differences: run.differences }
}

const agrees = ({ differences }: Run): boolean => differences.length === 0

/** One worker's operations, until so many are begun by all together. */
async function work(run: Run, worker: Worker, until: number): Promise<void> {
  while (run.begun < until && agrees(run)) {
    const number = ++run.begun
    const operation = worker.choice.of(drawn)
    await judged(run, operation.name, () => operation.run(worker))
    run.done[operation.name] = (run.done[operation.name] ?? 0) + 1
    if (number % 500 === 0) run.say?.(`${String(number)} of ${String(run.operations)}: ${JSON.stringify(run.done)}`)
  }
}

/** A day passes, and nobody does anything: what has expired is withdrawn, and its deliveries choose again. */
async function passDay(run: Run, calendar: Calendar, workers: readonly Worker[]): Promise<void> {
  await calendar.pass(run.system)
  run.daysPassed += 1
  const nights = workers.map((worker) => {
    worker.model.today = calendar.today()
    return { worker, losing: loseWithheld(worker.model) }
  })
  run.expired += sum(nights.map(({ losing }) => losing.size))
  await Promise.all(
    nights.map(({ worker, losing }) =>
      judged(run, 'a day', () => settle(worker, `the change of day to ${worker.model.today}`, losing, expiryWithinMs)),
    ),
  )
}

async function judged(run: Run, name: string, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    run.differences.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
