/** Options of `pnpm bench`, read strictly: an unknown or malformed one is an error that says what is possible. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'

/** Something wrong with the options: shown as a sentence with the usage. */
export class UsageError extends Error {}

export const usage = `pnpm bench [--part ledger,path,hot,transfers,growth] [--bus embedded,kafka] [--clients 1,4,16] [--seconds 8] [--rounds 3] [--json FILE]
pnpm bench --against PATH|REV [--quick] [--pairs 9] [--seconds 8] [--clients 8] [--warm-up 2500] [--json FILE]

  --part      what is measured of this checkout
  --bus       on which bus
  --clients   how many at once; with --against one number
  --seconds   how long a round is
  --rounds    how many rounds a figure is the median of
  --against   compares this checkout with another one: a folder with an installed checkout, or a git revision, which
              is laid out under .cache/ and installed there; then transfers of this checkout against its receipts
  --quick     ends within ten minutes: shorter rounds, as much warm-up and as many pairs as fit, no transfers
  --pairs     pairs of rounds, at least 3
  --warm-up   documents of each kind that each checkout handles before anything is counted
  --json      where all figures are written, .data/bench.json`

const partNames = ['ledger', 'path', 'hot', 'transfers', 'growth'] as const
/** The buses. */
export const busNames = ['embedded', 'kafka'] as const

/** Figures of this checkout alone. */
export interface MeasureOptions {
  readonly kind: 'measure'
  readonly parts: readonly (typeof partNames)[number][]
  readonly buses: readonly (typeof busNames)[number][]
  readonly clients: readonly number[]
  readonly seconds: number
  readonly rounds: number
  readonly json: string
}

/** This checkout against another one. */
export interface CompareOptions {
  readonly kind: 'compare'
  /** A folder or a git revision. */
  readonly against: string
  readonly pairs: number
  /** Length of a counted round. */
  readonly seconds: number
  readonly clients: number
  /** Documents of each kind that each checkout handles before anything is counted. */
  readonly warmUpDocuments: number
  /** All of it ends within so many seconds; undefined: it takes as long as it takes. */
  readonly budgetSeconds: number | undefined
  readonly json: string
}

/** `help` when only the usage is wanted. */
export type BenchOptions = MeasureOptions | CompareOptions | { readonly kind: 'help' }

const known = {
  help: { type: 'boolean', short: 'h' },
  part: { type: 'string' },
  bus: { type: 'string' },
  clients: { type: 'string' },
  seconds: { type: 'string' },
  rounds: { type: 'string' },
  json: { type: 'string' },
  against: { type: 'string' },
  quick: { type: 'boolean' },
  pairs: { type: 'string' },
  'warm-up': { type: 'string' },
} as const

type Given = ReturnType<typeof parseArgs<{ options: typeof known }>>['values']

/**
 * Reads the command line.
 *
 * @throws UsageError naming the option, what it was and what is possible
 */
export function readOptions(args: readonly string[], folder: string): BenchOptions {
  const given = parsed(args)
  if (given.help === true) return { kind: 'help' }
  const json = given.json ?? join(folder, '.data/bench.json')
  if (json === '') throw new UsageError('--json needs the name of a file.')
  return given.against === undefined ? measureOptions(given, json) : compareOptions(given, given.against, json)
}

function parsed(args: readonly string[]): Given {
  const names = args.filter((word) => word.startsWith('--')).map((word) => word.slice(2).split('=')[0] ?? '')
  const repeated = names.find((name, index) => name !== '' && names.indexOf(name) !== index)
  if (repeated !== undefined) throw new UsageError(`--${repeated} is given twice.`)
  try {
    return parseArgs({ args: [...args], options: known, strict: true, allowPositionals: false }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function measureOptions(given: Given, json: string): MeasureOptions {
  refuse(given, ['quick', 'pairs', 'warm-up'], 'belongs to --against')
  return {
    kind: 'measure',
    parts: namesIn('part', given.part, partNames, partNames),
    buses: namesIn('bus', given.bus, busNames, busNames),
    clients: (given.clients ?? '1,4,16').split(',').map((text) => wholeNumber('clients', text, 1, 256)),
    seconds: wholeNumber('seconds', given.seconds ?? '8', 1, 600),
    rounds: wholeNumber('rounds', given.rounds ?? '3', 1, 99),
    json,
  }
}

/** Of ten minutes these are left to stop both systems, and to be late. */
const quickSeconds = 570

function compareOptions(given: Given, against: string, json: string): CompareOptions {
  refuse(given, ['part', 'bus', 'rounds'], 'cannot be given with --against, which compares receipts and deliveries')
  const quick = given.quick === true
  if (against === '') throw new UsageError('--against needs a folder or a git revision.')
  return {
    kind: 'compare',
    against,
    pairs: wholeNumber('pairs', given.pairs ?? '9', 3, 999),
    seconds: wholeNumber('seconds', given.seconds ?? (quick ? '4' : '8'), 1, 600),
    clients: wholeNumber('clients', given.clients ?? '8', 1, 256),
    warmUpDocuments: wholeNumber('warm-up', given['warm-up'] ?? '2500', 0, 1_000_000),
    budgetSeconds: quick ? quickSeconds : undefined,
    json,
  }
}

function refuse(given: Given, names: readonly (keyof Given)[], why: string): void {
  const found = names.find((name) => given[name] !== undefined)
  if (found !== undefined) throw new UsageError(`--${found} ${why}.`)
}

function namesIn<Name extends string>(
  option: string,
  text: string | undefined,
  possible: readonly Name[],
  otherwise: readonly Name[],
): readonly Name[] {
  if (text === undefined) return otherwise
  return text.split(',').map((word) => {
    const found = possible.find((name) => name === word)
    if (found === undefined)
      throw new UsageError(`--${option} is of ${possible.join(', ')}; "${word}" is none of them.`)
    return found
  })
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most))
    throw new UsageError(`--${option} is a whole number from ${least} to ${most}; it is "${text}".`)
  return value
}
