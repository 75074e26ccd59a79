/** How Kafka is reached: brokers, copies, TLS and SASL. Checked wholly at the start; every fault is named at once. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Environment } from '../../runtime/config.files.ts'
import { withFiles } from '../../runtime/config.files.ts'

/** Gives the secret as it is now: one that stands in a file is read anew. A function, so that no log can show it. */
export type Secret = () => string

/** TLS to the brokers, which are verified by name. The files are read anew for each connection. */
export interface KafkaTls {
  /** Authorities that brokers' certificates are verified with, PEM; without it those that Node trusts. */
  readonly caFile?: string | undefined
  /** Our own certificate (and its chain) and key, PEM, where the brokers want one. */
  readonly client?:
    { readonly certFile: string; readonly keyFile: string; readonly keyPassword?: Secret | undefined } | undefined
}

/** Authentication beside a certificate. */
export type KafkaSasl =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: Secret
    }
  | { readonly mechanism: 'OAUTHBEARER'; readonly token: TokenSource }

/** A token in a file, which another program renews; or one that is fetched with client credentials. */
export type TokenSource =
  | { readonly file: string }
  | {
      readonly url: string
      readonly clientId: string
      readonly clientSecret: Secret
      readonly scope?: string | undefined
    }

/** What connections to brokers are protected by; neither means plain text and no login. */
export interface KafkaSecurity {
  readonly tls?: KafkaTls | undefined
  readonly sasl?: KafkaSasl | undefined
}

/** The configuration of Kafka beside its addresses. */
export interface KafkaConfig extends KafkaSecurity {
  /** Copies of each partition of topics that we make; without it as many as the broker makes by default. */
  readonly replication?: number | undefined
}

const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const
const secrets = ['KAFKA_TLS_KEY_PASSWORD', 'KAFKA_SASL_PASSWORD', 'KAFKA_SASL_CLIENT_SECRET'] as const
const tlsFiles = ['KAFKA_TLS_CA_FILE', 'KAFKA_TLS_CERT_FILE', 'KAFKA_TLS_KEY_FILE'] as const
const passwordVariables = ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const
const tokenVariables = [
  'KAFKA_SASL_TOKEN_FILE',
  'KAFKA_SASL_TOKEN_URL',
  'KAFKA_SASL_CLIENT_ID',
  'KAFKA_SASL_CLIENT_SECRET',
  'KAFKA_SASL_SCOPE',
] as const

/** Reads Kafka's variables. With faults the configuration is not to be used; none repeats a value. */
export function kafkaConfig(environment: Environment): {
  readonly config: KafkaConfig
  readonly faults: readonly string[]
} {
  const filled = withFiles(secrets, environment)
  const reader: Reader = { environment, filled: filled.environment, faults: [...filled.faults] }
  const config = { replication: readReplication(reader), tls: readTls(reader), sasl: readSasl(reader) }
  return { config, faults: reader.faults }
}

interface Reader {
  readonly environment: Environment
  /** With the content of files where secrets were given by file. */
  readonly filled: Environment
  readonly faults: string[]
}

function textOf({ filled }: Reader, name: string): string | undefined {
  const value = filled[name]?.trim()
  return value === '' ? undefined : value
}

function readReplication(reader: Reader): number | undefined {
  const text = textOf(reader, 'KAFKA_REPLICATION')
  if (text === undefined) return undefined
  if (/^\d{1,2}$/.test(text) && Number(text) >= 1) return Number(text)
  reader.faults.push('KAFKA_REPLICATION must be a whole number from 1 to 99')
  return undefined
}

function readTls(reader: Reader): KafkaTls | undefined {
  const { faults } = reader
  const wanted = textOf(reader, 'KAFKA_TLS') ?? 'false'
  if (wanted !== 'true' && wanted !== 'false') faults.push('KAFKA_TLS must be true or false')
  if (wanted !== 'true') {
    for (const name of [...tlsFiles, 'KAFKA_TLS_KEY_PASSWORD'])
      if (textOf(reader, name) !== undefined) faults.push(`${name} needs KAFKA_TLS=true`)
    return undefined
  }
  const [caFile, certFile, keyFile] = tlsFiles.map((name) => textOf(reader, name))
  if ((certFile === undefined) !== (keyFile === undefined))
    faults.push('KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE need each other: set both')
  const keyPassword = secretOf(reader, 'KAFKA_TLS_KEY_PASSWORD')
  const client = certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile, keyPassword }
  const tls = { caFile, client }
  faults.push(...tlsErrors(tls))
  return tls
}

