import { randomBytes } from 'node:crypto'
import type {
  EventBus,
  IncomingMessage,
  OutgoingMessage,
  SubscribeOptions,
  TopicDeclaration,
} from '@stockline/service-kit'

/** A bus as the suite needs it. */
export interface BusUnderTest {
  /** Opens the bus, as one more process would. */
  open(topics: readonly TopicDeclaration[]): Promise<EventBus>
  /** Writes as a foreign client may. */
  writeForeign(topic: string, message: ForeignMessage): Promise<void>
  /** From which the program in a child process opens the same bus. */
  readonly environment: Readonly<Record<string, string>>
  /** A program which joins a group and prints what it gets. */
  readonly memberProgram: string
  /** kill -9 of what carries the bus, and its return. Without them those tests are skipped. */
  readonly broker: { kill(): Promise<void>; restart(): Promise<void> } | undefined
}

/** What no decent publisher sends. */
export interface ForeignMessage {
  readonly key: string | null
  readonly value: Buffer | null
}

/** A topic of its own for each test, and a bus that knows it. */
export interface Fixture {
  readonly bus: EventBus
  readonly topic: string
  readonly group: string
  /** Subscribes; faults of the subscription end the test. */
  readonly listen: (
    options: Partial<SubscribeOptions> & Pick<SubscribeOptions, 'handle'>,
  ) => ReturnType<EventBus['subscribe']>
}

/** Plays on a fresh topic of that many partitions. */
export type WithFixture = (partitions: number, play: (fixture: Fixture) => Promise<void>) => () => Promise<void>

/** Makes the stage, plays, and clears it away. */
export async function withFixture(
  under: BusUnderTest,
  partitions: number,
  play: (fixture: Fixture) => Promise<void>,
): Promise<void> {
  const topic = `test.${randomBytes(6).toString('hex')}`
  const bus = await under.open([{ name: topic, partitions }])
  const fatal = Promise.withResolvers<never>()
  const group = `group-of-${topic}`
  const fixture: Fixture = {
    bus,
    topic,
    group,
    listen: (options) => bus.subscribe({ group, topics: [topic], onFatal: fatal.reject, ...options }),
  }
  try {
    await Promise.race([play(fixture), fatal.promise])
  } finally {
    await bus.close()
  }
}

/** A message whose value is its text. */
export function say(topic: string, key: string, text: string): { topic: string; message: OutgoingMessage } {
  return { topic, message: { key, value: Buffer.from(text), headers: {} } }
}

/** What a message says. */
export function textOf(message: IncomingMessage): string {
  return message.value?.toString() ?? ''
}
