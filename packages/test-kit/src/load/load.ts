/** Bounded load: so many clients, for so long, each one document after the other. */
import { useOf } from './processes.ts'
import type { System } from './system.ts'
import type { OrderLine, Walk, Walkers } from './documents.ts'

export interface LoadResult {
  readonly clients: number
  readonly documents: number
  readonly seconds: number
  readonly perSecond: number
  readonly errors: readonly string[]
  /** Validate until the ledger has answered; and until the journal entry is seen. Milliseconds. */
  readonly posted: Percentiles
  readonly valued: Percentiles
  readonly whole: Percentiles
  /** CPU milliseconds per document, by process; `load` is this one. */
  readonly cpuMsPerDocument: Readonly<Record<string, number>>
}

export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** Signs the three walkers in. Tokens live five minutes: a run is shorter. */
async function walkersOf(system: System): Promise<Walkers> {
  const [erp, harness, books] = await Promise.all([system.erp(), system.login('manager'), system.login('supervisor')])
  return { erp, harness, books }
}

let runs = 0

/**
 * @param options.linesFor lines of the n-th document of a client
 * @param options.walk the path to walk: receipt or delivery
 */
export async function load(options: {
  readonly system: System
  readonly otherPids?: readonly number[]
  readonly clients: number
  readonly seconds: number
  readonly maxDocuments?: number
  readonly linesFor: (client: number, document: number) => readonly OrderLine[]
  readonly walk: (walkers: Walkers, orderNumber: string, lines: readonly OrderLine[]) => Promise<Walk>
}): Promise<LoadResult> {
  const walkers = await walkersOf(options.system)
  const run = `L${Date.now().toString(36)}-${String(runs++)}`
  const roots = [options.system.pid, ...(options.otherPids ?? [])]
  const walks: Walk[] = []
  const errors: string[] = []
  const before = new Map(useOf(roots).map((use) => [use.name, use.cpuMs]))
  const ownBefore = process.cpuUsage()
  const started = performance.now()
  const end = started + options.seconds * 1000
  let taken = 0
  const oneClient = async (client: number): Promise<void> => {
    for (let document = 0; performance.now() < end && taken < (options.maxDocuments ?? Infinity); document++) {
      taken++
      try {
        walks.push(
          await options.walk(
            walkers,
            `${run}-${String(client)}-${String(document)}`,
            options.linesFor(client, document),
          ),
        )
      } catch (error) {
        errors.push(error instanceof Error ? error.message : String(error))
        if (errors.length > 100) return
      }
    }
  }
  await Promise.all(Array.from({ length: options.clients }, (_, client) => oneClient(client)))
  const seconds = (performance.now() - started) / 1000
  const own = process.cpuUsage(ownBefore)
  const perDocument = (ms: number) => Math.round((ms / Math.max(1, walks.length)) * 100) / 100
  const cpu = useOf(roots).map((use) => [use.name, perDocument(use.cpuMs - (before.get(use.name) ?? 0))] as const)
  return {
    clients: options.clients,
    documents: walks.length,
    seconds: Math.round(seconds * 100) / 100,
    perSecond: Math.round((walks.length / seconds) * 10) / 10,
    errors,
    posted: percentiles(walks.map((walk) => walk.postedMs)),
    valued: percentiles(walks.map((walk) => walk.valuedMs)),
    whole: percentiles(walks.map((walk) => walk.wholeMs)),
    cpuMsPerDocument: Object.fromEntries([...cpu, ['load', perDocument((own.user + own.system) / 1000)]]),
  }
}

/** Nearest-rank percentiles, in whole milliseconds with one decimal. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => Math.round((sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0) * 10) / 10
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** The middle value; of an even number, the lower of the two. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0
}
