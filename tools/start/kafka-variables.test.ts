import { expect, test } from '@jest/globals'
import { withKafkaPaths } from './services.ts'
import { waitsForOf } from './waiting.ts'

test('files of Kafka are found from where the person stands', () => {
  const given: [string, string][] = [
    ['KAFKA_TLS_CA_FILE', 'certs/ca.pem'],
    ['KAFKA_SASL_PASSWORD_FILE', '/run/secrets/kafka'],
    ['KAFKA_SASL_USERNAME', 'certs/ca.pem'],
    ['OTHER_FILE', 'certs/ca.pem'],
  ]
  expect(withKafkaPaths(given, '/home/me')).toEqual([
    ['KAFKA_TLS_CA_FILE', '/home/me/certs/ca.pem'],
    ['KAFKA_SASL_PASSWORD_FILE', '/run/secrets/kafka'],
    ['KAFKA_SASL_USERNAME', 'certs/ca.pem'],
    ['OTHER_FILE', 'certs/ca.pem'],
  ])
})

test.each<[string, unknown, string | undefined]>([
  [
    'the bus',
    {
      ready: false,
      checks: { database: { ok: true }, bus: { ok: false, detail: 'b' }, consumers: { ok: false, detail: 'b' } },
    },
    'b',
  ],
  [
    'its database',
    { ready: false, reason: 'the database does not answer yet', checks: {} },
    'the database does not answer yet',
  ],
  ['nothing yet', { ready: false, reason: 'starting', checks: {} }, undefined],
  ['no service', 'broken answer', undefined],
])('what a service waits for: %s', (_name, says, words) => {
  expect(waitsForOf(says)).toBe(words)
})
