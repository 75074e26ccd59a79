/**
 * `pnpm faults --kills N --seed S [--bus embedded|kafka] [--kinds service,postgres,kafka]`: load on the running system,
 * `kill -9` at random moments, commands of unknown outcome repeated with the same key until known. At the end every
 * acknowledged document is looked up in stock and in the books, and every invariant is asked.
 */
import { parseArgs } from 'node:util'
import { runFaults, type Kind } from './faults.ts'

const { values: given } = parseArgs({
  options: {
    kills: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    bus: { type: 'string', default: 'embedded' },
    kinds: { type: 'string' },
    clients: { type: 'string', default: '4' },
  },
})

const everyKind = given.bus === 'kafka' ? 'service,postgres,kafka' : 'service,postgres'
const report = await runFaults({
  kills: Number(given.kills),
  seed: Number(given.seed),
  clients: Number(given.clients),
  bus: given.bus === 'kafka' ? 'kafka' : 'embedded',
  kinds: (given.kinds ?? everyKind).split(',') as Kind[],
  say: (line) => console.log(line),
})

console.log(JSON.stringify(report, null, 2))
const good = report.lost + report.doubled + report.halfPosted + report.violations.length === 0
console.log(good ? 'Nothing lost, doubled or half-posted; every invariant holds.' : 'FAULTS FOUND: see above.')
process.exit(good ? 0 : 1)
