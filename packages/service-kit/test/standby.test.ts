/** An asynchronous standby takes the place of its primary, without the last documents: a service that runs on notices it. */
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { startPostgres, startStandby, testDatabase, type PostgresServer, type Standby } from '@stockline/test-kit'
import pg from 'pg'
import { openEmbeddedBus } from '../src/bus/embedded/embedded-bus.ts'
import { createFence } from '../src/messaging/history/fence.ts'
import { startMessaging } from '../src/messaging/messaging.ts'
import { migrate } from '../src/database/migrate.ts'
import { event, publish } from '../src/messaging/outbox.ts'
import { openDatabase } from '../src/database/transaction.ts'
import { outsideNoted } from './kit.contracts.ts'
import { migrationFolder, silent, systemOrigin, until } from './kit.database.ts'
import { wayTo, type Way } from './way.ts'

const topics = [{ name: 'outside', partitions: 3 }]

let primary: PostgresServer
let standby: Standby
let busDatabase: Awaited<ReturnType<typeof testDatabase>>
beforeEach(async () => {
  primary = await startPostgres()
  await admin(primary, 'create database written')
  await migrate(urlOf(primary), migrationFolder({}))
  standby = await startStandby(primary)
  busDatabase = await testDatabase('standby_bus')
})
afterEach(async () => {
  await standby.stop()
  await primary.stop()
  await busDatabase.drop()
})

const urlOf = ({ url }: PostgresServer): string => url.replace(/\/postgres$/, '/written')
const admin = async ({ url }: PostgresServer, text: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text).finally(() => client.end())
}

/** A service that reaches whichever server the way leads to, as by the address of a cluster. */
async function serviceAt(way: Way) {
  const fence = createFence()
  const db = openDatabase({
    url: `postgresql://postgres@127.0.0.1:${String(way.port)}/written`,
    service: 'fenced',
    gate: fence,
  })
  const bus = await openEmbeddedBus({ url: busDatabase.url, topics, logger: silent })
  const messaging = await startMessaging({
    service: 'fenced',
    db,
    bus,
    fence,
    publishes: ['outside'],
    reactions: [],
    log: silent,
    onFatal: () => undefined,
  })
  const say = (text: string) =>
    db.transaction(systemOrigin(), (tx) => publish(tx, event(outsideNoted, 'book', { text })))
  const end = async () => {
    await messaging.stop()
    await bus.close()
    await db.close()
  }
  return { fence, say, end }
}

const outbox = async (server: PostgresServer): Promise<{ all: number; sent: number }> => {
  const client = new pg.Client({ connectionString: urlOf(server) })
  await client.connect()
  try {
    const counts = 'select count(*)::int as all, count(published_at)::int as sent from kit.outbox'
    return (await client.query<{ all: number; sent: number }>(counts)).rows[0] ?? { all: 0, sent: 0 }
  } finally {
    await client.end()
  }
}

/** The primary ends, and the address leads to its standby. */
async function failOver(from: Way, to: (target: URL) => Promise<Way>): Promise<Way> {
  from.cut()
  await primary.kill()
  await standby.promote()
  return await to(new URL(standby.url))
}

test.each([
  { behind: 0, becomes: 'as on the bus' },
  { behind: 4, becomes: 'the bus has 4 events of /stockline/fenced that it lacks' },
])('a standby that lacks $behind documents takes over', async ({ behind, becomes }) => {
  const port = { at: 0 }
  const wayOn = async (target: URL): Promise<Way> => {
    const way = await wayTo(target, port.at)
    port.at = way.port
    await way.open()
    return way
  }
  const first = await wayOn(new URL(primary.url))
  const service = await serviceAt(first)
  let second: Way | undefined
  try {
    await service.say('first')
    await until(async () => (await outbox(primary)).sent === 1)
    await standby.caughtUp()
    if (behind > 0) await standby.fallBehind()
    for (let n = 0; n < behind; n += 1) await service.say(`lost ${String(n)}`)
    await until(async () => (await outbox(primary)).sent === 1 + behind)

    second = await failOver(first, wayOn)
    const tried = () =>
      service.say('after').then(
        () => 'written',
        (error: unknown) => String(error),
      )
    await until(async () => {
      const answer = await tried()
      return behind === 0 ? answer === 'written' : answer.includes(becomes)
    })
    expect((await outbox(standby)).all).toBe(behind === 0 ? 2 : 1)
    const said = await service.fence.check().catch((error: unknown) => String(error))
    expect(said).toContain(becomes)
  } finally {
    await service.end()
    second?.cut()
  }
})
