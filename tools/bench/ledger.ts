/** (a) Ledger lines per second, against hand-written minimal SQL through bare `pg` in the same batches. */
import { startPostgres } from '@stockline/test-kit'
import { ledgerBenchmark } from './ledger.benchmark.ts'
import { say } from './report.ts'

/** Both on one PostgreSQL with fsync on, in alternating rounds. */
export async function ledger(rounds: number): Promise<unknown> {
  const server = await startPostgres({ durable: true })
  try {
    const result = await ledgerBenchmark({ url: server.url, rounds })
    const ratio = result.ledgerLinesPerSecond / result.bareSqlLinesPerSecond
    say('ledger', `${Math.round(result.ledgerLinesPerSecond).toString()} lines/s, ${ratio.toFixed(2)} of bare SQL`)
    return { ...result, ratio }
  } finally {
    await server.stop()
  }
}
