/** What the bus has of the ledger and of receipts: which documents each position and number was given to; and orders by the bus. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { topics as declared } from '@stockline/contracts'
import { openEmbeddedBus } from '../../packages/service-kit/src/bus/embedded/embedded-bus.ts'
import { openKafkaBus } from '../../packages/service-kit/src/bus/kafka/kafka-bus.ts'
import type { EventBus } from '../../packages/service-kit/src/bus/bus.ts'
import type { System } from '@stockline/test-kit/load/system'
import type { OrderEvent } from './persistent.ts'

const logger = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Document ids by what was given to them. */
export type Given = ReadonlyMap<string, ReadonlySet<string>>

/** Positions of the ledger, and numbers of receipts that were validated. */
export async function documentsOnBus(system: System): Promise<readonly [Given, Given]> {
  const bus = await openBus(system)
  try {
    const read = async (topic: string, type: string, what: 'position' | 'number'): Promise<Given> => {
      const states = await bus.stateOf('setback', [topic])
      const messages = await bus.read(states.map((state) => ({ ...state, from: state.first, to: state.next })))
      const given = new Map<string, Set<string>>()
      for (const { value } of messages) {
        const event = JSON.parse(value?.toString() ?? '') as Told
        if (event.type !== type) continue
        given.set(event.data[what], (given.get(event.data[what]) ?? new Set()).add(event.data.documentId))
      }
      return given
    }
    return [
      await read('stock.ledger', 'stock.document-posted.v1', 'position'),
      await read('picking.receipts', 'picking.receipt-validated.v1', 'number'),
    ]
  } finally {
    await bus.close()
  }
}

interface Told {
  readonly type: string
  readonly data: { readonly position: string; readonly number: string; readonly documentId: string }
}

/** Sends orders as a purchase system on the bus does. */
export async function ordersByBus(
  system: System,
): Promise<{ readonly send: (event: OrderEvent) => Promise<void>; readonly close: () => Promise<void> }> {
  const bus = await openBus(system)
  return {
    send: async (event) => {
      const value = Buffer.from(JSON.stringify({ ...event, id: randomUUID() }))
      await bus.publish([{ topic: 'purchasing.orders', message: { key: event.subject, value, headers: {} } }])
    },
    close: () => bus.close(),
  }
}

function openBus(system: System): Promise<EventBus> {
  const names = ['stock.ledger', 'picking.receipts', 'purchasing.orders']
  const topics = declared.filter(({ name }) => names.includes(name))
  return system.brokers === undefined
    ? openEmbeddedBus({ url: busUrl(system), topics, logger })
    : openKafkaBus({ brokers: system.brokers.split(','), clientId: 'setback', topics, logger })
}

function busUrl(system: System): string {
  const read = JSON.parse(readFileSync(join(system.dataFolder, 'databases.json'), 'utf8')) as {
    owners: { bus: string }
  }
  return read.owners.bus
}
