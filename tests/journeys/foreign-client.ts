/** A client on the broker that knows nothing of the kit: bare messages, as any program may send them. */
import { CompressionCodecs, CompressionTypes, Kafka, logLevel } from 'kafkajs'
import type { System } from '@stockline/test-kit/load/system'

type Messages = readonly [key: string, value: string][]

/** Sends values that are whatever they are. */
export interface ForeignSender {
  send(topic: string, messages: Messages): Promise<void>
  /** Packed as one snappy block, without the framing that Java's client puts around it. */
  sendRawSnappy(topic: string, messages: Messages): Promise<void>
}

/** @returns undefined on the embedded bus, which no foreign client reaches */
export function foreignSender(system: System): Promise<ForeignSender | undefined> {
  const brokers = system.brokers
  if (brokers === undefined) return Promise.resolve(undefined)
  const send = async (topic: string, messages: Messages, compression: CompressionTypes): Promise<void> => {
    const kafka = new Kafka({ clientId: 'somebody-else', brokers: brokers.split(','), logLevel: logLevel.NOTHING })
    const producer = kafka.producer()
    await producer.connect()
    await producer.send({ topic, acks: -1, compression, messages: messages.map(([key, value]) => ({ key, value })) })
    await producer.disconnect()
  }
  return Promise.resolve({
    send: (topic, messages) => send(topic, messages, CompressionTypes.None),
    sendRawSnappy: (topic, messages) => {
      CompressionCodecs[CompressionTypes.Snappy] = () => ({
        compress: ({ buffer }: { buffer: Buffer }) => Promise.resolve(rawSnappy(buffer)),
        decompress: () => Promise.reject(new Error('nothing is read here')),
      })
      return send(topic, messages, CompressionTypes.Snappy)
    },
  })
}

/** A block of one literal: up to 64 KiB, not made smaller. */
function rawSnappy(bytes: Buffer): Buffer {
  const head: number[] = []
  let rest = bytes.length
  for (; rest > 0x7f; rest >>>= 7) head.push((rest & 0x7f) | 0x80)
  const size = bytes.length - 1
  return Buffer.concat([Buffer.from([...head, rest, 61 << 2, size & 0xff, size >>> 8]), bytes])
}
