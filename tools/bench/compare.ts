/**
 * `pnpm bench --against`: this checkout against another one, in one run.
 *
 * Both systems stay up for the whole run, since a service needs minutes of load until its code is compiled; but only
 * the one that is measured runs. The other is stopped by signal, with its PostgreSQL: what an idle system does (polls,
 * pings, checkpoints) would be charged to the one that works, and differs between checkouts. A system that goes on is
 * not measured before it is ready and has handled documents for a moment.
 */
import { servesTransfers, walkDelivery, walkReceipt, walkTransfer } from '@stockline/test-kit/load/documents'
import { makeProducts, stockUp, tenLines } from '@stockline/test-kit/load/goods'
import { load, type LoadResult } from '@stockline/test-kit/load/load'
import { pauseSystem, resumeSystem } from '@stockline/test-kit/load/pause'
import { startSystem, type System } from '@stockline/test-kit/load/system'
import { until } from '@stockline/test-kit'
import { type Checkout, checkoutOf } from './checkout.ts'
import { type Counter, type Counts, countStatements } from './compare.counters.ts'
import { hasTimeForPair, mainPaths, type Path, type Round, roundsOf, type Side, warmUpSeconds } from './compare.plan.ts'
import { lastLine, type Measured, reportOf } from './compare.report.ts'
import type { CompareOptions } from './options.ts'
import { systemCpuMs } from './report.ts'

const productCount = 200
/** A warm-up goes in parts, so that tokens are renewed and progress is reported. */
const partDocuments = 500
/** Before each counted round, not counted. */
const leadInSeconds = 1
/** A first start makes databases; the machine may be busy. */
const readyMs = 240_000

const walks = { receipts: walkReceipt, deliveries: walkDelivery, transfers: walkTransfer }

/** One of the two, running or stopped. */
interface Running {
  readonly checkout: Checkout
  readonly system: System
  readonly counter: Counter
  readonly products: readonly string[]
  /** Does it serve transfers? */
  readonly transfers: boolean
  /** Lines differ from document to document, the same way on both sides. */
  documents: number
}

type Both = Readonly<Record<Side, Running>>

/** Warm-up and documents that failed, of what both sides serve. */
type Warm = Record<Side, Partial<Record<Path, number>>>

/**
 * Runs the comparison and prints it.
 *
 * @returns all that was measured, a line for each path, and the documents that failed: with any, the figures are worth nothing
 */
export async function compare(
  options: CompareOptions,
  root: string,
): Promise<{ readonly figures: unknown; readonly summary: readonly string[]; readonly errors: readonly string[] }> {
  const end = performance.now() + (options.budgetSeconds ?? Infinity) * 1000
  const secondsLeft = (): number => (end - performance.now()) / 1000
  const other = checkoutOf(options.against, root, process.env['INIT_CWD'] ?? process.cwd())
  const own = { root, name: 'this checkout' }
  const running: Running[] = []
  const release = endWithUs(running)
  try {
    for (const checkout of [other, own]) {
      running.push(await startOf(checkout))
      // The last one is asleep as well until its turn comes.
      pauseSystem(running.at(-1)?.system.pid ?? 0)
    }
    const [first, second] = running
    if (first === undefined || second === undefined) throw new Error('not both are running')
    const both: Both = { other: first, own: second }
    const paths: readonly Path[] = first.transfers && second.transfers ? [...mainPaths, 'transfers'] : mainPaths
    const warm = await warmUp(both, paths, options, secondsLeft)
    const { measured, errors } = await measure(both, paths, options, secondsLeft)
    for (const line of reportOf(measured, { own: own.name, other: other.name, clients: options.clients, warm }))
      console.log(line)
    if (errors.length > 0) console.log(`${String(errors.length)} DOCUMENTS FAILED, the first: ${errors[0] ?? ''}`)
    // What every revision serves comes last.
    const summary = paths.toSorted((a, b) => Number(mainPaths.includes(a)) - Number(mainPaths.includes(b)))
    return {
      figures: { against: other.name, warm, measured, errors },
      summary: summary.map((path) => lastLine(measured, path)),
      errors,
    }
  } finally {
    await Promise.all(running.map((one) => endOf(one)))
    release()
  }
}

async function startOf(checkout: Checkout): Promise<Running> {
  console.log(`starting ${checkout.name} …`)
  const system = await startSystem({ root: checkout.root, readyMs })
  try {
    const counter = await countStatements(system)
    const products = await makeProducts(system, productCount, 'bench')
    await stockUp(system, products, '1000000')
    const transfers = await servesTransfers(await system.login('manager'))
    return { checkout, system, counter, products, transfers, documents: 0 }
  } catch (error) {
    await system.stop()
    throw error
  }
}

async function endOf(one: Running): Promise<void> {
  resumeSystem(one.system.pid)
  await one.counter.close()
  await one.system.stop()
  await one.system.remove()
}

