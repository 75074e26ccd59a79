/** Which brokers do not answer: probed only where something has failed already, since a probe is noise in a broker's log. */
import { connect } from 'node:net'
import { codeOf, opened, placeOf } from './probe.ts'

/** Readiness waits two seconds for a sentence, part of which is gone by now. */
const probeLimitMs = 500

/** Names those that take no connection: `1 of 3 brokers do not answer (a:9092 ECONNREFUSED)`; undefined if all do. */
export async function brokersAway(brokers: readonly string[]): Promise<string | undefined> {
  const answers = await Promise.all(brokers.map(async (broker) => ({ broker, fault: await errorOf(broker) })))
  const away = answers.flatMap(({ broker, fault }) => (fault === undefined ? [] : [`${broker} ${fault}`]))
  if (away.length === 0) return undefined
  return `${String(away.length)} of ${String(brokers.length)} brokers do not answer (${away.join(', ')})`
}

async function errorOf(broker: string): Promise<string | undefined> {
  try {
    const socket = await opened(connect(placeOf(broker)), 'connect', probeLimitMs)
    socket.destroy()
    return undefined
  } catch (error) {
    return codeOf(error)
  }
}
