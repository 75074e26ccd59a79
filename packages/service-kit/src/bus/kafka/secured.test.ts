/** Kafka with TLS and logins, on real listeners: what works, and what is said where it does not. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createServer } from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  makeAuthority,
  type SecuredKafka,
  securedKafkaMissing,
  type SecuredKafkaOptions,
  startSecuredKafka,
  until,
} from '@stockline/test-kit'
import { openKafkaBus } from './kafka-bus.ts'
import { createSockets } from './sockets.ts'
import type { KafkaSecurity } from './config.ts'

const missing = await securedKafkaMissing()
const folder = mkdtempSync(join(tmpdir(), 'secured-'))
const authority = makeAuthority()
const stranger = makeAuthority('Another CA')
const keep = (name: string, text: string): string => {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}
const caFile = keep('ca.pem', authority.cert)
const certificate = authority.sign('broker', ['IP:127.0.0.1'])
const own = authority.sign('stockline')
const client = { certFile: keep('own.pem', own.cert), keyFile: keep('own.key', own.key) }
const password = () => 'p-a!ss_word'
const users = { alice: 'p-a!ss_word' }

const said: string[] = []
const write = (details: object, message: string): void => void said.push(JSON.stringify(details) + message)
const logger = { info: write, warn: write, error: write }
let topicsMade = 0

/** Sends and takes one message as `security` says. */
async function roundTrip(brokers: string, security: KafkaSecurity): Promise<string> {
  const topic = `secured-${(topicsMade += 1)}`
  const topics = [{ name: topic, partitions: 2 }]
  const open = () => openKafkaBus({ brokers: brokers.split(','), clientId: 'secured', topics, logger, security })
  // A machine with much to do may be too slow for the first handshakes: a service tries again as well.
  const bus = await open().catch(open).catch(open)
  try {
    const got: string[] = []
    await bus.subscribe({
      group: `of-${topic}`,
      topics: [topic],
      handle: (messages) => {
        got.push(...messages.map((message) => String(message.value)))
        return Promise.resolve()
      },
      onFatal: () => undefined,
    })
    await bus.publish([{ topic, message: { key: 'k', value: Buffer.from('heard'), headers: {} } }])
    await until('the message', () => Promise.resolve(got.length > 0), 30_000)
    await bus.check()
    return got.join()
  } finally {
    await bus.close()
  }
}

function refusalOf(brokers: string, security: KafkaSecurity): Promise<string> {
  return openKafkaBus({
    brokers: brokers.split(','),
    clientId: 'refused',
    topics: [{ name: 'never', partitions: 1 }],
    logger,
    security,
  }).then(
    () => 'it was let in',
    (error: unknown) => (error as Error).message,
  )
}

afterAll(() => {
  // Whatever was logged on the way, no secret was.
  expect(said.filter((line) => /p-a!ss_word|wrong-word|client-secret/.test(line))).toEqual([])
  rmSync(folder, { recursive: true })
})

function onListener(options: SecuredKafkaOptions, name: string, tests: (kafka: () => SecuredKafka) => void): void {
  describe(`a listener with ${name}`, () => {
    let kafka: SecuredKafka | undefined
    beforeAll(async () => {
      kafka = await startSecuredKafka(options)
    }, 180_000)
    afterAll(() => kafka?.stop())
    tests(() => {
      if (kafka === undefined) throw new Error('it did not start')
      return kafka
    })
  })
}