/** However this process ends, a stopped system must not stay behind. Returns how to take that back. */
function endWithUs(running: readonly Running[]): () => void {
  const end = (): void => {
    for (const { system } of running) {
      resumeSystem(system.pid)
      process.kill(system.pid, 'SIGTERM')
    }
  }
  const exit = (): void => process.exit(130)
  process.once('exit', end)
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, exit)
  return () => {
    process.off('exit', end)
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, exit)
  }
}

/** Lets one side run, and waits until it is ready. */
async function wake(one: Running): Promise<void> {
  resumeSystem(one.system.pid)
  await until(
    `${one.checkout.name} to go on`,
    async () => (await fetch(`${one.system.origin}/health/ready`).catch(() => undefined))?.ok,
    60_000,
  )
}

/** Both handle documents until their code is compiled. Returns how many of each kind each has handled. */
async function warmUp(
  both: Both,
  paths: readonly Path[],
  options: CompareOptions,
  secondsLeft: () => number,
): Promise<Warm> {
  const seconds = warmUpSeconds(secondsLeft(), paths.length)
  const warm: Warm = { other: {}, own: {} }
  for (const side of ['other', 'own'] as const) {
    const one = both[side]
    await wake(one)
    for (const path of paths) {
      const end = performance.now() + seconds * 1000
      let documents = 0
      while (documents < options.warmUpDocuments && performance.now() < end) {
        const most = Math.min(partDocuments, options.warmUpDocuments - documents)
        const left = Math.min(240, (end - performance.now()) / 1000)
        const result = await loadOn(one, path, options.clients, Math.max(0.1, left), most)
        if (result.documents === 0) throw new Error(`no document gets through: ${result.errors[0] ?? ''}`)
        documents += result.documents
      }
      warm[side][path] = documents
      console.log(`${one.checkout.name}: warmed up by ${String(documents)} ${path}`)
    }
    pauseSystem(one.system.pid)
  }
  return warm
}

async function measure(
  both: Both,
  paths: readonly Path[],
  options: CompareOptions,
  secondsLeft: () => number,
): Promise<{ measured: Measured[]; errors: string[] }> {
  const measured: Measured[] = []
  const errors: string[] = []
  let awake: Side | undefined
  let longest = 0
  for (let pair = 0; pair < options.pairs && hasTimeForPair(pair, secondsLeft(), longest); pair++) {
    const began = performance.now()
    for (const round of roundsOf(pair, paths)) {
      if (awake !== round.side) {
        if (awake !== undefined) pauseSystem(both[awake].system.pid)
        awake = round.side
        await wake(both[awake])
      }
      const found = await measureRound(both[round.side], round, options)
      measured.push(found.measured)
      errors.push(...found.errors)
    }
    longest = Math.max(longest, (performance.now() - began) / 1000)
    console.log(`pair ${String(pair + 1)}: ${shortly(paths, measured, pair)}`)
  }
  return { measured, errors }
}

async function measureRound(
  one: Running,
  round: Round,
  options: CompareOptions,
): Promise<{ measured: Measured; errors: readonly string[] }> {
  const before = await loadOn(one, round.path, options.clients, leadInSeconds)
  const read = await one.counter.begin()
  const result = await loadOn(one, round.path, options.clients, options.seconds)
  const counts = await read()
  return { measured: { ...round, ...figuresOf(result, counts) }, errors: [...before.errors, ...result.errors] }
}

function figuresOf(result: LoadResult, counts: Counts): Omit<Measured, keyof Round> {
  const each = (count: number): number => count / Math.max(1, result.documents)
  return {
    documents: result.documents,
    perSecond: result.documents / result.seconds,
    cpuMs: systemCpuMs(result),
    cpuMsByProcess: result.cpuMsPerDocument,
    walBytes: each(counts.wal),
    walRecordBytes: each(counts.wal - counts.walImages),
    statements: each(counts.statements),
    batches: counts.batches === undefined ? undefined : each(counts.batches),
  }
}

async function loadOn(
  one: Running,
  path: Path,
  clients: number,
  seconds: number,
  maxDocuments = Infinity,
): Promise<LoadResult> {
  const first = one.documents
  const result = await load({
    system: one.system,
    clients,
    seconds,
    maxDocuments,
    linesFor: (client, document) => tenLines(one.products, first * 10 + client * 7919 + document * 10),
    walk: walks[path],
  })
  one.documents += Math.ceil(result.documents / clients)
  return result
}

function shortly(paths: readonly Path[], measured: readonly Measured[], pair: number): string {
  return paths
    .map((path) => {
      const rateOf = (side: Side): string =>
        (measured.find((one) => one.pair === pair && one.path === path && one.side === side)?.perSecond ?? 0).toFixed(1)
      return `${rateOf('own')} ${path}/s against ${rateOf('other')}`
    })
    .join(', ')
}
