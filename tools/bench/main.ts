/**
 * `pnpm bench`: what the system does on this machine, measured in one run. Prints ratios and figures and writes them as
 * JSON. Machines are noisy: each figure is the median of several rounds, and what is compared is measured alternating.
 *
 * Usage: pnpm bench [--part ledger,path,hot,growth,memory] [--bus embedded,kafka] [--clients 1,4,16] [--seconds 8] [--rounds 3]
 *        [--json FILE]
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { startKafka } from '@stockline/test-kit'
import { growth } from './growth.ts'
import { hotProduct } from './hot-product.ts'
import { ledger } from './ledger.ts'
import { wholePath } from './whole-path.ts'

const { values: given } = parseArgs({
  options: {
    part: { type: 'string', default: 'ledger,path,hot,growth' },
    bus: { type: 'string', default: 'embedded,kafka' },
    clients: { type: 'string', default: '1,4,16' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string', default: join(import.meta.dirname, '../../.data/bench.json') },
  },
})
const parts = new Set(given.part.split(','))
const buses = given.bus.split(',')
const clients = given.clients.split(',').map(Number)
const seconds = Number(given.seconds)
const rounds = Number(given.rounds)

const figures: Record<string, unknown> = {
  measuredAt: new Date().toISOString(),
  machine: { cores: cpus().length, model: cpus()[0]?.model ?? 'unknown', node: process.version },
}

if (parts.has('ledger')) figures['ledger'] = await ledger(rounds)
for (const bus of buses) {
  const kafka = bus === 'kafka' && (parts.has('path') || parts.has('hot')) ? await startKafka() : undefined
  try {
    if (parts.has('path')) figures[`path on ${bus}`] = await wholePath({ kafka, clients, seconds, rounds })
    if (parts.has('hot')) figures[`hot product on ${bus}`] = await hotProduct({ kafka, seconds, rounds })
  } finally {
    await kafka?.stop()
  }
}
if (parts.has('growth')) figures['growth'] = await growth({ seconds, rounds })

mkdirSync(dirname(given.json), { recursive: true })
writeFileSync(given.json, `${JSON.stringify(figures, null, 2)}\n`)
console.log(`\nAll figures: ${given.json}`)
