/** The report of a comparison: a table a path, and the last line of each. Pure. */
import type { Path, Round, Side } from './compare.plan.ts'
import { middleOf, type Pair, type Ratio, ratioOf } from './compare.statistics.ts'

/** What one counted round came to. All but documents and their rate are per document. */
export interface Measured extends Round {
  readonly documents: number
  readonly perSecond: number
  /** PostgreSQL, services and origin together; without the load generator. */
  readonly cpuMs: number
  /** The same by process (`picking`, `postgres` …), with the load generator as `load`: only in the JSON. */
  readonly cpuMsByProcess?: Readonly<Record<string, number>>
  readonly walBytes: number
  /** Without images of pages, which depend on when the last checkpoint was. */
  readonly walRecordBytes: number
  readonly statements: number
  readonly batches: number | undefined
}

type Figure = 'perSecond' | 'cpuMs' | 'walBytes' | 'walRecordBytes' | 'statements' | 'batches'

const figures: readonly (readonly [Figure, string, number])[] = [
  ['perSecond', 'documents/s', 1],
  ['cpuMs', 'CPU ms/document', 2],
  ['walBytes', 'WAL bytes/document', 0],
  ['walRecordBytes', '  without page images', 0],
  ['statements', 'statements/document', 2],
  ['batches', 'batches/document', 3],
]

/** What stands above the tables. */
export interface Circumstances {
  readonly own: string
  readonly other: string
  readonly clients: number
  /** Documents that each side had handled before it was measured. */
  readonly warm: Readonly<Record<Side, Readonly<Partial<Record<Path, number>>>>>
}

/** A table a path that was walked: medians of both sides, and the ratio own / other with its 90 % interval. */
export function reportOf(measured: readonly Measured[], circumstances: Circumstances): string[] {
  const { own, other, clients, warm } = circumstances
  const lines = [
    '',
    `${own} against ${other}: ${String(clients)} clients, documents of ten lines, embedded bus; ratio ${own} / ${other},`,
    'median over alternating pairs and its 90 % interval. CPU: PostgreSQL, services and origin.',
  ]
  for (const path of new Set(measured.map((one) => one.path))) {
    const warmed = `warmed up by ${String(warm.own[path] ?? 0)} and ${String(warm.other[path] ?? 0)}`
    lines.push('', `${path}, ${warmed}`.padEnd(44) + `${'this'.padStart(10)}${'other'.padStart(10)}   ratio`)
    for (const [figure, title, digits] of figures) {
      const pairs = pairsOf(measured, path, figure)
      const middle = (side: keyof Pair): string =>
        pairs.length === 0 ? 'untold' : middleOf(pairs.map((pair) => pair[side])).toFixed(digits)
      lines.push(
        `  ${title.padEnd(42)}${middle('own').padStart(10)}${middle('other').padStart(10)}   ${said(ratioOf(pairs))}`,
      )
    }
  }
  return [...lines, '']
}

function said(ratio: Ratio | undefined): string {
  if (ratio === undefined) return 'untold'
  return `${ratio.median.toFixed(3)} (${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)}, ${String(ratio.pairs)} pairs)`
}

/** `receipts/s 41.2 against 40.1, 90 % 1.004 to 1.051, ratio 1.027`. */
export function lastLine(measured: readonly Measured[], path: Path): string {
  const pairs = pairsOf(measured, path, 'perSecond')
  const ratio = ratioOf(pairs)
  const middle = (side: keyof Pair): string => middleOf(pairs.map((pair) => pair[side])).toFixed(1)
  const bound = ratio === undefined ? '' : ` 90 % ${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)},`
  return `${path}/s ${middle('own')} against ${middle('other')},${bound} ratio ${ratio?.median.toFixed(3) ?? 'untold'}`
}

/** Both sides of each pair that is whole, of one path and one figure. */
export function pairsOf(measured: readonly Measured[], path: Path, figure: Figure): Pair[] {
  const rounds = measured.filter((one) => one.path === path)
  return rounds
    .filter((one) => one.side === 'own')
    .flatMap((one) => {
      const own = one[figure]
      const other = rounds.find(({ side, pair }) => side === 'other' && pair === one.pair)?.[figure]
      return own === undefined || other === undefined ? [] : [{ own, other }]
    })
}
