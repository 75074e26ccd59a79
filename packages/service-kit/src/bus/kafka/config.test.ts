import { afterAll, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeAuthority } from '@stockline/test-kit'
import { kafkaConfig } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'kafka-config-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})
const keep = (name: string, text: string): string => {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}
const authority = makeAuthority()
const [own, other] = [authority.sign('own'), authority.sign('other')]
const ca = keep('ca.pem', authority.cert)
const certFile = keep('own.pem', own.cert)
const keyFile = keep('own.key', own.key)
const otherKey = keep('other.key', other.key)
const none = keep('none.pem', 'this is no certificate')
const absent = join(folder, 'absent')
const scram = { KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', KAFKA_SASL_USERNAME: 'alice' }
const oauth = { KAFKA_SASL_MECHANISM: 'OAUTHBEARER' }

describe('what is wrong with the variables of Kafka is said', () => {
  test.each<[Record<string, string>, readonly string[]]>([
    [{}, []],
    [{ KAFKA_REPLICATION: '3' }, []],
    [{ KAFKA_REPLICATION: '0' }, ['KAFKA_REPLICATION must be a whole number from 1 to 99']],
    [{ KAFKA_REPLICATION: 'three' }, ['KAFKA_REPLICATION must be a whole number from 1 to 99']],
    [{ KAFKA_TLS: 'yes' }, ['KAFKA_TLS must be true or false']],
    [{ KAFKA_TLS_CA_FILE: ca }, ['KAFKA_TLS_CA_FILE needs KAFKA_TLS=true']],
    [{ KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: ca, KAFKA_TLS_CERT_FILE: certFile, KAFKA_TLS_KEY_FILE: keyFile }, []],
    [
      { KAFKA_TLS: 'true', KAFKA_TLS_CERT_FILE: certFile },
      ['KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE need each other: set both'],
    ],
    [
      { KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: absent },
      [`KAFKA_TLS_CA_FILE names ${absent}, which cannot be read (ENOENT)`],
    ],
    [{ KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: none }, [`KAFKA_TLS_CA_FILE names ${none}, which does not hold one`]],
    [
      { KAFKA_TLS: 'true', KAFKA_TLS_CERT_FILE: certFile, KAFKA_TLS_KEY_FILE: otherKey },
      [`KAFKA_TLS_KEY_FILE names ${otherKey}, which is not the key of the certificate`],
    ],
    [{ KAFKA_SASL_MECHANISM: 'GSSAPI' }, [expect.stringContaining('must be one of PLAIN') as unknown as string]],
    [{ KAFKA_SASL_USERNAME: 'alice' }, ['KAFKA_SASL_USERNAME needs KAFKA_SASL_MECHANISM']],
    [scram, ['KAFKA_SASL_PASSWORD is missing (KAFKA_SASL_MECHANISM=SCRAM-SHA-512)']],
    [{ ...scram, KAFKA_SASL_PASSWORD: 'p' }, []],
    [
      { ...scram, KAFKA_SASL_PASSWORD: 'hunter2', KAFKA_SASL_TOKEN_FILE: ca },
      ['KAFKA_SASL_TOKEN_FILE is not used with KAFKA_SASL_MECHANISM=SCRAM-SHA-512'],
    ],
    [
      { ...scram, KAFKA_SASL_PASSWORD: 'hunter2', KAFKA_SASL_PASSWORD_FILE: ca },
      ['KAFKA_SASL_PASSWORD and KAFKA_SASL_PASSWORD_FILE exclude each other: set one'],
    ],
    [oauth, ['KAFKA_SASL_MECHANISM=OAUTHBEARER needs one of KAFKA_SASL_TOKEN_FILE and KAFKA_SASL_TOKEN_URL']],
    [{ ...oauth, KAFKA_SASL_TOKEN_FILE: ca }, []],
    [
      { ...oauth, KAFKA_SASL_TOKEN_URL: 'issuer', KAFKA_SASL_CLIENT_ID: 'us' },
      [
        'KAFKA_SASL_TOKEN_URL must be like https://host/path',
        'KAFKA_SASL_CLIENT_SECRET is missing (KAFKA_SASL_TOKEN_URL is set)',
      ],
    ],
    [
      { KAFKA_REPLICATION: '-1', KAFKA_TLS: 'maybe', KAFKA_SASL_MECHANISM: 'PLAIN' },
      [
        'KAFKA_REPLICATION must be a whole number from 1 to 99',
        'KAFKA_TLS must be true or false',
        'KAFKA_SASL_USERNAME is missing (KAFKA_SASL_MECHANISM=PLAIN)',
        'KAFKA_SASL_PASSWORD is missing (KAFKA_SASL_MECHANISM=PLAIN)',
      ],
    ],
  ])('%j', (environment, faults) => {
    expect(kafkaConfig(environment).faults).toEqual(faults)
  })
})

test('a password in a file is read anew, and stands in no text of the configuration', () => {
  const file = keep('password', 'hunter2\n')
  const { config } = kafkaConfig({ ...scram, KAFKA_SASL_PASSWORD_FILE: file })
  const password = config.sasl?.mechanism === 'SCRAM-SHA-512' ? config.sasl.password : () => ''
  expect(password()).toBe('hunter2')
  writeFileSync(file, 'hunter3\n')
  expect(password()).toBe('hunter3')
  expect(JSON.stringify(config)).not.toContain('hunter')
})
