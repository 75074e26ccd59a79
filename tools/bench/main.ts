/**
 * `pnpm bench`: what the system does on this machine, measured in one run. Prints ratios and figures and writes them as
 * JSON. Machines are noisy: each figure is the median of several rounds, and what is compared is measured alternating.
 * `--against` compares this checkout with another one. `--help` lists the options.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { startKafka } from '@stockline/test-kit'
import { compare } from './compare.ts'
import { growth } from './growth.ts'
import { hotProduct } from './hot-product.ts'
import { ledger } from './ledger.ts'
import { type BenchOptions, type MeasureOptions, readOptions, usage, UsageError } from './options.ts'
import { wholePath } from './whole-path.ts'

const root = join(import.meta.dirname, '../..')

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
  const { figures, errors } = await compare(options, root)
  write(options.json, { ...about, comparison: figures })
  if (errors.length > 0) process.exitCode = 1
}

async function measure({ parts, buses, clients, seconds, rounds }: MeasureOptions): Promise<Record<string, unknown>> {
  const figures: Record<string, unknown> = {}
  if (parts.includes('ledger')) figures['ledger'] = await ledger(rounds)
  for (const bus of buses) {
    const kafka = bus === 'kafka' && (parts.includes('path') || parts.includes('hot')) ? await startKafka() : undefined
    try {
      if (parts.includes('path')) figures[`path on ${bus}`] = await wholePath({ kafka, clients, seconds, rounds })
      if (parts.includes('hot')) figures[`hot product on ${bus}`] = await hotProduct({ kafka, seconds, rounds })
    } finally {
      await kafka?.stop()
    }
  }
  if (parts.includes('growth')) figures['growth'] = await growth({ seconds, rounds })
  return figures
}

function write(file: string, figures: unknown): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`)
}
