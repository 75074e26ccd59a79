/** Runs operations drawn by a seed against the system, each followed by a comparison with the model. */
import type { System } from '@stockline/test-kit/load/system'
import { choiceFrom } from '../fuzz/choice.ts'
import { adjust, changeStatus, count, scrap } from './correcting.ts'
import { holdLot } from './lots.ts'
import { arrive, relocate, transfer } from './moving.ts'
import { receive } from './receiving.ts'
import { cancel, order, release, ship } from './shipping.ts'
import { newWorker, type Worker } from './worker.ts'

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
  readonly say?: (line: string) => void
}

/** What came out. */
export interface RunReport {
  /** Done, by name of the operation. */
  readonly done: Readonly<Record<string, number>>
  readonly differences: readonly string[]
}

/** Runs them. A worker ends at its first difference; what differs is in the report, nothing is thrown for it. */
export async function runModel({ system, operations: total, seed, workers, say }: RunOptions): Promise<RunReport> {
  const drawn = operations.flatMap((operation) => Array.from({ length: operation.weight }, () => operation))
  const done: Record<string, number> = {}
  const differences: string[] = []
  let begun = 0
  const work = async (index: number): Promise<void> => {
    const choice = choiceFrom(seed * 1_000 + index)
    const worker = await newWorker(system, choice, `M${String(seed)}-${String(index)}`)
    while (begun < total) {
      const number = ++begun
      const operation = choice.of(drawn)
      try {
        await operation.run(worker)
      } catch (error) {
        differences.push(`${operation.name}: ${error instanceof Error ? error.message : String(error)}`)
        return
      }
      done[operation.name] = (done[operation.name] ?? 0) + 1
      if (number % 500 === 0) say?.(`${String(number)} of ${String(total)}: ${JSON.stringify(done)}`)
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, index) => work(index + 1)))
  return { done, differences }
}
