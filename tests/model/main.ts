/**
 * `pnpm model --operations N --seed S [--workers 4] [--bus embedded|kafka]`: starts the system and carries out N mixed operations
 * drawn by the seed, each of which is compared with a model that shares no code with it. At the end every invariant is asked.
 */
import { parseArgs } from 'node:util'
import { startOwnKafka } from '@stockline/test-kit'
import { startSystem } from '@stockline/test-kit/load/system'
import { checkInvariants } from '../../tools/invariants/check.ts'
import { runModel } from './run.ts'

const { values: given } = parseArgs({
  options: {
    operations: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '4' },
    bus: { type: 'string', default: 'embedded' },
  },
})

const kafka = given.bus === 'kafka' ? await startOwnKafka() : undefined
const system = await startSystem(kafka === undefined ? {} : { brokers: kafka.brokers })
try {
  console.log(`Seed ${given.seed}, ${given.operations} operations, ${given.workers} workers, ${given.bus} bus.`)
  const report = await runModel({
    system,
    operations: Number(given.operations),
    seed: Number(given.seed),
    workers: Number(given.workers),
    say: (line) => console.log(line),
  })
  console.log(JSON.stringify(report, null, 2))
  await checkInvariants(system.dataFolder)
  console.log(`${String(report.differences.length)} differences; every invariant holds.`)
  process.exitCode = report.differences.length === 0 ? 0 : 1
} finally {
  await system.stop()
  await system.remove()
  await kafka?.stop()
}
