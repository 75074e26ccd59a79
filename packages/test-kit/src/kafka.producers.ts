/** Messages by Apache Kafka's own client, as other systems send them. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { jars, prepareJavaKafka } from './kafka.java.ts'

const program = join(import.meta.dirname, '../java/Producers.java')

/** How a message is sent: a codec, or what guarantees go with it. `aborted` is a transaction that is taken back. */
export type Sending = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd' | 'idempotent' | 'transactional' | 'aborted'

/**
 * Sends messages one after the other by Java's client, and resolves when the broker has all.
 *
 * @param onSent told of each, by its index
 * @returns why it cannot be done here; undefined where it was done
 */
export async function sendByJava(
  brokers: string,
  messages: readonly { readonly how: Sending; readonly topic: string; readonly key: string; readonly value: string }[],
  onSent?: (index: number) => void,
): Promise<string | undefined> {
  const missing = await prepareJavaKafka()
  if (missing !== undefined) return missing
  const flags = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', join(jars, '*')]
  const child = spawn('java', [...flags, program, brokers], { stdio: ['pipe', 'pipe', 'pipe'] })
  let [said, sent] = ['', 0]
  child.stderr.on('data', (text: Buffer) => (said += text.toString()))
  child.stdout.on('data', (text: Buffer) => {
    for (const _ of text.toString().match(/\n/g) ?? []) onSent?.(sent++)
  })
  child.stdin.end(messages.map(({ how, topic, key, value }) => `${how}\t${topic}\t${key}\t${value}\n`).join(''))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`Java's producer ended with ${String(code)}:\n${said}`)
  return undefined
}