/** What is wrong with the files as they are now: they may be changed while we run. */
export function tlsErrors({ caFile, client }: KafkaTls): readonly string[] {
  const faults: string[] = []
  const attempt = <T>(name: string, file: string, parse: (text: string) => T): T | undefined => {
    try {
      return parse(readFileSync(file, 'utf8'))
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? ''
      const unreadable = code.startsWith('E') && !code.startsWith('ERR_')
      faults.push(`${name} names ${file}, ${unreadable ? `which cannot be read (${code})` : 'which does not hold one'}`)
      return undefined
    }
  }
  if (caFile !== undefined) attempt('KAFKA_TLS_CA_FILE', caFile, certificatesIn)
  if (client === undefined) return faults
  const [certificate] = attempt('KAFKA_TLS_CERT_FILE', client.certFile, certificatesIn) ?? []
  const passphrase = client.keyPassword?.()
  const key: KeyObject | undefined = attempt('KAFKA_TLS_KEY_FILE', client.keyFile, (text) =>
    createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) }),
  )
  if (certificate !== undefined && key !== undefined && !certificate.checkPrivateKey(key))
    faults.push(`KAFKA_TLS_KEY_FILE names ${client.keyFile}, which is not the key of the certificate`)
  return faults
}

function certificatesIn(text: string): readonly X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g)
  if (blocks === null) throw new Error('no certificate')
  return blocks.map((block) => new X509Certificate(block))
}

function readSasl(reader: Reader): KafkaSasl | undefined {
  const { faults } = reader
  const text = textOf(reader, 'KAFKA_SASL_MECHANISM')?.toUpperCase()
  const mechanism = mechanisms.find((one) => one === text)
  if (mechanism === undefined) {
    if (text !== undefined) faults.push(`KAFKA_SASL_MECHANISM must be one of ${mechanisms.join(', ')}`)
    else refuseOthers(reader, [...passwordVariables, ...tokenVariables], 'needs KAFKA_SASL_MECHANISM')
    return undefined
  }
  if (mechanism === 'OAUTHBEARER') {
    refuseOthers(reader, passwordVariables, `is not used with KAFKA_SASL_MECHANISM=${mechanism}`)
    const token = readToken(reader)
    return token === undefined ? undefined : { mechanism, token }
  }
  refuseOthers(reader, tokenVariables, `is not used with KAFKA_SASL_MECHANISM=${mechanism}`)
  const username = textOf(reader, 'KAFKA_SASL_USERNAME')
  const password = secretOf(reader, 'KAFKA_SASL_PASSWORD')
  if (username === undefined) faults.push(`KAFKA_SASL_USERNAME is missing (KAFKA_SASL_MECHANISM=${mechanism})`)
  if (password === undefined) faults.push(`KAFKA_SASL_PASSWORD is missing (KAFKA_SASL_MECHANISM=${mechanism})`)
  return username === undefined || password === undefined ? undefined : { mechanism, username, password }
}

function readToken(reader: Reader): TokenSource | undefined {
  const { faults } = reader
  const [file, url, clientId] = tokenVariables.map((name) => textOf(reader, name))
  const scope = textOf(reader, 'KAFKA_SASL_SCOPE')
  const clientSecret = secretOf(reader, 'KAFKA_SASL_CLIENT_SECRET')
  if ((file === undefined) === (url === undefined)) {
    faults.push('KAFKA_SASL_MECHANISM=OAUTHBEARER needs one of KAFKA_SASL_TOKEN_FILE and KAFKA_SASL_TOKEN_URL')
    return undefined
  }
  if (file !== undefined) {
    try {
      readFileSync(file)
    } catch (error) {
      const code = String((error as NodeJS.ErrnoException).code)
      faults.push(`KAFKA_SASL_TOKEN_FILE names ${file}, which cannot be read (${code})`)
    }
    return { file }
  }
  if (url !== undefined && !/^https?:\/\/\S+$/.test(url))
    faults.push('KAFKA_SASL_TOKEN_URL must be like https://host/path')
  if (clientId === undefined) faults.push('KAFKA_SASL_CLIENT_ID is missing (KAFKA_SASL_TOKEN_URL is set)')
  if (clientSecret === undefined) faults.push('KAFKA_SASL_CLIENT_SECRET is missing (KAFKA_SASL_TOKEN_URL is set)')
  if (url === undefined || clientId === undefined || clientSecret === undefined) return undefined
  return { url, clientId, clientSecret, scope }
}

function refuseOthers(reader: Reader, names: readonly string[], because: string): void {
  for (const name of names) if (textOf(reader, name) !== undefined) reader.faults.push(`${name} ${because}`)
}

/** Undefined where it is missing. One that stands in a file is read at each call, without the line break at its end. */
function secretOf(reader: Reader, name: (typeof secrets)[number]): Secret | undefined {
  const value = reader.filled[name]
  if (value === undefined || value.trim() === '') return undefined
  const file = reader.environment[`${name}_FILE`]?.trim()
  if (file === undefined || file === '') return () => value
  return () => readFileSync(file, 'utf8').replace(/\r?\n$/, '')
}

/** The files whose change means that connections are to be made anew. Tokens are none: brokers demand fresh ones. */
export function credentialFiles({ tls, sasl }: KafkaSecurity): () => string {
  return () => {
    const files = [tls?.caFile, tls?.client?.certFile, tls?.client?.keyFile]
    const texts = files.map((file) => (file === undefined ? '' : readFileSync(file, 'utf8')))
    const password = sasl !== undefined && sasl.mechanism !== 'OAUTHBEARER' ? sasl.password() : ''
    return [...texts, tls?.client?.keyPassword?.() ?? '', password].join('\0')
  }
}
