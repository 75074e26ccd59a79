/** A password is changed while a service sends and reads, at the brokers first: nothing is lost and nothing has to be restarted. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeAuthority, type SecuredKafka, securedKafkaMissing, startSecuredKafka, until } from '@stockline/test-kit'
import type { EventBus } from '../bus.ts'
import { openKafkaBus } from './kafka-bus.ts'
import type { KafkaSecurity } from './config.ts'

const missing = await securedKafkaMissing()
const topic = 'rotated'
const patienceMs = 90_000

if (missing !== undefined) test.skip(`no Kafka by Java: ${missing}`, () => undefined)
else
  describe.each([
    ['that leaves open connections alone', undefined],
    ['that wants a new login every twelve seconds', 12_000],
  ])('a broker %s', (_name, reauthenticateMs) => {
    const folder = mkdtempSync(join(tmpdir(), 'rotation-'))
    const [caFile, passwordFile] = [join(folder, 'ca.pem'), join(folder, 'password')]
    const said: string[] = []
    const say = (details: object, message: string): void => void said.push(JSON.stringify(details) + message)
    const logger = { info: say, warn: say, error: say }
    const security: KafkaSecurity = {
      tls: { caFile },
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'alice', password: () => readFileSync(passwordFile, 'utf8') },
    }
    const fatal: Error[] = []
    const got: string[] = []
    let kafka: SecuredKafka
    let bus: EventBus
    const open = () =>
      openKafkaBus({
        brokers: kafka.brokers.split(','),
        clientId: 'rotation',
        topics: [{ name: topic, partitions: 2 }],
        logger,
        security,
      })

    beforeAll(async () => {
      const authority = makeAuthority()
      writeFileSync(caFile, authority.cert)
      writeFileSync(passwordFile, 'the-first-word')
      kafka = await startSecuredKafka({
        tls: { certificate: authority.sign('broker', ['IP:127.0.0.1']) },
        sasl: {
          mechanism: 'SCRAM-SHA-512',
          users: { alice: 'the-first-word' },
          ...(reauthenticateMs === undefined ? {} : { reauthenticateMs }),
        },
      })
      bus = await until('the bus', () => open().catch(() => false as const), patienceMs, 500)
      await bus.subscribe({
        group: topic,
        topics: [topic],
        handle: (messages) => {
          got.push(...messages.map(({ value }) => String(value)))
          return Promise.resolve()
        },
        onFatal: (error) => void fatal.push(error),
      })
    }, 300_000)
    afterAll(async () => {
      await bus.close()
      await kafka.stop()
      rmSync(folder, { recursive: true })
    })

    /** As a relay does: the same again until it is taken. */
    const published = (text: string) => {
      const message = { topic, message: { key: text, value: Buffer.from(text), headers: {} } }
      const attempt = () =>
        bus.publish([message]).then(
          () => true,
          () => false,
        )
      return until(`"${text}" is taken`, attempt, patienceMs, 200)
    }
    const read = (text: string) => until(`"${text}" is read`, () => Promise.resolve(got.includes(text)), patienceMs)
    const sentence = () =>
      bus.check().then(
        () => 'all is well',
        (error: unknown) => (error as Error).message,
      )

    test('goes on with the new password, once it is in the file', async () => {
      await published('before')
      await read('before')
      await kafka.changePassword('alice', 'the-second-word')
      await expect(open()).rejects.toThrow('the brokers refuse the user alice by SCRAM-SHA-512: wrong password')
      if (reauthenticateMs === undefined) {
        await published('in between')
        await read('in between')
      } else
        await until('it is said', async () => (await sentence()).includes('refuse the user alice'), patienceMs, 300)

      writeFileSync(passwordFile, 'the-second-word')
      await until(
        'connections are made anew',
        () => Promise.resolve(said.some((line) => line.includes('are made anew'))),
        patienceMs,
      )
      // The old ones end one after another.
      await sleep(3_000)
      await published('after')
      await read('after')
      await until('all is well', async () => (await sentence()) === 'all is well', patienceMs, 300)
      expect(fatal).toEqual([])
      expect(said.filter((line) => /the-(first|second)-word/.test(line))).toEqual([])
    }, 300_000)
  })
