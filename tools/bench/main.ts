/**
 * `pnpm bench`: what the system does on this machine, measured in one run. Prints ratios and figures and writes them as
 * JSON. Machines are noisy: each figure is the median of several rounds, and what is compared is measured alternating.
 * `--against` compares this checkout with another one. `--help` lists the options.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { type KafkaServer, startKafka } from '@stockline/test-kit'
import { compare } from './compare.ts'
import { growth } from './growth.ts'
import { hotProduct } from './hot-product.ts'
import { ledger } from './ledger.ts'
import {
  type BenchOptions,
  busNames,
  type CompareOptions,
  type MeasureOptions,
  readOptions,
  usage,
  UsageError,
} from './options.ts'
import { transfers, type TransferFigures } from './transfers.ts'
import { wholePath } from './whole-path.ts'

const root = join(import.meta.dirname, '../..')
/** Documents of each kind before anything of transfers is counted, where no other number is given. */
const transferWarmUp = 500

try {
  await run(readOptions(process.argv.slice(2), root))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n\n${usage}\n`)
  process.exitCode = 2
}

async function run(options: BenchOptions): Promise<void> {
  if (options.kind === 'help') {
    console.log(usage)
    return
  }
  const about = {
    measuredAt: new Date().toISOString(),
    machine: { cores: cpus().length, model: cpus()[0]?.model ?? 'unknown', node: process.version },
  }
  if (options.kind === 'measure') {
    write(options.json, { ...about, ...(await measure(options)) })
    console.log(`\nAll figures: ${options.json}`)
    return
  }
  const compared = await compare(options, root)
  write(options.json, { ...about, comparison: compared.figures })
  const inside = options.budgetSeconds === undefined ? await transfersOnBoth(options) : []
  for (const line of [...inside.flatMap(({ summary }) => summary), ...compared.summary]) console.log(line)
  const moved = Object.fromEntries(busNames.map((bus, index) => [`transfers on ${bus}`, inside[index]]))
  write(options.json, { ...about, comparison: compared.figures, ...moved })
  if ([compared, ...inside].some(({ errors }) => errors.length > 0)) process.exitCode = 1
}

/** Transfers and relocations of this checkout, on one bus after the other. */
async function transfersOnBoth(options: CompareOptions): Promise<readonly TransferFigures[]> {
  const { clients, seconds, pairs, warmUpDocuments } = options
  const found: TransferFigures[] = []
  for (const bus of busNames)
    await onBus(bus, async (kafka) => {
      found.push(await transfers({ kafka, clients, seconds, pairs, warmUpDocuments }))
    })
  return found
}

async function onBus(
  bus: (typeof busNames)[number],
  work: (kafka: KafkaServer | undefined) => Promise<void>,
): Promise<void> {
  const kafka = bus === 'kafka' ? await startKafka() : undefined
  try {
    await work(kafka)
  } finally {
    await kafka?.stop()
  }
}

async function measure({ parts, buses, clients, seconds, rounds }: MeasureOptions): Promise<Record<string, unknown>> {
  const figures: Record<string, unknown> = {}
  if (parts.includes('ledger')) figures['ledger'] = await ledger(rounds)
  const onBuses = (['path', 'hot', 'transfers'] as const).some((part) => parts.includes(part))
  for (const bus of onBuses ? buses : [])
    await onBus(bus, async (kafka) => {
      if (parts.includes('path')) figures[`path on ${bus}`] = await wholePath({ kafka, clients, seconds, rounds })
      if (parts.includes('hot')) figures[`hot product on ${bus}`] = await hotProduct({ kafka, seconds, rounds })
      if (!parts.includes('transfers')) return
      const many = { clients: Math.max(...clients), pairs: rounds, warmUpDocuments: transferWarmUp }
      const moved = await transfers({ kafka, seconds, ...many })
      for (const line of moved.summary) console.log(line)
      figures[`transfers on ${bus}`] = moved
    })
  if (parts.includes('growth')) figures['growth'] = await growth({ seconds, rounds })
  return figures
}

function write(file: string, figures: unknown): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`)
}
