/** What deploy/compose.yaml hands on about Kafka. */
import { describe, expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { kafkaConfig } from '../../packages/service-kit/src/bus/kafka/config.ts'
import { serviceNames } from '../../tools/start/settings.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const { services } = z
  .object({
    services: z.record(
      z.string(),
      z.object({
        environment: z.record(z.string(), z.string()).default({}),
        volumes: z.array(z.string()).default([]),
      }),
    ),
  })
  .parse(parse(read('deploy/compose.yaml'), { merge: true }))
const users = [...serviceNames, 'topics']

/** Kafka's variables of a container, filled in as compose does: from `said`, else with what is there by default. */
function kafkaOf(name: string, said: Readonly<Record<string, string>> = {}): Record<string, string> {
  const entries = Object.entries(services[name]?.environment ?? {}).filter(([variable]) =>
    variable.startsWith('KAFKA_'),
  )
  const fill = (value: string): string =>
    value.replace(/\$\{(\w+):-([^}]*)\}/g, (_all, variable: string, standard: string) =>
      said[variable] === undefined || said[variable] === '' ? standard : said[variable],
    )
  return Object.fromEntries(entries.map(([variable, value]) => [variable, fill(value)]))
}

const byFile = ['KAFKA_TLS_KEY_PASSWORD', 'KAFKA_SASL_PASSWORD', 'KAFKA_SASL_CLIENT_SECRET']

describe.each(users)('%s', (name) => {
  test('gets every variable that is read, secrets by file alone, and the files', () => {
    const named = read('packages/service-kit/src/bus/kafka/config.ts').match(/\bKAFKA_[A-Z_]+/g) ?? []
    const wanted = named.map((one) => (byFile.includes(one) ? `${one}_FILE` : one))
    expect(Object.keys(kafkaOf(name)).sort()).toEqual([...new Set([...wanted, 'KAFKA_BROKERS'])].sort())
    expect(services[name]?.volumes).toEqual(['${KAFKA_FILES:-./kafka}:/run/kafka:ro'])
  })

  test('reaches the broker of the file, without TLS and login, where nothing is said', () => {
    const environment = kafkaOf(name)
    expect(environment['KAFKA_BROKERS']).toBe('kafka:9092')
    expect(kafkaConfig(environment)).toEqual({ config: {}, faults: [] })
  })

  const password = join(mkdtempSync(join(tmpdir(), 'stockline-kafka-files-')), 'password')
  writeFileSync(password, 'word\n')
  test.each([
    ['three brokers', { KAFKA_BROKERS: 'a:1, b:2, c:3', KAFKA_REPLICATION: '3' }, { replication: 3 }],
    [
      'TLS and SCRAM',
      {
        KAFKA_TLS: 'true',
        KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
        KAFKA_SASL_USERNAME: 'stockline',
        KAFKA_SASL_PASSWORD_FILE: password,
      },
      { tls: {}, sasl: { mechanism: 'SCRAM-SHA-512', username: 'stockline' } },
    ],
    [
      'tokens',
      {
        KAFKA_TLS: 'true',
        KAFKA_SASL_MECHANISM: 'OAUTHBEARER',
        KAFKA_SASL_TOKEN_URL: 'https://login.example/token',
        KAFKA_SASL_CLIENT_ID: 'stockline',
        KAFKA_SASL_CLIENT_SECRET_FILE: password,
        KAFKA_SASL_SCOPE: 'kafka',
      },
      { tls: {}, sasl: { mechanism: 'OAUTHBEARER', token: { clientId: 'stockline', scope: 'kafka' } } },
    ],
  ])('is told of %s by deploy/.env', (_what, said, config) => {
    const environment = kafkaOf(name, said)
    expect(environment).toMatchObject(said)
    const found = kafkaConfig(environment)
    expect(found.faults).toEqual([])
    expect(found.config).toMatchObject(config)
  })
})

test('the files with keys and passwords go neither into the repository nor into an image', () => {
  expect(read('.gitignore')).toContain('deploy/kafka/')
  expect(read('.dockerignore')).toContain('deploy/kafka')
})