if (missing !== undefined) test.skip(`no Kafka by Java: ${missing}`, () => undefined)
else {
  const scram = { mechanism: 'SCRAM-SHA-512', username: 'alice', password } as const
  onListener(
    { tls: { certificate, clientAuthority: authority.cert }, sasl: { mechanism: 'SCRAM-SHA-512', users } },
    'SCRAM-SHA-512, TLS and client certificates',
    (kafka) => {
      test('lets in who has all of it', async () => {
        expect(await roundTrip(kafka().brokers, { tls: { caFile, client }, sasl: scram })).toBe('heard')
      })

      const wrong = { ...scram, password: () => 'wrong-word' }
      const strange = stranger.sign('stockline')
      const strangers = {
        certFile: keep('strange.pem', strange.cert),
        keyFile: keep('strange.key', strange.key),
      }
      const strangeCa = keep('strange-ca.pem', stranger.cert)
      test.each<[string, KafkaSecurity, RegExp]>([
        ['plain', {}, /expects TLS: set KAFKA_TLS=true$/],
        ['no certificate', { tls: { caFile }, sasl: scram }, /wants a certificate of ours: set KAFKA_TLS_CERT_FILE/],
        ['a strange certificate', { tls: { caFile, client: strangers }, sasl: scram }, /refuses our certificate/],
        [
          'an unknown CA',
          { tls: { caFile: strangeCa, client }, sasl: scram },
          /no authority that KAFKA_TLS_CA_FILE names/,
        ],
        ['the CAs of Node', { tls: { client }, sasl: scram }, /name its authority in KAFKA_TLS_CA_FILE/],
        ['no login', { tls: { caFile, client } }, /wants a login by SASL: set .* \(it takes SCRAM-SHA-512\)$/],
        ['PLAIN', { tls: { caFile, client }, sasl: { ...scram, mechanism: 'PLAIN' } }, /takes no PLAIN/],
        ['a wrong password', { tls: { caFile, client }, sasl: wrong }, /refuse the user alice .*: wrong password/],
        ['a stranger', { tls: { caFile, client }, sasl: { ...scram, username: 'bob' } }, /refuse the user bob/],
      ])('with %s it says so', async (_with, security, sentence) => {
        expect(await refusalOf(kafka().brokers, security)).toMatch(sentence)
      })

      test('with another host name than the certificate’s it says so', async () => {
        const elsewhere = kafka().brokers.replaceAll('127.0.0.1', 'localhost')
        const security = { tls: { caFile, client }, sasl: scram }
        expect(await refusalOf(elsewhere, security)).toMatch(/is for another name than localhost$/)
      })

      test('files that change are read anew: old connections are made again with them', async () => {
        const files = {
          certFile: keep('rotated.pem', own.cert),
          keyFile: keep('rotated.key', own.key),
        }
        const passwordFile = keep('password', users.alice)
        const { readFileSync } = await import('node:fs')
        const security: KafkaSecurity = {
          tls: { caFile, client: files },
          sasl: { ...scram, password: () => readFileSync(passwordFile, 'utf8') },
        }
        const sockets = createSockets(security, logger, 100)
        const [host = '', port = ''] = kafka().brokers.split(':')
        const connected = Promise.withResolvers<undefined>()
        const socket = sockets.open({ host, port: Number(port), onConnect: () => connected.resolve(undefined) })
        const ended = Promise.withResolvers<Error>()
        socket.on('error', ended.resolve)
        await connected.promise
        const next = authority.sign('stockline-2')
        writeFileSync(files.certFile, next.cert)
        await until('the half that is new is told of', () =>
          Promise.resolve(said.some((line) => line.includes('not usable yet'))),
        )
        expect(socket.destroyed).toBe(false)
        writeFileSync(files.keyFile, next.key)
        expect((await ended.promise).message).toBe('the credentials have changed')
        sockets.stop()
        expect(await roundTrip(kafka().brokers, security)).toBe('heard')
      })
    },
  )

  onListener({ sasl: { mechanism: 'PLAIN', users } }, 'PLAIN and no TLS', (kafka) => {
    const sasl = { mechanism: 'PLAIN', username: 'alice', password } as const
    test('lets in', async () => {
      expect(await roundTrip(kafka().brokers, { sasl })).toBe('heard')
    })
    test.each<[string, KafkaSecurity, RegExp]>([
      ['TLS', { tls: { caFile }, sasl }, /speaks without TLS: unset KAFKA_TLS/],
      ['no login', {}, /wants a login by SASL: set KAFKA_SASL_MECHANISM \(it takes PLAIN\)$/],
      ['a wrong password', { sasl: { ...sasl, password: () => 'wrong-word' } }, /refuse the user alice by PLAIN/],
    ])('with %s it says so', async (_with, security, sentence) => {
      expect(await refusalOf(kafka().brokers, security)).toMatch(sentence)
    })
    test('where no login is wanted, one is too much', async () => {
      expect(await refusalOf(kafka().open, { sasl })).toMatch(/takes no login by SASL/)
    })
  })

  onListener(
    { tls: { certificate }, sasl: { mechanism: 'SCRAM-SHA-256', users } },
    'SCRAM-SHA-256 and TLS',
    (kafka) => {
      test('lets in', async () => {
        const sasl = { mechanism: 'SCRAM-SHA-256', username: 'alice', password } as const
        expect(await roundTrip(kafka().brokers, { tls: { caFile }, sasl })).toBe('heard')
      })
    },
  )

  onListener(
    { tls: { certificate }, sasl: { mechanism: 'OAUTHBEARER', users: {}, reauthenticateMs: 12_000 } },
    'OAUTHBEARER and TLS',
    (kafka) => {
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
      const tokenFor = (seconds: number): string => {
        const now = Math.floor(Date.now() / 1000)
        return `${part({ alg: 'none' })}.${part({ sub: 'stockline', iat: now, exp: now + seconds })}.`
      }

      test('lets in with a token from a file, which is read anew when the broker asks again', async () => {
        const file = keep('token', tokenFor(3_600))
        const topic = 'reauthenticated'
        const security: KafkaSecurity = { tls: { caFile }, sasl: { mechanism: 'OAUTHBEARER', token: { file } } }
        const bus = await openKafkaBus({
          brokers: kafka().brokers.split(','),
          clientId: 'tokens',
          topics: [{ name: topic, partitions: 1 }],
          logger,
          security,
        })
        const got: string[] = []
        await bus.subscribe({
          group: 'tokens',
          topics: [topic],
          handle: (messages) => {
            got.push(...messages.map((message) => String(message.value)))
            return Promise.resolve()
          },
          onFatal: () => undefined,
        })
        // The broker ends sessions after twelve seconds: three of them.
        for (let second = 0; second < 30; second += 1) {
          const message = { key: 'k', value: Buffer.from(String(second)), headers: {} }
          await until('it is sent', () =>
            bus.publish([{ topic, message }]).then(
              () => true,
              () => false,
            ),
          )
          await new Promise((resolve) => setTimeout(resolve, 1_000))
        }
        await until('all have come', () => Promise.resolve(new Set(got).size === 30), 30_000)
        await bus.close()
      }, 120_000)

      test('lets in with a token that it fetches, once for many connections', async () => {
        const asked: string[] = []
        const issuer = createServer((request, response) => {
          let body = ''
          request.on('data', (bytes: Buffer) => (body += bytes.toString()))
          request.on('end', () => {
            asked.push(`${String(request.headers.authorization)} ${body}`)
            response.setHeader('content-type', 'application/json')
            response.end(JSON.stringify({ access_token: tokenFor(3_600), expires_in: 3_600, token_type: 'Bearer' }))
          })
        })
        await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve))
        const url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/token`
        const token = { url, clientId: 'stockline', clientSecret: () => 'client-secret', scope: 'kafka' }
        const sasl = { mechanism: 'OAUTHBEARER', token } as const
        expect(await roundTrip(kafka().brokers, { tls: { caFile }, sasl })).toBe('heard')
        const login = Buffer.from('stockline:client-secret').toString('base64')
        expect(new Set(asked)).toEqual(new Set([`Basic ${login} grant_type=client_credentials&scope=kafka`]))
        expect(asked.length).toBeLessThan(4)
        issuer.close()
        issuer.closeAllConnections()
        expect(await refusalOf(kafka().brokers, { tls: { caFile }, sasl })).toMatch(
          /^no token from KAFKA_SASL_TOKEN_URL/,
        )
      })

      test.each([
        ['that is none', 'nonsense'],
        ['that has expired', tokenFor(-3_600)],
      ])('with a token %s it says so', async (_with, text) => {
        const sasl = { mechanism: 'OAUTHBEARER', token: { file: keep('bad-token', text) } } as const
        expect(await refusalOf(kafka().brokers, { tls: { caFile }, sasl })).toMatch(/^the brokers refuse our token/)
      })
    },
  )
}

test('with an expired certificate of the listener it says so', async () => {
  const expired = authority.sign('broker', ['IP:127.0.0.1'], 'expired')
  const server = createTlsServer({ cert: expired.cert, key: expired.key }, (socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  expect(await refusalOf(`127.0.0.1:${port}`, { tls: { caFile } })).toMatch(/has expired$/)
  server.close()
  expect(await refusalOf(`127.0.0.1:${port}`, {})).toBe(`no broker answers: 127.0.0.1:${port} (ECONNREFUSED)`)
})
