/** (c) A hot product: every document touches the same three, against each client its own three. */
import type { KafkaServer } from '@stockline/test-kit'
import { walkReceipt } from '@stockline/test-kit/load/documents'
import { load, median, type LoadResult } from '@stockline/test-kit/load/load'
import { startSystem } from '@stockline/test-kit/load/system'
import { linesOf, makeProducts } from '@stockline/test-kit/load/goods'
import { say } from './report.ts'

const clients = 4

/** Alternating rounds on one system. */
export async function hotProduct(options: {
  kafka: KafkaServer | undefined
  seconds: number
  rounds: number
}): Promise<unknown> {
  const system = await startSystem(options.kafka === undefined ? {} : { brokers: options.kafka.brokers })
  try {
    const products = await makeProducts(system, 3 * clients, 'hot')
    const run = (first: (client: number) => number): Promise<LoadResult> =>
      load({
        system,
        clients,
        seconds: options.seconds,
        linesFor: (client) => linesOf(products.slice(first(client), first(client) + 3)),
        walk: walkReceipt,
      })
    const hot: LoadResult[] = []
    const own: LoadResult[] = []
    await run(() => 0)
    for (let round = 0; round < options.rounds; round++) {
      own.push(await run((client) => client * 3))
      hot.push(await run(() => 0))
    }
    const ratio = median(hot.map((one) => one.perSecond)) / median(own.map((one) => one.perSecond))
    const errors = [...hot, ...own].flatMap((one) => one.errors)
    say(`hot product, ${system.bus} bus`, `${ratio.toFixed(2)} of own products; ${String(errors.length)} errors`)
    return { ratio, errors, hot, own }
  } finally {
    await system.stop()
    await system.remove()
  }
}
