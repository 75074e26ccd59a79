import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openEmbeddedBus } from '../src/bus/embedded/embedded-bus.ts'
import { createLogger } from '../src/runtime/logging.ts'
import { migrate } from '../src/database/migrate.ts'
import { openClient } from '../src/database/postgres.connect.ts'
import { startRelay } from '../src/messaging/relay.ts'
import { openDatabase } from '../src/database/transaction.ts'
import { until } from './kit.database.ts'
import { inUse, password, securedServer, serverNames } from './secured.ts'

let secured: Awaited<ReturnType<typeof securedServer>>
beforeAll(async () => {
  secured = await securedServer()
})
afterAll(() => secured.stop())

/** What a test has opened, whatever becomes of it: closed in the opposite order. */
const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

describe('without stopping', () => {
  const told: string[] = []
  const logger = createLogger('rotating', 'warn', { write: (line) => void told.push(line) })

  test('a password, the CA and the certificates are exchanged, and all connections go over to them', async () => {
    const { authority, stranger, folder, file, asAdmin, present } = secured
    await asAdmin(`create role rotated login password '${password}'`)
    file('rotating.crt', authority.cert)
    const address = async (name: string) => {
      await asAdmin(`create database ${name} owner rotated`)
      const url = secured.address('rotated', 'sslmode=verify-full&sslrootcert=FOLDER/rotating.crt', 'localhost', name)
      const write = (word: string) => file(name, url.replace(password, word))
      write(password)
      return { write, read: () => readFileSync(join(folder, name), 'utf8') }
    }
    const [own, busOwn] = [await address('rotated_things'), await address('rotated_bus')]
    const database = openDatabase({ url: own.read, service: 'rotating', longestLifeMs: 500 })
    ends.push(() => database.close())
    const notes = [{ name: 'notes', partitions: 2 }]
    const opened = await openEmbeddedBus({ url: busOwn.read, topics: notes, logger, longestLifeMs: 500 })
    ends.push(() => opened.close())
    const taken: string[] = []
    await opened.subscribe({
      group: 'readers',
      topics: ['notes'],
      onFatal: (error) => told.push(String(error)),
      handle: (messages) => {
        taken.push(...messages.map((message) => message.value?.toString() ?? ''))
        return Promise.resolve()
      },
    })
    const say = (text: string) =>
      opened.publish([{ topic: 'notes', message: { key: text, value: Buffer.from(text), headers: {} } }])
    await migrate(own.read, new URL('./migrations', import.meta.url))
    const relay = startRelay({ db: database, bus: opened, log: logger, idleMs: 20, standbyMs: 20 })
    ends.push(() => relay.stop())
    const pids = async (): Promise<number[]> => {
      const client = await openClient({ address: secured.url, name: 'looking' })
      const text = `select pid from pg_stat_activity where usename = 'rotated' and application_name <> 'migrate'`
      const { rows } = await client.query<{ pid: number }>(text)
      await client.end()
      return rows.map((row) => row.pid)
    }
    await say('before')
    await database.query(inUse)
    await until(() => taken.includes('before') && relay.isActive(), 'all to run')
    // At no time need all be there: each is renewed twice a second, as soon as somebody asks for it.
    const before = new Set<number>()
    await until(async () => {
      for (const pid of await pids()) before.add(pid)
      return before.size >= 3
    }, 'several connections')

    // The CA first, then what it signed, then the password: at no time is one without the other.
    file('rotating.crt', `${authority.cert}${stranger.cert}`)
    await present(stranger.sign('db', serverNames), stranger.cert)
    file('rotating.crt', stranger.cert)
    await asAdmin(`alter role rotated password 'another-secret'`)
    own.write('another-secret')
    busOwn.write('another-secret')

    await until(async () => (await pids()).every((pid) => !before.has(pid)), 'all to be renewed', 20_000)
    await say('after')
    expect(await database.query(inUse)).toMatchObject([{ ssl: true }])
    await until(() => taken.includes('after') && relay.isActive(), 'all to run again')
    expect(told.join('\n')).not.toMatch(/hunter2|another-secret/)
    await present(authority.sign('db', serverNames), authority.cert)
  })

  test('files that are being replaced stop nobody: what was read last stands', async () => {
    const { authority, file } = secured
    const path = file('half.crt', authority.cert)
    const url = secured.address('secured', 'sslmode=verify-full&sslrootcert=FOLDER/half.crt')
    const database = openDatabase({ url, service: 'half', longestLifeMs: 1 })
    for (const content of [authority.cert, '', 'half a certi', authority.cert]) {
      file('half.crt', content)
      expect(await database.query(inUse)).toMatchObject([{ ssl: true }])
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    rmSync(path)
    expect(await database.query(inUse)).toMatchObject([{ ssl: true }])
    await database.close()
  })
})

test('a connection that is lost while it rests leaves neither password nor key in what is told', async () => {
  const query = `sslmode=verify-full&sslrootcert=FOLDER/ca.crt&sslcert=FOLDER/client.crt&sslkey=FOLDER/client.key`
  const lines: string[] = []
  const log = createLogger('leak', 'info', { write: (line) => void lines.push(line) })
  const database = openDatabase({
    url: secured.address('certified', query),
    service: 'leaking',
    onIdleError: (error) => log.warn({ err: error }, 'an idle connection to the database was lost'),
  })
  await database.query(inUse)
  await secured.asAdmin(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'leaking'`)
  await until(() => lines.length > 0, 'the line')
  expect(lines.join('\n')).toContain('terminating connection')
  expect(lines.join('\n')).not.toMatch(/hunter2|PRIVATE KEY|BEGIN|postgresql:/)
  await database.close()
})
