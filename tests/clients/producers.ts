/**
 * Orders by the clients that other systems use: librdkafka (Python's confluent-kafka) and Apache Kafka's own, with each codec and
 * guarantee. For each it is measured how long after the broker had it picking serves its draft receipt.
 */
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ForeignProducer, type Sending, sendings, startOwnKafka, until } from '@stockline/test-kit'
import { compressionsOf, startJavaProducer, startProducer } from '@stockline/test-kit'
import { must } from '@stockline/test-kit/load/documents'
import { makeProducts } from '@stockline/test-kit/load/goods'
import { percentiles } from '@stockline/test-kit/load/load'
import { startSystem, type System } from '@stockline/test-kit/load/system'

const librdkafka = 'confluent-kafka==2.16.1'
const topic = 'purchasing.orders'
const limitMs = 2_000
const linesPerOrder = 20

/** Of one client and one way of sending, in milliseconds. */
export interface Measured {
  readonly client: 'librdkafka' | 'Java'
  readonly how: Sending
  readonly orders: number
  readonly receipts: number
  readonly p50: number
  readonly slowest: number
}

export interface ProducersReport {
  readonly measured: readonly Measured[]
  /** How many batches lie in which compression on the topic; none where the broker's files are in a container. */
  readonly compressions: Readonly<Record<string, number>>
}

/** Sends `rounds` orders in each way by both clients, one after the other. */
export async function runProducers(rounds: number, say: (line: string) => void): Promise<ProducersReport> {
  const folder = mkdtempSync(join(tmpdir(), 'stockline-producers-'))
  const kafka = await startOwnKafka({ folder: join(folder, 'kafka') })
  let system: System | undefined
  const producers: ForeignProducer[] = []
  try {
    system = await startSystem({ brokers: kafka.brokers, readyMs: 180_000 })
    const products = await makeProducts(system, linesPerOrder, 'producers')
    const clients = [
      ['librdkafka', startProducer(pythonProducer(folder, kafka.brokers))],
      ['Java', startJavaProducer(kafka.brokers)],
    ] as const
    const sent: Sent[] = []
    for (const [client, producer] of clients) {
      producers.push(producer)
      // What starts with the first message is the client's own.
      await sendOne(system, products, client, producer, 'none')
      for (const how of sendings)
        for (let round = 0; round < rounds; round += 1) {
          const one = await sendOne(system, products, client, producer, how)
          say(`${client} ${how}: ${one.ms === undefined ? 'taken back' : `${String(one.ms)} ms`}`)
          sent.push(one)
        }
    }
    const measured = await sumsOf(system, sent)
    return { measured, compressions: compressionsOf(globSync(join(folder, 'kafka/log', `${topic}-*`, '*.log'))) }
  } finally {
    await Promise.allSettled(producers.map((producer) => producer.close()))
    await system?.stop()
    await system?.remove()
    await kafka.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A receipt each within two seconds, and none of what was taken back? */
export function isInTime({ measured }: ProducersReport): boolean {
  return measured.every(({ how, orders, receipts, slowest }) =>
    how === 'aborted' ? receipts === 0 : receipts === orders && slowest <= limitMs,
  )
}

/** As a table of text. */
export function tableOf({ measured, compressions }: ProducersReport): string {
  const rows = measured.map(({ client, how, orders, receipts, p50, slowest }) =>
    [
      client,
      how,
      String(orders),
      String(receipts),
      ...(how === 'aborted' ? ['', ''] : [String(p50), String(slowest)]),
    ].join(' | '),
  )
  return [
    'client | how | orders | receipts | p50 ms | slowest ms',
    ...rows,
    `batches by compression: ${JSON.stringify(compressions)}`,
  ].join('\n')
}

interface Sent {
  readonly client: Measured['client']
  readonly how: Sending
  readonly orderNumber: string
  /** Undefined of what was taken back. */
  readonly ms: number | undefined
}

async function sendOne(
  system: System,
  products: readonly string[],
  client: Measured['client'],
  producer: ForeignProducer,
  how: Sending,
): Promise<Sent> {
  const orderNumber = `P-${randomUUID().slice(0, 13)}`
  const value = JSON.stringify(orderOf(orderNumber, products))
  const manager = await system.login('manager')
  const at = await producer.send({ how, topic, key: orderNumber, value })
  if (how === 'aborted') return { client, how, orderNumber, ms: undefined }
  await until(
    `the receipt of ${orderNumber} (${client}, ${how})`,
    async () => {
      const reply = await manager.get<{ items: { status: string }[] }>(`/picking/v1/receipts?source=${orderNumber}`)
      return must(reply, 200).items.some(({ status }) => status === 'draft')
    },
    60_000,
    5,
  )
  return { client, how, orderNumber, ms: Date.now() - at }
}

async function sumsOf(system: System, sent: readonly Sent[]): Promise<readonly Measured[]> {
  // What was taken back would have come by now.
  await sleep(limitMs)
  const manager = await system.login('manager')
  const groups = Map.groupBy(sent, ({ client, how }) => `${client} ${how}`)
  return Promise.all(
    [...groups.values()].map(async (of) => {
      const counts = await Promise.all(
        of.map(async ({ orderNumber }) => {
          const reply = await manager.get<{ items: object[] }>(`/picking/v1/receipts?source=${orderNumber}`)
          return must(reply, 200).items.length
        }),
      )
      const times = of.flatMap(({ ms }) => ms ?? [])
      const { client, how } = of[0] as Sent
      return {
        client,
        how,
        orders: of.length,
        receipts: counts.reduce((sum, count) => sum + count, 0),
        p50: percentiles(times).p50,
        slowest: Math.max(0, ...times),
      }
    }),
  )
}

/** Large enough that each codec makes it smaller: librdkafka sends what does not gain as it is. */
function orderOf(orderNumber: string, products: readonly string[]): object {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/erp',
    type: 'purchasing.order-confirmed.v1',
    subject: orderNumber,
    data: {
      orderNumber,
      warehouse: 'WH',
      vendor: { code: 'ACME', name: 'Acme Supplies' },
      lines: products.map((sku, index) => ({ line: index + 1, sku, quantity: '1', unit: 'kg', unitPrice: '2.50' })),
    },
  }
}

/** The program in an environment of its own, which is made in the folder. */
function pythonProducer(folder: string, brokers: string): readonly string[] {
  const venv = join(folder, 'venv')
  execFileSync('python3', ['-m', 'venv', venv])
  execFileSync(join(venv, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', librdkafka])
  return [join(venv, 'bin/python'), join(import.meta.dirname, 'producers.py'), brokers]
}
