/** A client on the broker that knows nothing of the kit: bare messages, as any program may send them. */
import { Kafka, logLevel } from 'kafkajs'
import type { System } from '../load/system.ts'

/** Sends values that are whatever they are. */
export interface ForeignSender {
  send(topic: string, messages: readonly [key: string, value: string][]): Promise<void>
}

/** @returns undefined on the embedded bus, which no foreign client reaches */
export function foreignSender(system: System): Promise<ForeignSender | undefined> {
  const brokers = system.brokers
  if (brokers === undefined) return Promise.resolve(undefined)
  return Promise.resolve({
    send: async (topic, messages) => {
      const producer = new Kafka({
        clientId: 'somebody-else',
        brokers: brokers.split(','),
        logLevel: logLevel.NOTHING,
      }).producer()
      await producer.connect()
      await producer.send({ topic, acks: -1, messages: messages.map(([key, value]) => ({ key, value })) })
      await producer.disconnect()
    },
  })
}
