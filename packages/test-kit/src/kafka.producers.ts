/** Messages by the clients that other systems use, which run as programs of their own. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { jars, prepareJavaKafka } from './kafka.java.ts'

const javaProgram = join(import.meta.dirname, '../java/Producers.java')

/** All codecs, and what guarantees may go with a message. `aborted` is a transaction that is taken back. */
export const sendings = ['none', 'gzip', 'snappy', 'lz4', 'zstd', 'idempotent', 'transactional', 'aborted'] as const

/** How a message is sent. */
export type Sending = (typeof sendings)[number]

/** A message, on one line: no line breaks and no tabs in it. */
export interface ProducedMessage {
  readonly how: Sending
  readonly topic: string
  readonly key: string
  readonly value: string
}

/** A program that sends with a client which is not ours. */
export interface ForeignProducer {
  /**
   * Sends one, after those before. Resolves with the moment by the machine's clock, in milliseconds, at which the client was
   * told that the broker has it; of a transaction, that it is over.
   */
  send(message: ProducedMessage): Promise<number>
  /** Ends the program; rejects where it failed. */
  close(): Promise<void>
}

/** Sends by Apache Kafka's own client. {@link prepareJavaKafka} must have said that it can. */
export function startJavaProducer(brokers: string): ForeignProducer {
  const flags = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', join(jars, '*')]
  return startProducer(['java', ...flags, javaProgram, brokers])
}

/** Sends by a program which reads lines of how, topic, key and value, tabs between, and writes one of milliseconds for each. */
export function startProducer([command = '', ...given]: readonly string[]): ForeignProducer {
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(command, given, { stdio: 'pipe' })
  const ended = once(child, 'close') as Promise<[number | null]>
  ended.catch(() => undefined)
  let said = ''
  child.stderr.on('data', (text: Buffer) => (said += text.toString()))
  child.stdin.on('error', () => undefined)
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const failure = async (): Promise<Error> => {
    const [code] = await ended
    return new Error(`${command}'s producer ended with ${String(code)}:\n${said}`)
  }
  return {
    send: async (message) => {
      child.stdin.write(`${message.how}\t${message.topic}\t${message.key}\t${message.value}\n`)
      const { done, value: milliseconds } = await answers.next()
      if (done === true) throw await failure()
      return Number(milliseconds)
    },
    close: async () => {
      child.stdin.end()
      const [code] = await ended
      if (code !== 0) throw await failure()
    },
  }
}

/**
 * Sends messages one after the other by Java's client, and resolves when the broker has all.
 *
 * @returns why it cannot be done here; undefined where it was done
 */
export async function sendByJava(brokers: string, messages: readonly ProducedMessage[]): Promise<string | undefined> {
  const missing = await prepareJavaKafka()
  if (missing !== undefined) return missing
  const producer = startJavaProducer(brokers)
  for (const message of messages) await producer.send(message)
  await producer.close()
  return undefined
}
