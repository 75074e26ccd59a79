/** What the bus has of the ledger: which documents each position was given to. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openEmbeddedBus } from '../../packages/service-kit/src/bus.embedded.ts'
import { openKafkaBus } from '../../packages/service-kit/src/bus.kafka.ts'
import type { System } from '../load/system.ts'

const logger = { info: () => undefined, warn: () => undefined, error: () => undefined }
const topics = [{ name: 'stock.ledger', partitions: 1 }]

/** Document ids by position. */
export async function positionsOnBus(system: System): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const bus = await (system.brokers === undefined
    ? openEmbeddedBus({ url: busUrl(system), topics, logger })
    : openKafkaBus({ brokers: system.brokers.split(','), clientId: 'setback', topics, logger }))
  try {
    const states = await bus.stateOf('setback', ['stock.ledger'])
    const messages = await bus.read(states.map((state) => ({ ...state, from: state.first, to: state.next })))
    const places = new Map<string, Set<string>>()
    for (const { value } of messages) {
      const { sequence, data } = JSON.parse(value?.toString() ?? '') as {
        sequence: string
        data: { documentId: string }
      }
      places.set(sequence, (places.get(sequence) ?? new Set()).add(data.documentId))
    }
    return places
  } finally {
    await bus.close()
  }
}

function busUrl(system: System): string {
  const read = JSON.parse(readFileSync(join(system.dataFolder, 'databases.json'), 'utf8')) as {
    owners: { bus: string }
  }
  return read.owners.bus
}
