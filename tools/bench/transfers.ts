/**
 * (f) Transfers, which are posted twice, against receipts with many clients; and relocations against receipts with one. Alternating on one
 * system, since what counts is the ratio within the same run.
 */
import type { KafkaServer } from '@stockline/test-kit'
import { walkReceipt, walkRelocation, walkTransfer } from '@stockline/test-kit/load/documents'
import { makeProducts, stockUp, tenLines } from '@stockline/test-kit/load/goods'
import { load, type LoadResult } from '@stockline/test-kit/load/load'
import { startSystem, type System } from '@stockline/test-kit/load/system'
import { type Counter, countStatements } from './compare.counters.ts'
import { middleOf, type Ratio, ratioOf } from './compare.statistics.ts'
import { brokerPids, say, systemCpuMs } from './report.ts'

const productCount = 200
/** Before each counted round, not counted. */
const leadInSeconds = 1

const walks = { receipts: walkReceipt, transfers: walkTransfer, relocations: walkRelocation }
type Walked = keyof typeof walks

/** One counted round. */
interface Round extends LoadResult {
  readonly walked: Walked
  /** Per document. Of one system alone: there is no other to compare with. */
  readonly statements: number
  readonly cpuMs: number
}

/** What the rounds came to. `errors` are documents that failed: with any, the figures are worth nothing. */
export interface TransferFigures {
  readonly rounds: readonly Round[]
  readonly transfersToReceipts: Ratio | undefined
  readonly relocationToReceipt: Ratio | undefined
  /** A line a ratio. */
  readonly summary: readonly string[]
  readonly errors: readonly string[]
}

/** Measures on a system of its own. */
export async function transfers(options: {
  readonly kafka: KafkaServer | undefined
  readonly clients: number
  readonly seconds: number
  readonly pairs: number
  /** Documents of each kind that are handled before anything is counted. */
  readonly warmUpDocuments: number
}): Promise<TransferFigures> {
  const system = await startSystem(options.kafka === undefined ? {} : { brokers: options.kafka.brokers })
  let counter: Counter | undefined
  try {
    counter = await countStatements(system)
    const products = await makeProducts(system, productCount, 'bench')
    await stockUp(system, products, '1000000')
    const run = walker(system, options.kafka, products)
    const warm = { clients: options.clients, seconds: 240, maxDocuments: options.warmUpDocuments }
    for (const walked of ['receipts', 'transfers', 'relocations'] as const) await run(walked, warm)
    const measured: Round[] = []
    const series = [
      ['transfers', options.clients],
      ['relocations', 1],
    ] as const
    for (const [walked, clients] of series)
      for (let pair = 0; pair < options.pairs; pair++) {
        const both: readonly Walked[] = pair % 2 === 0 ? ['receipts', walked] : [walked, 'receipts']
        for (const one of both) measured.push(await measureRound(run, counter, one, clients, options.seconds))
      }
    return told(system, options.clients, measured)
  } finally {
    await counter?.close()
    await system.stop()
    await system.remove()
  }
}

type Run = (
  walked: Walked,
  how: { readonly clients: number; readonly seconds: number; readonly maxDocuments?: number },
) => Promise<LoadResult>

function walker(system: System, kafka: KafkaServer | undefined, products: readonly string[]): Run {
  let documents = 0
  return async (walked, { clients, seconds, maxDocuments = Infinity }) => {
    const first = documents
    const result = await load({
      ...{ system, clients, seconds, maxDocuments },
      otherPids: brokerPids(kafka),
      linesFor: (client, document) => tenLines(products, first * 10 + client * 7919 + document * 10),
      walk: walks[walked],
    })
    documents += Math.ceil(result.documents / clients)
    return result
  }
}

async function measureRound(
  run: Run,
  counter: Counter,
  walked: Walked,
  clients: number,
  seconds: number,
): Promise<Round> {
  const before = await run(walked, { clients, seconds: leadInSeconds })
  const read = await counter.begin()
  const result = await run(walked, { clients, seconds })
  const { statements } = await read()
  return {
    ...result,
    walked,
    errors: [...before.errors, ...result.errors],
    statements: statements / Math.max(1, result.documents),
    cpuMs: systemCpuMs(result),
  }
}

function told({ bus }: System, clients: number, rounds: readonly Round[]): TransferFigures {
  const of = (walked: Walked, many: number) =>
    rounds.filter((round) => round.walked === walked && round.clients === many)
  const ratio = (walked: Walked, many: number, figure: (round: Round) => number): Ratio | undefined =>
    ratioOf(
      of(walked, many).flatMap((own, pair) => {
        const other = of('receipts', many)[pair]
        return other === undefined ? [] : [{ own: figure(own), other: figure(other) }]
      }),
    )
  const middle = (walked: Walked, many: number, figure: (round: Round) => number) =>
    middleOf(of(walked, many).map(figure))
  const perSecond = (round: Round) => round.perSecond
  const p50 = (round: Round) => round.posted.p50
  for (const [walked, many] of [
    ['receipts', clients],
    ['transfers', clients],
    ['receipts', 1],
    ['relocations', 1],
  ] as const)
    say(
      `${walked}, ${String(many)} clients, ${bus} bus`,
      `${middle(walked, many, perSecond).toFixed(1)}/s; validate to posted p50 ${middle(walked, many, p50).toFixed(1)} ms; ` +
        `a document: CPU ${middle(walked, many, (round) => round.cpuMs).toFixed(1)} ms, ` +
        `${middle(walked, many, (round) => round.statements).toFixed(1)} statements`,
    )
  const transfersToReceipts = ratio('transfers', clients, perSecond)
  const relocationToReceipt = ratio('relocations', 1, p50)
  const line = (what: string, walked: Walked, many: number, figure: (round: Round) => number, unit: string) =>
    `${what}, ${bus} bus: ${middle(walked, many, figure).toFixed(1)} ${unit} against ${middle('receipts', many, figure).toFixed(1)}`
  const errors = rounds.flatMap((round) => round.errors)
  if (errors.length > 0) console.log(`${String(errors.length)} DOCUMENTS FAILED, the first: ${errors[0] ?? ''}`)
  return {
    rounds,
    transfersToReceipts,
    relocationToReceipt,
    summary: [
      `${line('transfers to receipts', 'transfers', clients, perSecond, '/s')}, ${said(transfersToReceipts)}`,
      `${line('relocation to receipt, p50 until posted', 'relocations', 1, p50, 'ms')}, ${said(relocationToReceipt)}`,
    ],
    errors,
  }
}

function said(ratio: Ratio | undefined): string {
  if (ratio === undefined) return 'ratio untold'
  return `90 % ${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)}, ratio ${ratio.median.toFixed(3)}`
}
