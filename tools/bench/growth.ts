/** (d) Growth: CPU per document at 1,000 and at 100,000 moves of history on ten products, average and FIFO. */
import { walkDelivery, walkReceipt } from '@stockline/test-kit/load/documents'
import { load, median } from '@stockline/test-kit/load/load'
import { startSystem, type System } from '@stockline/test-kit/load/system'
import { linesOf, makeProducts, setMethod, stockUpInMoves } from '@stockline/test-kit/load/goods'
import { say, systemCpuMs } from './report.ts'

const documentsEach = 150

/** Two systems side by side, measured in turn: an idle system costs the other nothing that matters. */
export async function growth(options: { rounds: number; seconds: number }): Promise<unknown> {
  const figures: Record<string, unknown> = {}
  for (const method of ['average', 'fifo'] as const) {
    const young = await grown(method, 1000)
    const old = await grown(method, 100_000)
    try {
      const cpu: Record<'young' | 'old', { receipt: number[]; delivery: number[] }> = {
        young: { receipt: [], delivery: [] },
        old: { receipt: [], delivery: [] },
      }
      for (let round = 0; round <= options.rounds; round++)
        for (const [name, one] of [
          ['young', young],
          ['old', old],
        ] as const) {
          const receipt = await cpuPerDocument(one, walkReceipt)
          const delivery = await cpuPerDocument(one, walkDelivery)
          // The first round only warms both.
          if (round > 0) {
            cpu[name].receipt.push(receipt)
            cpu[name].delivery.push(delivery)
          }
        }
      for (const path of ['receipt', 'delivery'] as const) {
        const ratio = median(cpu.old[path]) / median(cpu.young[path])
        say(
          `growth, ${method}, ${path}`,
          `${median(cpu.young[path]).toFixed(1)} ms CPU at 1,000 moves, ${median(cpu.old[path]).toFixed(1)} at 100,000: ${ratio.toFixed(2)}`,
        )
        figures[`${method} ${path}`] = { ratio, young: cpu.young[path], old: cpu.old[path] }
      }
    } finally {
      for (const one of [young, old]) {
        await one.system.stop()
        await one.system.remove()
      }
    }
  }
  return figures
}

interface Grown {
  readonly system: System
  readonly products: readonly string[]
}

async function grown(method: 'average' | 'fifo', moves: number): Promise<Grown> {
  const system = await startSystem()
  await setMethod(system, `growth-${method}`, method)
  const products = await makeProducts(system, 10, `growth-${method}`)
  await stockUpInMoves(system, products, moves)
  return { system, products }
}

/** CPU milliseconds of all processes but the load itself. */
async function cpuPerDocument(one: Grown, walk: typeof walkReceipt): Promise<number> {
  const result = await load({
    system: one.system,
    clients: 4,
    seconds: 60,
    maxDocuments: documentsEach,
    linesFor: () => linesOf(one.products),
    walk,
  })
  if (result.errors.length > 0) throw new Error(`errors under load: ${result.errors[0] ?? ''}`)
  return systemCpuMs(result)
}
