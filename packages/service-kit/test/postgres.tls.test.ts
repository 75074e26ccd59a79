import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { exitOf, testDatabase, type TestDatabase } from '@stockline/test-kit'
import pg from 'pg'
import { CannotStart } from '../src/runtime/cannot-start.ts'
import { ConfigError } from '../src/process/config.ts'
import type { DatabaseAddress } from '../src/database/postgres.address.ts'
import { startService } from '../src/process/service.ts'
import { openDatabase } from '../src/database/transaction.ts'
import { inUse, securedServer, serverNames } from './secured.ts'
import { until } from './kit.database.ts'
import { startThings, things } from './things.ts'

let secured: Awaited<ReturnType<typeof securedServer>>
beforeAll(async () => {
  secured = await securedServer()
})
afterAll(() => secured.stop())

async function connectionTo(address: DatabaseAddress): Promise<{ ssl: boolean; client_dn: string | null }> {
  const db = openDatabase({ url: address, service: 'tls' })
  try {
    const [row] = await db.query<{ ssl: boolean; client_dn: string | null }>(inUse)
    if (row === undefined) throw new Error('no row')
    return row
  } finally {
    await db.close()
  }
}

describe('an address asks for TLS as libpq has it', () => {
  test.each([
    ['verify-full by name', 'localhost', 'sslmode=verify-full&sslrootcert=FOLDER/ca.crt'],
    ['verify-full by address', '127.0.0.1', 'sslmode=verify-full&sslrootcert=FOLDER/ca.crt'],
    ['verify-ca', 'localhost', 'sslmode=verify-ca&sslrootcert=FOLDER/ca.crt'],
    ['require, which asks for no CA', 'localhost', 'sslmode=require'],
    ['the handshake at once', 'localhost', 'sslmode=verify-full&sslrootcert=FOLDER/ca.crt&sslnegotiation=direct'],
  ])('%s', async (_name, host, query) => {
    expect(await connectionTo(secured.address('secured', query, host))).toMatchObject({ ssl: true })
  })

  test('with a certificate of our own', async () => {
    const query = `sslmode=verify-full&sslrootcert=FOLDER/ca.crt&sslcert=FOLDER/client.crt&sslkey=FOLDER/client.key`
    expect(await connectionTo(secured.address('certified', query))).toEqual({ ssl: true, client_dn: '/CN=certified' })
  })

  test('all that connect go the same way: service, outbox, migrations, the embedded bus and its members', async () => {
    for (const name of ['things', 'things_bus']) await secured.asAdmin(`create database ${name} owner secured`)
    const query = 'sslmode=verify-full&sslrootcert=FOLDER/ca.crt'
    const started = await startThings({
      THINGS_DATABASE_URL: secured.address('secured', query, 'localhost', 'things'),
      BUS_DATABASE_URL: secured.address('secured', query, 'localhost', 'things_bus'),
    })
    expect((await started.client.send('POST', '/v1/things', { body: { name: 'secured' } })).status).toBe(201)
    const client = new pg.Client({ connectionString: secured.url })
    await client.connect()
    const connections = async () => {
      const { rows } = await client.query<{ name: string; ssl: boolean }>(
        `select distinct a.application_name as name, s.ssl from pg_stat_activity a join pg_stat_ssl s using (pid)
         where a.usename = 'secured' order by 1`,
      )
      return rows
    }
    // The service serves before the group is joined.
    await until(async () => (await connections()).length === 3, 'three kinds of connections')
    expect(await connections()).toEqual(
      ['stockline-bus', 'stockline-bus-member', 'things'].map((name) => ({ name, ssl: true })),
    )
    await client.end()
    await started.stop()
  })
})

