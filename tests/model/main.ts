/**
 * `pnpm model --operations N --seed S [--workers 4] [--bus embedded|kafka] [--day 1000]`: starts the system and carries out N mixed
 * operations drawn by the seed, each of which is compared with a model that shares no code with it. After every thousand, or as
 * `--day` says, a day passes by the clock of the system. At the end every invariant is asked, and nothing may be on its way.
 */
import { parseArgs } from 'node:util'
import { startOwnKafka } from '@stockline/test-kit'
import { startSystem } from '@stockline/test-kit/load/system'
import { checkAll } from '../../tools/invariants/check.ts'
import { calendarOf } from './calendar.ts'
import { runModel } from './run.ts'

const { values: given } = parseArgs({
  options: {
    operations: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '4' },
    bus: { type: 'string', default: 'embedded' },
    day: { type: 'string', default: '1000' },
  },
})

const [operations, seed, workers, every] = [given.operations, given.seed, given.workers, given.day].map(Number)
if (operations === undefined || seed === undefined || workers === undefined || every === undefined) process.exit(2)
const calendar = calendarOf(Math.ceil(operations / every))
const kafka = given.bus === 'kafka' ? await startOwnKafka() : undefined
const { environment } = calendar
const system = await startSystem({
  environment,
  readyMs: 300_000,
  ...(kafka === undefined ? {} : { brokers: kafka.brokers }),
})
try {
  const say = (line: string) => console.log(`${new Date().toISOString()} ${line}`)
  say(`Seed ${given.seed}, ${given.operations} operations, ${given.workers} workers, ${given.bus} bus.`)
  const report = await runModel({ system, operations, seed, workers, days: { every, calendar }, say })
  say(JSON.stringify(report, null, 2))
  const { violations, remarks } = await checkAll(system.dataFolder, { untilArrived: true })
  const found = [...report.differences, ...violations, ...remarks]
  found.forEach(say)
  say(`${String(report.differences.length)} differences, ${String(violations.length)} invariants violated.`)
  process.exitCode = found.length === 0 ? 0 : 1
} finally {
  await system.stop()
  await system.remove()
  await kafka?.stop()
}
