/**
 * An ordering system on Kafka that does not give up: each order is sent until the brokers acknowledge it, the same event each
 * time. What was acknowledged is remembered.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, type KafkaConfig, logLevel, type Producer } from 'kafkajs'

/** An order that the brokers have acknowledged. */
export interface StreamedOrder {
  readonly orderNumber: string
  readonly kind: 'purchase' | 'sale'
}

export interface OrderStream {
  /** Orders acknowledged until now. */
  readonly acknowledged: () => number
  /** Ends it when the order under way is acknowledged. */
  stop(): Promise<readonly StreamedOrder[]>
}

const topics = { purchase: 'purchasing.orders', sale: 'sales.orders' } as const
const patienceMs = 300_000

/** Sends a purchase order and a sales order in turn, one every `everyMs`. */
export function streamOrders(
  config: Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl'>,
  sku: string,
  everyMs: number,
): OrderStream {
  const kafka = new Kafka({
    ...config,
    clientId: 'ordering-system',
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1_000 },
  })
  const acknowledged: StreamedOrder[] = []
  const run = randomUUID().slice(0, 8)
  let going = true
  const isGoing = (): boolean => going
  let producer: Producer | undefined
  const send = async (order: StreamedOrder, value: string): Promise<void> => {
    for (const end = performance.now() + patienceMs; ;) {
      try {
        if (producer === undefined) {
          producer = kafka.producer({ allowAutoTopicCreation: false })
          await producer.connect()
        }
        await producer.send({ topic: topics[order.kind], acks: -1, messages: [{ key: order.orderNumber, value }] })
        return
      } catch (error) {
        await producer?.disconnect().catch(() => undefined)
        producer = undefined
        if (performance.now() > end) throw error
        await sleep(200)
      }
    }
  }
  const all = (async () => {
    for (let count = 0; isGoing(); count += 1) {
      const order = { orderNumber: `S-${run}-${String(count)}`, kind: count % 2 === 0 ? 'purchase' : 'sale' } as const
      await send(order, JSON.stringify(eventOf(order, sku)))
      acknowledged.push(order)
      await sleep(everyMs)
    }
    await producer?.disconnect()
  })()
  // A failure is reported by stop(); until then it must not end the process.
  all.catch(() => undefined)
  return {
    acknowledged: () => acknowledged.length,
    stop: async () => {
      going = false
      await all
      return acknowledged
    },
  }
}

function eventOf({ orderNumber, kind }: StreamedOrder, sku: string): object {
  const partner = { code: 'ACME', name: 'Acme' }
  const line = { line: 1, sku, quantity: '1', unit: 'kg' }
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/erp',
    type: kind === 'purchase' ? 'purchasing.order-confirmed.v1' : 'sales.order-confirmed.v1',
    subject: orderNumber,
    data: {
      orderNumber,
      warehouse: 'WH',
      ...(kind === 'purchase'
        ? { vendor: partner, lines: [{ ...line, unitPrice: '2.50' }] }
        : { customer: partner, lines: [line] }),
    },
  }
}
