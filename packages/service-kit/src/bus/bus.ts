/**
 * The bus as the rest of the system sees it. Two adapters, Kafka and embedded, pass one conformance suite.
 *
 * What is guaranteed: messages of one key arrive in the order in which they were published; each group gets every
 * message at least once; a message counts as taken only after its handler returned. What is not: exactly once
 * (the inbox makes a repeat harmless), and order between keys.
 */

/** A message to send. Headers and bytes travel untouched. */
export interface OutgoingMessage {
  readonly key: string
  readonly value: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** A message as it arrived, with the place it came from. `value` is what was sent, also when it is no JSON. */
export interface IncomingMessage {
  readonly topic: string
  readonly partition: number
  /** Place in the partition, without gaps within the embedded bus; rising on Kafka. */
  readonly offset: bigint
  readonly key: string | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
  /**
   * Set where the bus could not read what lies there: why, in words, with the place. Then `value` holds the first of its
   * bytes as they lie there.
   */
  readonly undecodable?: string
}

/**
 * Messages of one or several partitions, each one's in order, at most `maxBatch`; never two batches at a time. If the
 * handler throws, all of them come again: those of each partition by themselves, so that a bad one stops only its own.
 */
export type BatchHandler = (messages: readonly IncomingMessage[]) => Promise<void>

export interface Subscription {
  /** Messages waiting for this group, over all its topics. */
  lag(): Promise<bigint>
  /** When the bus was last polled with success, by `performance.now()`: for the watchdog. */
  readonly lastPollAt: () => number
  /** Takes no more batches, lets the running one end, gives its partitions back. */
  stop(): Promise<void>
}

export interface SubscribeOptions {
  /** Consumer group: each message goes to one member of it. A new group starts at the beginning. */
  readonly group: string
  readonly topics: readonly string[]
  readonly handle: BatchHandler
  /** Messages in one batch at most. Default 100. */
  readonly maxBatch?: number
  /**
   * Topics that are not urgent, with milliseconds: of each of their partitions batches are taken at most that often, so that they hold
   * more. What comes after a quiet moment is taken at once, and so is a full batch.
   */
  readonly pace?: ReadonlyMap<string, number>
  /** Called once when the subscription cannot go on; the process should end and be restarted. */
  readonly onFatal: (error: Error) => void
}

/** A stretch of a partition: offsets from `from` to before `to`. */
export interface Stretch {
  readonly topic: string
  readonly partition: number
  readonly from: bigint
  readonly to: bigint
}

/** What a partition holds, and how far a group has come in it. */
export interface PartitionState {
  readonly topic: string
  readonly partition: number
  /** The first offset that is there. */
  readonly first: bigint
  /** The offset that the next message gets. */
  readonly next: bigint
  /** The offset that the group goes on with; undefined where it has not begun. */
  readonly taken: bigint | undefined
}

/** A place in a partition. */
export interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}

export interface EventBus {
  /**
   * Sends in order; resolves when all are durably taken by the bus. On any error nothing is known: send the same
   * messages again (duplicates are harmless). Never call it again before the last call has ended.
   */
  publish(messages: readonly { readonly topic: string; readonly message: OutgoingMessage }[]): Promise<void>
  subscribe(options: SubscribeOptions): Promise<Subscription>
  /** All partitions of these topics. What `publish` was given before is in it, or will never be. */
  stateOf(group: string, topics: readonly string[]): Promise<readonly PartitionState[]>
  /** What lies in these stretches, each in order; beside any group. Offsets that hold no message are left out. */
  read(stretches: readonly Stretch[]): Promise<readonly IncomingMessage[]>
  /** Puts the group's places back to these offsets. The group must have no running member. */
  rewind(group: string, places: readonly Place[]): Promise<void>
  /** Is the bus answering? Throws with what is wrong if not. */
  check(): Promise<void>
  close(): Promise<void>
}

/** A topic as contracts name it: how many partitions it has. Data is kept for ever. */
export interface TopicDeclaration {
  readonly name: string
  readonly partitions: number
}
