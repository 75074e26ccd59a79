/** A service whose bus is away at its start, goes later, and comes back: on both buses. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  clientFor,
  freePort,
  kafkaMissing,
  type KafkaServer,
  startOwnKafka,
  testDatabase,
  type TestDatabase,
  until,
} from '@stockline/test-kit'
import { event, publish, startService, type RunningService } from '../src/index.ts'
import type { StartHooks } from '../src/process/service.ts'
import { sessionRevoked, things, tokenFor } from './things.ts'
import { wayTo } from './way.ts'

/** A bus that is not there yet. */
interface AwayBus {
  readonly environment: Record<string, string>
  bring(): Promise<void>
  take(): Promise<void>
  remove(): Promise<void>
}

async function embeddedAway(): Promise<AwayBus> {
  const database = await testDatabase('late_bus')
  const address = new URL(database.url)
  const way = await wayTo(new URL(database.url))
  address.port = String(way.port)
  return {
    environment: { BUS_DATABASE_URL: address.href },
    bring: () => way.open(),
    take: () => {
      way.cut()
      return Promise.resolve()
    },
    remove: () => {
      way.cut()
      return database.drop()
    },
  }
}

async function kafkaAway(): Promise<AwayBus> {
  const port = await freePort()
  let server: KafkaServer | undefined
  return {
    environment: { KAFKA_BROKERS: `127.0.0.1:${port}` },
    bring: async () => {
      if (server === undefined) server = await startOwnKafka({ port })
      else await server.restart()
    },
    take: async () => server?.kill(),
    remove: async () => server?.stop(),
  }
}

interface Ready {
  readonly ready: boolean
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail?: unknown }>>
}

const missing = await kafkaMissing()
const buses: [string, () => Promise<AwayBus>][] = [['embedded', embeddedAway]]
if (missing === undefined) buses.push(['Kafka', kafkaAway])
else test.skip(`no Kafka: ${missing}`, () => undefined)

describe.each(buses)('on the %s bus', (_name, makeBus) => {
  let database: TestDatabase
  let bus: AwayBus
  beforeAll(async () => {
    ;[database, bus] = await Promise.all([testDatabase('late'), makeBus()])
  }, 120_000)
  afterAll(async () => {
    await Promise.all([database.drop(), bus.remove()])
  })

  const start = (onFatal: (error: Error) => void, logTo?: StartHooks['logTo']): Promise<RunningService> =>
    startService(
      things,
      {
        PORT: '0',
        THINGS_DATABASE_URL: database.url,
        IDENTITY_URL: 'http://127.0.0.1:9',
        LOG_LEVEL: logTo === undefined ? 'silent' : 'warn',
        ...bus.environment,
      },
      { onFatal, ...(logTo === undefined ? {} : { logTo }) },
    )

  const end = (service: RunningService, sessionId: string) =>
    service.db.transaction({ actor: null, correlationId: 'late' }, (tx) =>
      publish(tx, event(sessionRevoked, 'u-1', { sessionId })),
    )

  test('a stop does not wait for a bus that was never there', async () => {
    const lines: string[] = []
    const service = await start(() => undefined, { write: (line) => void lines.push(line) })
    await service.stop()
    expect(lines.filter((line) => line.includes('did not end in time'))).toEqual([])
    expect(lines.join()).toContain('the bus is not there yet')
  })

  test('it serves, keeps its events, says what it waits for, and joins; later the same', async () => {
    const fatal: Error[] = []
    const service = await start((error) => fatal.push(error))
    const client = clientFor(service.url, tokenFor())
    const readiness = async () => (await client.get<Ready>('/health/ready')).body
    const isReady = async () => {
      let last: Ready | undefined
      await until(
        'it is ready',
        async () => {
          last = await readiness()
          return last.ready
        },
        60_000,
      ).catch((error: unknown) => {
        throw new Error(JSON.stringify(last), { cause: error })
      })
    }
    const statusOf = async (sid: string) => (await clientFor(service.url, tokenFor({ sid })).get('/v1/things')).status
    const serves = async (name: string) => {
      expect((await client.send('POST', '/v1/things', { body: { name } })).status).toBe(201)
      expect((await client.get('/health/live')).status).toBe(200)
      await until('it says that the bus is away', async () => !(await readiness()).ready)
      const { checks } = await readiness()
      expect(checks['database']).toEqual({ ok: true })
      expect([checks['bus']?.ok, checks['consumers']?.ok]).toEqual([false, false])
      return String(checks['bus']?.detail)
    }

    expect(await serves('before')).toMatch(/^the bus is not there yet: /)
    await end(service, 'first')
    expect(await statusOf('first')).toBe(200)

    await bus.bring()
    await isReady()
    await until('the event has come', async () => (await statusOf('first')) === 401, 30_000)

    await bus.take()
    await serves('during')
    await end(service, 'second')
    await bus.bring()
    await until('the second event has come', async () => (await statusOf('second')) === 401, 60_000)
    await isReady()
    expect(fatal).toEqual([])
    await service.stop()
  }, 180_000)
})