describe('a start that the server does not let in says so at once, in one sentence', () => {
  let bus: TestDatabase
  beforeAll(async () => {
    bus = await testDatabase('refused_bus')
  })
  afterAll(() => bus.drop())

  function environment(url: string): Record<string, string> {
    return { PORT: '0', IDENTITY_URL: 'http://127.0.0.1:9', THINGS_DATABASE_URL: url, BUS_DATABASE_URL: bus.url }
  }

  /** What the start ends with, and all that it logs before. */
  async function start(url: string): Promise<{ error: unknown; log: string }> {
    const lines: string[] = []
    const logTo = { write: (line: string) => void lines.push(line) }
    const error: unknown = await startService(things, environment(url), { logTo }).then(
      async (service) => service.stop(),
      (reason: unknown) => reason,
    )
    return { error, log: lines.join('\n') }
  }

  async function expectSentence(url: string, sentence: RegExp): Promise<void> {
    const { error, log } = await start(url)
    expect(error).toBeInstanceOf(CannotStart)
    expect(error).toMatchObject({ exitCode: 1, message: expect.stringMatching(sentence) as unknown })
    expect(log).not.toMatch(/trying again|hunter2|wrong/)
  }

  test.each([
    ['TLS is wanted', 'secured', '', /^The database refuses connections without TLS: add sslmode=verify-full/],
    ['TLS is switched off', 'secured', 'sslmode=disable', /^The database refuses connections without TLS/],
    [
      'the CA is unknown',
      'secured',
      'sslmode=verify-full&sslrootcert=FOLDER/stranger.crt',
      /^The database has a certificate of a CA that sslrootcert does not name/,
    ],
    ['no CA is named', 'secured', 'sslmode=verify-full', /^The database has a certificate of a CA that/],
    [
      'a certificate of ours is wanted',
      'certified',
      'sslmode=verify-full&sslrootcert=FOLDER/ca.crt',
      /^The database refuses us: connection requires a valid client certificate/,
    ],
    [
      'the password is wrong',
      'secured:wrong',
      'sslmode=verify-full&sslrootcert=FOLDER/ca.crt',
      /^The database refuses us: password authentication failed for user "secured"/,
    ],
  ])('%s', (_name, who, query, sentence) => expectSentence(secured.address(who, query), sentence))

  test.each([
    [
      'is for another host',
      ['DNS:elsewhere'],
      undefined,
      /^The database has a certificate for another host \(.*elsewhere/,
    ],
    ['has expired', serverNames, 'expired', /^The database has a certificate that is not valid/],
  ] as const)('the certificate %s', async (_name, names, expired, sentence) => {
    const { authority, present } = secured
    await present(authority.sign('db', names, expired), authority.cert)
    await expectSentence(secured.address('secured', 'sslmode=verify-full&sslrootcert=FOLDER/ca.crt'), sentence)
    await present(authority.sign('db', serverNames), authority.cert)
  })

  test('the server has no TLS', () =>
    expectSentence(`${bus.url}?sslmode=verify-full`, /^The database has no TLS, and its address asks for it/))

  test('the process ends with 1 and that sentence, without a stack', async () => {
    const main = new URL('./things.main.ts', import.meta.url).pathname
    const env = { PATH: process.env['PATH'], ...environment(secured.address('secured', '')) }
    const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    expect((await exitOf(child))[0]).toBe(1)
    // Of two pipes either may be read first.
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly level: string })
    expect(lines.filter(({ level }) => level === 'fatal')).toMatchObject([
      { msg: expect.stringMatching(/^The database refuses connections without TLS/) as unknown },
    ])
    expect(output).not.toMatch(/hunter2|\n {4}at |"stack"/)
  })

  test.each([
    ['sslmode=prefer', 'has sslmode=prefer, which must be disable, require, verify-ca, verify-full'],
    ['sslmode=verify-ca', 'has sslmode=verify-ca without sslrootcert'],
    ['sslrootcert=/x.crt', 'has sslrootcert and no sslmode: add sslmode=verify-full'],
    ['sslmode=verify-full&sslrootcert=/not/there.crt', 'has sslrootcert=/not/there.crt, which cannot be read (ENOENT)'],
    ['sslmode=verify-full&sslrootcert=FOLDER/client.key', 'client.key, which holds no whole certificate'],
    ['sslmode=verify-full&sslcert=FOLDER/client.crt', 'has only one of sslcert and sslkey'],
    ['sslmode=require&sslcert=FOLDER/client.crt&sslkey=FOLDER/other.key', 'names certificates or a key that do not go'],
    ['options=nonsense%20here', 'has options that are not like -c name=value'],
  ])('an address that cannot be meant is a wrong configuration: %s', async (query, fault) => {
    const { error } = await start(secured.address('secured', query))
    expect(error).toBeInstanceOf(ConfigError)
    expect(String(error)).toContain('- THINGS_DATABASE_URL ')
    expect(String(error)).toContain(fault)
    expect(String(error)).not.toContain('hunter2')
  })

  test.each([
    'postgresql://u:hunter2@h:port/x',
    'postgresql://u:hunter2@[h/x',
    '//u:hunter2@h',
    'postgresql://%ff:hunter2@h/x',
  ])('an address that is none repeats no password: %s', async (url) => {
    const { error } = await start(url)
    expect(String(error)).toContain('THINGS_DATABASE_URL must be like postgresql://user:password@host:5432/name')
    expect(String(error)).not.toContain('hunter2')
  })
})
