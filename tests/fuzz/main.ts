/**
 * `pnpm fuzz --requests N --doors N --seed S [--at-once N] [--fault]`: starts the system and sends it generated
 * requests, to every operation of its documents by every role, and to the doors beside JSON. What is not documented, a
 * 500, or a 503 without need, is listed with the request that brought it about.
 */
import { parseArgs } from 'node:util'
import { startSystem } from '@stockline/test-kit/load/system'
import { fuzz } from './fuzz.ts'

const { values: given } = parseArgs({
  options: {
    requests: { type: 'string', default: '5000' },
    doors: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    'at-once': { type: 'string', default: '6' },
    fault: { type: 'boolean', default: false },
  },
})

const system = await startSystem()
try {
  const report = await fuzz({
    system,
    requests: Number(given.requests),
    doors: Number(given.doors),
    seed: Number(given.seed),
    atOnce: Number(given['at-once']),
    fault: given.fault,
    say: (line) => console.log(line),
  })
  for (const { what, times, example } of report.wrong) console.log(`\n${String(times)} × ${what}\n  ${example}`)
  console.log(JSON.stringify({ ...report, wrong: report.wrong.length }, null, 2))
  console.log(report.wrong.length === 0 ? 'Every answer is documented.' : 'NOT ALL IS DOCUMENTED: see above.')
  process.exitCode = report.wrong.length === 0 ? 0 : 1
} finally {
  await system.stop()
  await system.remove()
}
