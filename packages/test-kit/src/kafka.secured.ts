/** Brokers with TLS and logins, one or several, by Java. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Certificate } from './certificates.ts'
import { serverLog, startGuarded } from './guardian.ts'
import { brokerAnswers } from './kafka.answers.ts'
import { formatted, jars, prepareJavaKafka } from './kafka.java.ts'
import { freePort } from './postgres.server.ts'

/** How the brokers' clients have to come. */
export interface SecuredKafkaOptions {
  /** Default: 1. */
  readonly brokers?: number
  readonly tls?: {
    readonly certificate: Certificate
    /** Authority of clients' certificates, PEM. With it they must have one. */
    readonly clientAuthority?: string
  }
  readonly sasl?: {
    readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER'
    /** Name and password; with OAUTHBEARER any token without a signature is taken. */
    readonly users: Readonly<Record<string, string>>
    /** After how long a connection must log in again. */
    readonly reauthenticateMs?: number
  }
  /** Of the broker: `default.replication.factor` and so on. */
  readonly settings?: Readonly<Record<string, string>>
}

/** The brokers that run. */
export interface SecuredKafka {
  /** Where clients come with what was asked, with commas. */
  readonly brokers: string
  /** Where anybody may come, for the test's own questions. */
  readonly open: string
  /** kill -9 of one of them, counted from 0. */
  kill(index: number): Promise<void>
  /** Starts it again; it answers when a majority is there. */
  restart(index: number): void
  /** Resolves when it answers. */
  answers(index: number): Promise<void>
  /** With SCRAM: gives a user another password, which holds for every login from now on. */
  changePassword(user: string, password: string): Promise<void>
  stop(): Promise<void>
}

interface Node {
  readonly id: number
  readonly folder: string
  readonly client: number
  readonly internal: number
  readonly controller: number
  running?: ReturnType<typeof startGuarded>
}

const run = promisify(execFile)
const startLimitMs = 120_000

/** Why there can be none here, in words; undefined if there can. Needs Java, and openssl for certificates. */
export const securedKafkaMissing = prepareJavaKafka

/** Starts them; resolves when all answer. {@link securedKafkaMissing} must have said that it can. */
export async function startSecuredKafka(options: SecuredKafkaOptions): Promise<SecuredKafka> {
  const root = mkdtempSync(join(tmpdir(), 'stockline-secured-'))
  const nodes: Node[] = []
  for (let id = 1; id <= (options.brokers ?? 1); id += 1) {
    const [client, internal, controller] = [await freePort(), await freePort(), await freePort()]
    nodes.push({ id, folder: join(root, String(id)), client, internal, controller })
  }
  for (const node of nodes) {
    mkdirSync(node.folder)
    writeFileSync(join(node.folder, 'server.properties'), properties(node, nodes, options))
  }
  await formatAll(nodes, options)
  const launch = (node: Node): void => {
    const flags = ['-Xms96m', '-Xmx320m', '-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn']
    const command = ['java', ...flags, '-cp', join(jars, '*'), 'kafka.Kafka', join(node.folder, 'server.properties')]
    node.running = startGuarded({ folder: node.folder, command, stopSignal: 'SIGTERM', temporary: false })
  }
  const answers = async (node: Node): Promise<void> => {
    for (const deadline = Date.now() + startLimitMs; !(await brokerAnswers(`127.0.0.1:${node.internal}`));) {
      if (node.running?.isRunning() !== true || Date.now() > deadline)
        throw new Error(`Kafka ${node.id} does not start:\n${serverLog(node.folder)}`)
      await sleep(200)
    }
  }
  const nodeAt = (index: number): Node => {
    const node = nodes[index]
    if (node === undefined) throw new Error(`there is no broker ${index}`)
    return node
  }
  const stop = async (): Promise<void> => {
    // Together: one alone would wait for the others, which it needs to say good-bye.
    await Promise.all(nodes.map(async (node) => node.running?.kill()))
    rmSync(root, { recursive: true, force: true })
  }
  try {
    nodes.forEach(launch)
    await Promise.all(nodes.map(answers))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    brokers: nodes.map((node) => `127.0.0.1:${node.client}`).join(','),
    open: nodes.map((node) => `127.0.0.1:${node.internal}`).join(','),
    kill: async (index) => nodeAt(index).running?.kill(),
    restart: (index) => {
      launch(nodeAt(index))
    },
    answers: (index) => answers(nodeAt(index)),
    changePassword: async (user, password) => {
      const credential = `${options.sasl?.mechanism ?? ''}=[password=${password}]`
      const alter = ['--alter', '--add-config', credential, '--entity-type', 'users', '--entity-name', user]
      const open = ['--bootstrap-server', `127.0.0.1:${nodeAt(0).internal}`]
      await run('java', ['-cp', join(jars, '*'), 'kafka.admin.ConfigCommand', ...open, ...alter])
    },
    stop,
  }
}

