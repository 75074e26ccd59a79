/**
 * MirrorMaker 2, under plain names, from another cluster into the one that our topics lie on: what it does to them, what is told of
 * it, and what the setting that the documents name changes.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startOwnKafka, until } from '@stockline/test-kit'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { topics } from '../../packages/contracts/src/topics.ts'
import { openKafkaBus } from '../../packages/service-kit/src/bus/kafka/kafka-bus.ts'
import type { TopicDifference } from '../../packages/service-kit/src/bus/kafka/topics.ts'

const mirrored = 'stock.ledger'
const mirrorVersion = '4.1.1'
const patienceMs = 180_000

/** What was seen, once with the tool's own settings and once with `sync.topic.configs.enabled=false`. */
export interface MirrorReport {
  readonly withItsOwnSettings: readonly TopicDifference[]
  readonly withoutSettings: readonly TopicDifference[]
}

/** Runs both, each on clusters of its own. */
export async function runMirror(say: (line: string) => void): Promise<MirrorReport> {
  const folder = mkdtempSync(join(tmpdir(), 'stockline-mirror-'))
  try {
    const jars = fetchMirror(folder)
    say('MirrorMaker 2 is fetched')
    const withItsOwnSettings = await mirror(join(folder, 'own'), jars, true)
    say(`with its own settings: ${JSON.stringify(withItsOwnSettings)}`)
    const withoutSettings = await mirror(join(folder, 'without'), jars, false)
    say(`with sync.topic.configs.enabled=false: ${JSON.stringify(withoutSettings)}`)
    return { withItsOwnSettings, withoutSettings }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Is everything told that it changes, and does the setting keep the settings as they are? */
export function isTold({ withItsOwnSettings, withoutSettings }: MirrorReport): boolean {
  const named = (of: readonly TopicDifference[]): string =>
    of
      .map(({ setting }) => setting)
      .sort()
      .join()
  const all = 'cleanup.policy,compression.type,partitions,retention.ms'
  return named(withItsOwnSettings) === all && named(withoutSettings) === 'partitions'
}

async function mirror(folder: string, jars: string, syncsSettings: boolean): Promise<readonly TopicDifference[]> {
  mkdirSync(folder)
  const [source, target] = await Promise.all([startOwnKafka(), startOwnKafka()])
  let tool: ChildProcess | undefined
  let found: readonly TopicDifference[] | undefined
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const bus = await openKafkaBus({
    brokers: [target.brokers],
    clientId: 'mirrored',
    topics,
    logger: silent,
    compareEveryMs: 1_000,
    onTopicsCompared: (differences) => (found = differences),
  })
  try {
    await until('all is as it should be', () => Promise.resolve(found?.length === 0), patienceMs)
    await at(source.brokers, makeSource)
    tool = startMirror(folder, jars, settingsOf(source.brokers, target.brokers, syncsSettings))
    await until('something is told', () => Promise.resolve((found?.length ?? 0) > 0), patienceMs)
    // Partitions come first, settings with the next round.
    await sleep(30_000)
    return found ?? []
  } finally {
    tool?.kill('SIGKILL')
    if (tool?.exitCode === null && tool.signalCode === null) await once(tool, 'exit')
    await bus.close()
    await Promise.all([source.stop(), target.stop()])
  }
}

/** As somebody else's cluster has such a topic: kept for a week, compacted, packed, in more partitions. */
async function makeSource(admin: Admin): Promise<void> {
  const declared = topics.find(({ name }) => name === mirrored)
  const configEntries = [
    { name: 'retention.ms', value: '604800000' },
    { name: 'cleanup.policy', value: 'compact' },
    { name: 'compression.type', value: 'lz4' },
  ]
  await admin.createTopics({
    topics: [{ topic: mirrored, numPartitions: (declared?.partitions ?? 1) + 2, replicationFactor: 1, configEntries }],
  })
}

async function at(brokers: string, work: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = new Kafka({ clientId: 'somebody-else', brokers: [brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  await work(admin).finally(() => admin.disconnect())
}

function settingsOf(source: string, target: string, syncsSettings: boolean): Readonly<Record<string, string>> {
  return {
    clusters: 'source, target',
    'source.bootstrap.servers': source,
    'target.bootstrap.servers': target,
    'source->target.enabled': 'true',
    'target->source.enabled': 'false',
    'source->target.topics': mirrored,
    'replication.policy.class': 'org.apache.kafka.connect.mirror.IdentityReplicationPolicy',
    ...(syncsSettings ? {} : { 'sync.topic.configs.enabled': 'false' }),
    'sync.topic.acls.enabled': 'false',
    'sync.topic.configs.interval.seconds': '5',
    'refresh.topics.interval.seconds': '5',
    ...Object.fromEntries(
      [
        'replication.factor',
        'checkpoints.topic.replication.factor',
        'heartbeats.topic.replication.factor',
        'offset-syncs.topic.replication.factor',
        'offset.storage.replication.factor',
        'status.storage.replication.factor',
        'config.storage.replication.factor',
      ].map((name) => [name, '1']),
    ),
  }
}

function startMirror(folder: string, jars: string, settings: Readonly<Record<string, string>>): ChildProcess {
  const file = join(folder, 'mirror.properties')
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`)
  writeFileSync(file, lines.join(''))
  const flags = [
    '-Xmx320m',
    '-XX:+UseSerialGC',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
    '-cp',
    join(jars, '*'),
  ]
  return spawn('java', [...flags, 'org.apache.kafka.connect.mirror.MirrorMaker', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Its jars and all that it needs, from Maven Central. */
function fetchMirror(folder: string): string {
  const jars = join(folder, 'jars')
  mkdirSync(jars)
  const dependency = (group: string, artifact: string, version: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`
  const pom = join(folder, 'pom.xml')
  writeFileSync(
    pom,
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>stockline</groupId><artifactId>mirror</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
${dependency('org.apache.kafka', 'connect-mirror', mirrorVersion)}
${dependency('org.slf4j', 'slf4j-simple', '1.7.36')}
</dependencies></project>
`,
  )
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
  execFileSync('mvn', ['-q', '-B', '-ntp', '-f', pom, goal, `-DoutputDirectory=${jars}`], { stdio: 'inherit' })
  return jars
}
