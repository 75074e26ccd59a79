/**
 * `pnpm faults --kills N --seed S [--bus embedded|kafka] [--kinds service,postgres,kafka]`: load on the running system,
 * `kill -9` at random moments, commands of unknown outcome repeated with the same key until known. At the end every
 * acknowledged document is looked up in stock and in the books, and every invariant is asked.
 *
 * `pnpm faults --mutated N --seed S [--bus embedded|kafka]`: instead, N good and mutated messages on each topic of outside
 * systems; each must be applied or set aside, no process may end and nothing may stall.
 *
 * `pnpm faults --versions [--rate 3] [--stop 10]`: a release and its way back at so many orders a second, each process in turn
 * standing still for so many seconds.
 *
 * `pnpm faults --setback N [--service stock,picking,valuation] [--documents 4] [--bus embedded|kafka] [--bypass]`: N times the database of
 * stock, or of those named at once, falls back under load, by four documents or more, and is put right by `pnpm reconcile`. With `--bypass` the fence is off, as in an older version: then positions
 * are given twice, and corrected by documents.
 *
 * `pnpm faults --outage [--one-down 30] [--two-down 45]`: on three brokers with TLS, SCRAM-SHA-512 and client certificates, under
 * load: one is killed for so many seconds, then another as well, then both are back.
 *
 * `pnpm faults --mirror`: MirrorMaker 2 copies a topic of ours from another cluster under its plain name, once with its own settings and
 * once with the one that docs/operations.md names. What it changes must be told.
 */
import { parseArgs } from 'node:util'
import { startOwnKafka } from '@stockline/test-kit'
import { startSystem } from '@stockline/test-kit/load/system'
import { runFaults, type Kind } from './faults.ts'
import { isTold, runMirror } from './mirror.ts'
import { isSound, runMutated } from './mutated.ts'
import { outlived, runOutage } from './outage.ts'
import { writers } from './setback.database.ts'
import { runSetback } from './setback.ts'
import { runVersions } from './versions.ts'

const { values: given } = parseArgs({
  options: {
    kills: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    bus: { type: 'string', default: 'embedded' },
    kinds: { type: 'string' },
    clients: { type: 'string', default: '4' },
    mutated: { type: 'string' },
    setback: { type: 'string' },
    service: { type: 'string', default: 'stock' },
    documents: { type: 'string', default: '4' },
    bypass: { type: 'boolean', default: false },
    outage: { type: 'boolean', default: false },
    'one-down': { type: 'string', default: '30' },
    'two-down': { type: 'string', default: '45' },
    mirror: { type: 'boolean', default: false },
    versions: { type: 'boolean', default: false },
    rate: { type: 'string', default: '3' },
    stop: { type: 'string', default: '10' },
  },
})

if (given.mutated !== undefined) process.exit(await mutatedMain(Number(given.mutated)))
if (given.setback !== undefined) process.exit(await setbackMain(Number(given.setback)))

if (given.outage) process.exit(await outageMain())
if (given.mirror) process.exit(await mirrorMain())

const everyKind = given.bus === 'kafka' ? 'service,postgres,kafka' : 'service,postgres'
const bus = given.bus === 'kafka' ? 'kafka' : 'embedded'
const say = (line: string): void => console.log(line)
const report = given.versions
  ? await runVersions({ bus, ordersPerSecond: Number(given.rate), stopMs: Number(given.stop) * 1_000, say })
  : await runFaults({
      kills: Number(given.kills),
      seed: Number(given.seed),
      clients: Number(given.clients),
      bus,
      kinds: (given.kinds ?? everyKind).split(',') as Kind[],
      say,
    })

console.log(JSON.stringify(report, null, 2))
const good = report.lost + report.doubled + report.halfPosted + report.violations.length === 0
console.log(good ? 'Nothing lost, doubled or half-posted; every invariant holds.' : 'FAULTS FOUND: see above.')
process.exit(good ? 0 : 1)

async function setbackMain(rounds: number): Promise<number> {
  const named = given.service.split(',')
  const services = writers.filter((name) => named.includes(name))
  if (services.length !== named.length) throw new Error(`--service takes ${writers.join(', ')}.`)
  // Without the fence nobody is told of documents that picking lost: their numbers are all that comes again.
  if (given.bypass && services.join() !== 'stock') throw new Error('--bypass is of stock alone.')
  const report = await runSetback({
    services,
    rounds,
    documents: Number(given.documents),
    clients: Number(given.clients),
    bus: given.bus === 'kafka' ? 'kafka' : 'embedded',
    bypass: given.bypass,
    say: (line) => console.log(line),
  })
  console.log(JSON.stringify(report, null, 2))
  const numbers = report.numbersTwice + (given.bypass ? 0 : report.givenTwice)
  const healed = numbers + report.lost + report.doubled + report.halfPosted + report.violations.length === 0
  console.log(healed ? 'All is healed; every invariant holds.' : 'NOT HEALED: see above.')
  return healed ? 0 : 1
}

async function outageMain(): Promise<number> {
  const report = await runOutage({
    clients: Number(given.clients),
    oneDownMs: Number(given['one-down']) * 1_000,
    twoDownMs: Number(given['two-down']) * 1_000,
    say: (line) => console.log(line),
  })
  console.log(JSON.stringify(report, null, 2))
  const sound = outlived(report)
  console.log(sound ? 'Everything acknowledged arrived once; no process ended.' : 'FAULTS FOUND: see above.')
  return sound ? 0 : 1
}

async function mirrorMain(): Promise<number> {
  const report = await runMirror((line) => console.log(line))
  const told = isTold(report)
  console.log(told ? 'What the mirror changes is told.' : 'NOT AS THE DOCUMENTS SAY: see above.')
  return told ? 0 : 1
}

async function mutatedMain(count: number): Promise<number> {
  const kafka = given.bus === 'kafka' ? await startOwnKafka() : undefined
  const system = await startSystem(kafka === undefined ? {} : { brokers: kafka.brokers })
  try {
    const report = await runMutated(system, { count, seed: Number(given.seed), say: (line) => console.log(line) })
    console.log(JSON.stringify(report, null, 2))
    const sound = isSound(report)
    console.log(sound ? 'Each message is applied or set aside; no process ended.' : 'FAULTS FOUND: see above.')
    return sound ? 0 : 1
  } finally {
    await system.stop()
    await system.remove()
    await kafka?.stop()
  }
}
