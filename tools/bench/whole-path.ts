/** (b) The whole path over HTTP, inwards and outwards, with few and many clients; and (e) memory per process. */
import type { KafkaServer } from '@stockline/test-kit'
import { walkDelivery, walkReceipt } from '@stockline/test-kit/load/documents'
import { load, median, type LoadResult } from '@stockline/test-kit/load/load'
import { useOf } from '@stockline/test-kit/load/processes'
import { startSystem, type System } from '@stockline/test-kit/load/system'
import { makeProducts, stockUp, tenLines } from '@stockline/test-kit/load/goods'
import { brokerPids, say, sayLoad } from './report.ts'

const productCount = 200
/** Until the services' code is compiled: rounds rise that long after a start. Told, and not counted. */
const warmUpSeconds = 20

/** Documents of ten lines over 200 products; every document's journal entry is seen before it counts. */
export async function wholePath(options: {
  kafka: KafkaServer | undefined
  /** How many at once, one number after the other. */
  clients: readonly number[]
  seconds: number
  rounds: number
}): Promise<unknown> {
  const system = await startSystem(options.kafka === undefined ? {} : { brokers: options.kafka.brokers })
  try {
    const products = await makeProducts(system, productCount, 'bench')
    await stockUp(system, products, '1000000')
    const figures: Record<string, unknown> = {}
    for (const [name, walk] of [
      ['receipt', walkReceipt],
      ['delivery', walkDelivery],
    ] as const) {
      const run = (clients: number, seconds: number): Promise<LoadResult> =>
        load({
          system,
          otherPids: brokerPids(options.kafka),
          clients,
          seconds,
          linesFor: (client, document) => tenLines(products, client * 7919 + document * 10),
          walk,
        })
      const warmUp = await run(Math.max(...options.clients), warmUpSeconds)
      say(`${name}, ${system.bus} bus, warming up`, `${String(warmUp.perSecond)} documents/s`)
      figures[`${name} while warming up`] = warmUp
      for (const clients of options.clients) {
        const results: LoadResult[] = []
        for (let round = 0; round < options.rounds; round++) results.push(await run(clients, options.seconds))
        const result = middle(results)
        sayLoad(`${name}, ${String(clients)} clients, ${system.bus} bus`, result)
        figures[`${name} with ${String(clients)} clients`] = {
          ...result,
          perSecondOfEachRound: results.map((one) => one.perSecond),
        }
      }
    }
    return { ...figures, memory: memory(system, options.kafka) }
  } finally {
    await system.stop()
    await system.remove()
  }
}

/** The round whose throughput is the median. */
function middle(results: readonly LoadResult[]): LoadResult {
  const wanted = median(results.map((one) => one.perSecond))
  const found = results.find((one) => one.perSecond === wanted)
  if (found === undefined) throw new Error('no round was measured')
  return found
}

function memory(system: System, kafka: KafkaServer | undefined): unknown {
  const uses = useOf([system.pid, ...brokerPids(kafka)])
  say(`memory, ${system.bus} bus`, uses.map((use) => `${use.name} ${use.residentMiB.toFixed(0)} MiB`).join(', '))
  return Object.fromEntries(uses.map((use) => [use.name, Math.round(use.residentMiB)]))
}
