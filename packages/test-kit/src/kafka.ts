/** A broker, and what a test may do to it. */
export interface KafkaServer {
  /** `host:port`, several with commas. */
  readonly brokers: string
  /** What it is, for people. */
  readonly origin: string
  /** Its process, where it runs as one on this machine. */
  pid(): number | undefined
  stop(): Promise<void>
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again on the same port with the same data; resolves when it answers. */
  restart(): Promise<void>
}

/** How to run a broker. */
export interface KafkaOptions {
  /** Where its data stay (with Java). Without it they go with the broker. */
  readonly folder?: string
  readonly port?: number
  /** The port that clients are told to come to: a proxy's before it. */
  readonly advertisedPort?: number
}

type Starter = (options: KafkaOptions) => Promise<KafkaServer>
type Preparation = { readonly start: Starter } | { readonly missing: string }

let preparation: Promise<Preparation> | undefined

/** Why there can be no Kafka here, in words; undefined if there can. May fetch it, once. */
export async function kafkaMissing(): Promise<string | undefined> {
  preparation ??= prepare()
  const prepared = await preparation
  return 'missing' in prepared ? prepared.missing : undefined
}

/**
 * A Kafka 4.1: the one that `KAFKA_BROKERS` names; else a new one, in a container where an engine runs, or by Java
 * and Maven. It ends with this process.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const given = process.env['KAFKA_BROKERS'] ?? ''
  if (given !== '') return givenKafka(given)
  return startOwnKafka(options)
}

/** A new broker that may be killed, whatever `KAFKA_BROKERS` says. */
export async function startOwnKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  preparation ??= prepare()
  const prepared = await preparation
  if ('missing' in prepared) throw new Error(`no Kafka: ${prepared.missing}`)
  return prepared.start(options)
}

async function prepare(): Promise<Preparation> {
  const docker = await import('./kafka.docker.ts')
  const noDocker = await docker.prepareDockerKafka()
  return noDocker === undefined ? { start: inContainerOrByJava } : prepareJava(noDocker)
}

async function prepareJava(noDocker: string): Promise<Preparation> {
  const java = await import('./kafka.java.ts')
  const noJava = await java.prepareJavaKafka()
  return noJava === undefined ? { start: java.startJavaKafka } : { missing: `${noDocker}, and ${noJava}` }
}

/** An engine that has the image may still not be able to run it: then by Java, from now on. */
const inContainerOrByJava: Starter = async (options) => {
  const docker = await import('./kafka.docker.ts')
  try {
    return await docker.startDockerKafka(options)
  } catch (error) {
    const instead = await prepareJava('the container did not start')
    if ('missing' in instead) throw error
    preparation = Promise.resolve(instead)
    return instead.start(options)
  }
}

function givenKafka(brokers: string): KafkaServer {
  const not = (): Promise<never> => Promise.reject(new Error(`${brokers} was given and is not ours to kill`))
  return {
    brokers,
    origin: 'KAFKA_BROKERS',
    pid: () => undefined,
    stop: () => Promise.resolve(),
    kill: not,
    restart: not,
  }
}