/** Node 1 is formatted, with the users; the others are copies that know who they are. */
async function formatAll(nodes: readonly Node[], { sasl }: SecuredKafkaOptions): Promise<void> {
  const [first, ...others] = nodes
  if (first === undefined) return
  const log = join(first.folder, 'log')
  if (sasl?.mechanism.startsWith('SCRAM') === true) {
    const users = Object.entries(sasl.users).flatMap(([name, password]) => [
      '--add-scram',
      `${sasl.mechanism}=[name=${name},password=${password}]`,
    ])
    const settings = join(first.folder, 'server.properties')
    const format = ['kafka.tools.StorageTool', 'format', '-t', 'c3RvY2tsaW5lLWxvY2Fs', '-c', settings, ...users]
    await run('java', ['-cp', join(jars, '*'), ...format])
  } else cpSync(formatted, log, { recursive: true })
  for (const node of others) {
    const own = join(node.folder, 'log')
    cpSync(log, own, { recursive: true })
    const file = join(own, 'meta.properties')
    const text = readFileSync(file, 'utf8')
      .replace(/^node\.id=.*$/m, `node.id=${node.id}`)
      .replace(/^directory\.id=.*$/m, `directory.id=${randomBytes(16).toString('base64url')}`)
    writeFileSync(file, text)
  }
  if (!existsSync(log)) throw new Error('Kafka was not formatted')
}

function properties(node: Node, nodes: readonly Node[], options: SecuredKafkaOptions): string {
  const { tls, sasl } = options
  const copies = String(Math.min(3, nodes.length))
  const protocol = `${sasl === undefined ? '' : 'SASL_'}${tls === undefined ? 'PLAINTEXT' : 'SSL'}`
  const listeners = `CLIENT://127.0.0.1:${node.client},INTERNAL://127.0.0.1:${node.internal}`
  const all: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': String(node.id),
    'controller.quorum.voters': nodes.map(({ id, controller }) => `${id}@127.0.0.1:${controller}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INTERNAL',
    listeners: `${listeners},CONTROLLER://127.0.0.1:${node.controller}`,
    'advertised.listeners': listeners,
    'listener.security.protocol.map': `CLIENT:${protocol},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    'log.dirs': join(node.folder, 'log'),
    'auto.create.topics.enable': 'false',
    'group.initial.rebalance.delay.ms': '0',
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'default.replication.factor': copies,
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': '1',
    'log.retention.ms': '-1',
    ...(tls === undefined ? {} : tlsProperties(node, tls)),
    ...(sasl === undefined ? {} : saslProperties(sasl)),
    ...options.settings,
  }
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

function tlsProperties(node: Node, tls: NonNullable<SecuredKafkaOptions['tls']>): Record<string, string> {
  const store = join(node.folder, 'own.pem')
  writeFileSync(store, `${tls.certificate.key}\n${tls.certificate.cert}`)
  const own = { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': store }
  if (tls.clientAuthority === undefined) return prefixed(own)
  const authority = join(node.folder, 'authority.pem')
  writeFileSync(authority, tls.clientAuthority)
  const trust = { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': authority }
  return prefixed({ ...own, ...trust, 'ssl.client.auth': 'required' })
}

function prefixed(settings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [`listener.name.client.${name}`, value]))
}

function saslProperties(sasl: NonNullable<SecuredKafkaOptions['sasl']>): Record<string, string> {
  const { mechanism, users, reauthenticateMs } = sasl
  const jaas = `listener.name.client.${mechanism.toLowerCase()}.sasl.jaas.config`
  const plain = Object.entries(users).map(([name, password]) => `user_${name}="${password}"`)
  const module = {
    PLAIN: `plain.PlainLoginModule required ${plain.join(' ')};`,
    'SCRAM-SHA-256': 'scram.ScramLoginModule required;',
    'SCRAM-SHA-512': 'scram.ScramLoginModule required;',
    OAUTHBEARER: 'oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";',
  }[mechanism]
  return {
    'listener.name.client.sasl.enabled.mechanisms': mechanism,
    [jaas]: `org.apache.kafka.common.security.${module}`,
    ...(reauthenticateMs === undefined
      ? {}
      : {
          [`listener.name.client.${mechanism.toLowerCase()}.connections.max.reauth.ms`]: String(reauthenticateMs),
        }),
  }
}
