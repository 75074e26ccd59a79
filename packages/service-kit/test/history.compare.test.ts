/** A bus that lost the end of its log remembers a group beyond it: comparing reads what there is. On both buses. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { kafkaMissing, startOwnKafka, testDatabase, until } from '@stockline/test-kit'
import { openEmbeddedBus } from '../src/bus/embedded/embedded-bus.ts'
import type { EventBus } from '../src/bus/bus.ts'
import { openKafkaBus } from '../src/bus/kafka/kafka-bus.ts'
import { lackedByInbox } from '../src/messaging/history/compare.ts'
import { openInbox } from '../src/messaging/inbox.ts'
import { reaction } from '../src/messaging/reactions.ts'
import type { Tx } from '../src/database/transaction.ts'
import { noted } from './kit.contracts.ts'
import { kitDatabase, message, silent, theirs, writeNote, type KitDatabase } from './kit.database.ts'

const topics = [{ name: 'notes', partitions: 1 }]
const group = 'beyond'

interface Under {
  readonly bus: EventBus
  end(): Promise<void>
}

async function onEmbedded(): Promise<Under> {
  const database = await testDatabase('beyond_bus')
  const bus = await openEmbeddedBus({ url: database.url, topics, logger: silent })
  return {
    bus,
    end: async () => {
      await bus.close()
      await database.drop()
    },
  }
}

async function onKafka(): Promise<Under> {
  const server = await startOwnKafka()
  const bus = await openKafkaBus({ brokers: [server.brokers], clientId: group, topics, logger: silent })
  return {
    bus,
    end: async () => {
      await bus.close()
      await server.stop()
    },
  }
}

const missing = await kafkaMissing()
const buses: [string, () => Promise<Under>][] = [['embedded', onEmbedded]]
if (missing === undefined) buses.push(['Kafka', onKafka])
else test.skip(`no Kafka: ${missing}`, () => undefined)

describe.each(buses)('on the %s bus', (_name, make) => {
  let kit: KitDatabase
  let under: Under
  beforeAll(async () => {
    ;[kit, under] = await Promise.all([kitDatabase('beyond'), make()])
  }, 120_000)
  afterAll(async () => {
    await under.end()
    await kit.end()
  })
  const note = reaction(noted, {
    react: (tx: Tx, { data }: { data: { text: string } }) => tx.query(writeNote, [data.text]).then(() => undefined),
  })
  const say = (text: string) => ({
    topic: 'notes',
    message: { key: 'book', value: Buffer.from(JSON.stringify(theirs(text))), headers: {} },
  })
  /** What is lacked by the inbox of a group that stands so far beyond the end. */
  const lackedBeyond = async (beyond: bigint): Promise<string[]> => {
    const { bus } = under
    const [state] = await until(
      'the group’s coordinator answers',
      () => bus.stateOf(group, ['notes']).catch(() => false as const),
      60_000,
    )
    if (state === undefined) throw new Error('there is no partition')
    const states = [{ ...state, taken: state.next + beyond }]
    const lacked = await lackedByInbox(kit.db, bus, openInbox(kit.db, [note], silent).reader, states)
    return lacked.map(({ value }) => (JSON.parse(String(value)) as { data: { text: string } }).data.text)
  }

  test.each([0n, 1n, 5n, 10_000n])('a group %s beyond the end', async (beyond) => {
    await under.bus.publish(['a', 'b', 'c'].map((text) => say(`${text}${String(beyond)}`)))
    const inbox = openInbox(kit.db, [note], silent)
    await inbox.handle([message(theirs(`a${String(beyond)}`))])
    expect(await lackedBeyond(beyond)).toEqual([`b${String(beyond)}`, `c${String(beyond)}`])
    await inbox.handle(['b', 'c'].map((text) => message(theirs(`${text}${String(beyond)}`))))
    expect(await lackedBeyond(beyond)).toEqual([])
  })

  test('a group beyond a topic that was made anew and is empty', async () => {
    const empty = { topic: 'notes', partition: 0, first: 0n, next: 0n, taken: 7n }
    const reader = openInbox(kit.db, [note], silent).reader
    expect(await lackedByInbox(kit.db, under.bus, reader, [empty])).toEqual([])
  })
})
