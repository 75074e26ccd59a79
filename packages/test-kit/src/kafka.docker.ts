import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { brokerAnswers } from './kafka.answers.ts'
import type { KafkaOptions, KafkaServer } from './kafka.ts'
import { freePort } from './postgres.server.ts'

const image = 'apache/kafka:4.1.1'
const pullLimitMs = 60_000
const startLimitMs = 60_000

/** Loading testcontainers takes a second, so it is asked only where an engine may be. */
function mayHaveEngine(): boolean {
  const places = [
    '/var/run/docker.sock',
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.testcontainers.properties'),
  ]
  return process.env['DOCKER_HOST'] !== undefined || places.some((place) => existsSync(place))
}

/** Why Kafka cannot be run in a container here; undefined if it can. Pulls the image if need be, for a minute at most. */
export async function prepareDockerKafka(): Promise<string | undefined> {
  if (!mayHaveEngine()) return 'there is no container engine'
  try {
    const { getContainerRuntimeClient, ImageName } = await import('testcontainers')
    const engine = await getContainerRuntimeClient()
    const pull = engine.image.pull(ImageName.fromString(image)).then(() => undefined)
    return await Promise.race([pull, sleep(pullLimitMs, `${image} was not pulled within a minute`, { ref: false })])
  } catch (error) {
    return `the container engine says: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Starts a broker in a container, on a port of the host that it keeps. `prepareDockerKafka` must have said yes. */
export async function startDockerKafka(options: KafkaOptions): Promise<KafkaServer> {
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers')
  const port = options.port ?? (await freePort())
  const brokers = `127.0.0.1:${port}`
  const started = await new GenericContainer(image)
    .withExposedPorts({ container: 9092, host: port })
    .withEnvironment(environment(options.advertisedPort ?? port))
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(startLimitMs)
    .start()
  const engine = await getContainerRuntimeClient()
  const container = engine.container.getById(started.getId())
  await answers(brokers)
  return {
    brokers,
    origin: `${image} in a container`,
    pid: () => undefined,
    stop: async () => {
      await started.stop()
    },
    kill: async () => {
      await container.kill()
      await container.wait()
    },
    restart: async () => {
      await container.start()
      await answers(brokers)
    },
  }
}

async function answers(brokers: string): Promise<void> {
  const deadline = Date.now() + startLimitMs
  while (!(await brokerAnswers(brokers))) {
    if (Date.now() > deadline) throw new Error(`Kafka in its container does not answer on ${brokers}`)
    await sleep(100)
  }
}

function environment(port: number): Record<string, string> {
  return {
    KAFKA_NODE_ID: '1',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_INTER_BROKER_LISTENER_NAME: 'PLAINTEXT',
    KAFKA_LISTENERS: 'PLAINTEXT://0.0.0.0:9092,CONTROLLER://localhost:9093',
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    KAFKA_BROKER_SESSION_TIMEOUT_MS: '1500',
    KAFKA_BROKER_HEARTBEAT_INTERVAL_MS: '300',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '4',
    KAFKA_OFFSETS_RETENTION_MINUTES: '5256000',
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
    KAFKA_LOG_RETENTION_MS: '-1',
  }
}
