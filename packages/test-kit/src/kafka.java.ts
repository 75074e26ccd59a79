import { execFile, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverLog, serverPid, startGuarded } from './guardian.ts'
import { brokerAnswers } from './kafka.answers.ts'
import type { KafkaServer, KafkaOptions } from './kafka.ts'
import { freePort } from './postgres.server.ts'

const version = '4.1.1'
const cache = join(import.meta.dirname, '../../../.cache/kafka', version)
/** All its jars, once {@link prepareJavaKafka} has said yes. */
export const jars = join(cache, 'jars')
/** A formatted, empty log of node 1. */
export const formatted = join(cache, 'formatted')
/** The classes of a first run, loaded and linked: halves what each later start costs. */
const archive = join(cache, 'classes.jsa')
const run = promisify(execFile)
const downloadLimitMs = 300_000
const startLimitMs = 60_000

/** Java's and Maven's own words for Apache Kafka and all it needs. */
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>stockline</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`

/** Why Kafka cannot be run with Java here; undefined if it can. Fetches it if need be, once. */
export async function prepareJavaKafka(): Promise<string | undefined> {
  const java = javaVersion()
  if (java === undefined) return 'there is no Java'
  if (java < 17) return `Java ${java} is too old, 17 is needed`
  try {
    if (!existsSync(jars)) await fetchJars()
    if (!existsSync(formatted)) await formatStorage()
    if (!existsSync(archive)) await archiveClasses()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Starts a broker of our own. `prepareJavaKafka` must have said yes. */
export async function startJavaKafka(options: KafkaOptions): Promise<KafkaServer> {
  return start(options, existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : [])
}

async function start(options: KafkaOptions, classes: readonly string[]): Promise<KafkaServer> {
  const temporary = options.folder === undefined
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'stockline-kafka-'))
  mkdirSync(folder, { recursive: true })
  if (!existsSync(join(folder, 'log'))) cpSync(formatted, join(folder, 'log'), { recursive: true })
  const port = options.port ?? (await freePort())
  const settings = join(folder, 'server.properties')
  writeFileSync(settings, properties(join(folder, 'log'), port, await freePort(), options.advertisedPort))
  const brokers = `127.0.0.1:${port}`
  const flags = ['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn']
  const command = ['java', ...flags, ...classes, '-cp', join(jars, '*'), 'kafka.Kafka', settings]

  const launch = async (): Promise<ReturnType<typeof startGuarded>> => {
    const server = startGuarded({ folder, command, stopSignal: 'SIGTERM', temporary })
    const deadline = Date.now() + startLimitMs
    while (!(await brokerAnswers(brokers))) {
      if (!server.isRunning() || Date.now() > deadline) {
        await server.stop()
        throw new Error(`Kafka does not start on port ${port}:\n${serverLog(folder)}`)
      }
      await sleep(100)
    }
    return server
  }

  let running = await launch()
  return {
    brokers,
    origin: `Apache Kafka ${version} on Java`,
    pid: () => serverPid(folder),
    stop: async () => {
      await running.stop()
      if (temporary) rmSync(folder, { recursive: true, force: true })
    },
    kill: () => running.kill(),
    restart: async () => {
      running = await launch()
    },
  }
}

function properties(log: string, port: number, controllerPort: number, advertisedPort = port): string {
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${advertisedPort}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': log,
    'auto.create.topics.enable': 'false',
    'group.initial.rebalance.delay.ms': '0',
    // After a kill the controller lets the broker in again when its old registration has timed out.
    'broker.session.timeout.ms': '1500',
    'broker.heartbeat.interval.ms': '300',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'offsets.retention.minutes': '5256000',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'log.retention.ms': '-1',
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

function javaVersion(): number | undefined {
  const { error, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' })
  if (error) return undefined
  const major = /version "(?:1\.)?(\d+)/.exec(stderr)?.[1]
  return major === undefined ? undefined : Number(major)
}

async function fetchJars(): Promise<void> {
  const partial = `${jars}-${process.pid}`
  mkdirSync(partial, { recursive: true })
  const pomFile = join(partial, 'pom.xml')
  writeFileSync(pomFile, pom)
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
  try {
    await run('mvn', ['-q', '-B', '-ntp', '-f', pomFile, goal, `-DoutputDirectory=${partial}`], {
      timeout: downloadLimitMs,
    })
    moveInto(partial, jars)
  } catch (cause) {
    throw new Error(`Maven could not fetch Apache Kafka: ${firstLine(cause)}`, { cause })
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

/** A formatted, empty log, to be copied: it knows no port, and making it costs a Java start. */
async function formatStorage(): Promise<void> {
  const partial = `${formatted}-${process.pid}`
  const settings = `${partial}.properties`
  writeFileSync(settings, properties(partial, 9092, 9093))
  try {
    const clusterId = 'c3RvY2tsaW5lLWxvY2Fs'
    await run('java', ['-cp', join(jars, '*'), 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settings])
    moveInto(partial, formatted)
  } finally {
    rmSync(partial, { recursive: true, force: true })
    rmSync(settings, { force: true })
  }
}

/** A run that writes down at its end which classes it used. Where Java cannot do that, it is left out. */
async function archiveClasses(): Promise<void> {
  const partial = `${archive}-${process.pid}`
  try {
    const server = await start({}, [`-XX:ArchiveClassesAtExit=${partial}`])
    await server.stop()
    if (existsSync(partial)) moveInto(partial, archive)
  } finally {
    rmSync(partial, { force: true })
  }
}

function moveInto(partial: string, place: string): void {
  try {
    renameSync(partial, place)
  } catch (error) {
    if (!existsSync(place)) throw error // else another process was faster
  }
}

function firstLine(error: unknown): string {
  const said = error instanceof Error ? error.message.split('\n') : [String(error)]
  return said.find((line) => line.includes('ERROR')) ?? said[0] ?? ''
}
