/** One life of kafkajs's consumer: it joins the group, reads, and reports when it has ended by itself. */
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SubscribeOptions } from '../bus.ts'
import { createOffsetWriter } from './offsets.ts'
import { createFetchReader, type ReadMessage } from './fetched.ts'
import type { BusLogger } from '../logger.ts'

/** How long a killed member keeps its partitions. */
const sessionTimeoutMs = 6_000
const heartbeatMs = 1_000
/** A fetch answers as soon as there is something; this is how long it waits when there is nothing. */
const longestFetchMs = 300
/** Without a broker the client would go on trying to leave the group. */
const longestStopMs = 10_000
/** All partitions of a fetch are offered at once, and joined to batches. */
const mostPartitions = 100
const longestRetryMs = 5_000
/** How soon partitions that were added to a topic are seen, and the group shares them out anew. */
const newPartitionsMs = 10_000

/** One life of a consumer of the client, which may end by itself. */
export interface KafkaMember {
  readonly lastPollAt: () => number
  /** Is a batch with the handler? Then it need not poll. */
  readonly isHandling: () => boolean
  /** Lets the running batches end, writes the offsets down and leaves the group; ten seconds at most. */
  stop(): Promise<void>
}

/**
 * Joins the group and reads until stopped. Rejects when no broker lets it in. `onEnd` is called at most once, later,
 * when the client has given up: it reads no more, and another member must take its place.
 */
export async function startKafkaMember(
  kafka: Kafka,
  options: Pick<SubscribeOptions, 'group' | 'topics' | 'handle' | 'maxBatch' | 'pace'>,
  logger: BusLogger,
  onEnd: (error: Error) => void,
): Promise<KafkaMember> {
  const consumer = kafka.consumer({
    groupId: options.group,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: heartbeatMs,
    rebalanceTimeout: 30_000,
    metadataMaxAge: newPartitionsMs,
    maxWaitTimeInMs: longestFetchMs,
    minBytes: 1,
    maxBytesPerPartition: 1024 * 1024,
    maxBytes: 8 * 1024 * 1024,
    allowAutoTopicCreation: false,
    readFetched: createFetchReader(),
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 30, restartOnFailure: () => Promise.resolve(true) },
  })
  const state: MemberState = { lastPollAt: performance.now(), handling: 0, ended: false, onFailure: undefined }
  const timers = new Set<NodeJS.Timeout>()
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined)
  state.onFailure = failed.reject
  watch(consumer, state)
  const failures = new Map<string, number>()
  const offsets = createOffsetWriter()

  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    if (state.ended) return
    state.handling += 1
    try {
      const isHandled = await handleBatch(payload, options, async (error) => {
        if (error === undefined) {
          failures.delete(placeOf(payload))
          await offsets.handled(payload)
          return
        }
        const details = retryLater(payload, failures, timers)
        logger.error({ err: error, group: options.group, ...details }, 'a batch was not handled and comes again')
      })
      if (isHandled) untilDue(payload, options, timers)
    } finally {
      state.handling -= 1
      state.lastPollAt = performance.now()
    }
  }
  const stop = async (): Promise<void> => {
    state.ended = true
    for (const timer of timers) clearTimeout(timer)
    const end = offsets.flush().then(() => consumer.disconnect())
    await Promise.race([end.catch(() => undefined), sleep(longestStopMs, undefined, { ref: false })])
  }

  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [...options.topics], fromBeginning: true })
    const run = consumer.run({
      eachBatchAutoResolve: false,
      autoCommit: false,
      partitionsConsumedConcurrently: mostPartitions,
      eachBatch,
    })
    // Later errors of the client come as events alone.
    await Promise.race([run, failed.promise])
    state.onFailure = onEnd
  } catch (error) {
    await stop()
    throw error
  }
  return { lastPollAt: () => state.lastPollAt, isHandling: () => state.handling > 0, stop }
}

interface MemberState {
  lastPollAt: number
  handling: number
  ended: boolean
  onFailure: ((error: Error) => void) | undefined
}

function watch(consumer: Consumer, state: MemberState): void {
  const polled = (): void => {
    state.lastPollAt = performance.now()
  }
  consumer.on(consumer.events.FETCH, polled)
  consumer.on(consumer.events.GROUP_JOIN, polled)
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    // With `restart` the client begins anew by itself; without, it stays silent for ever.
    if (payload.restart || state.ended) return
    state.ended = true
    state.onFailure?.(payload.error)
  })
}

/**
 * Hands over at most `maxBatch` messages at a time. What the handler throws never leaves here: one TypeError would stop
 * the consumer for ever. What the client throws does: it must rejoin. Returns whether all was handled.
 */
async function handleBatch(
  payload: EachBatchPayload,
  { handle, maxBatch = 100 }: Pick<SubscribeOptions, 'handle' | 'maxBatch'>,
  onEnd: (error: unknown) => Promise<void>,
): Promise<boolean> {
  const messages = payload.batch.messages as unknown as readonly ReadMessage[]
  for (let start = 0; start < messages.length; start += maxBatch) {
    if (!payload.isRunning() || payload.isStale()) return false
    const part = messages.slice(start, start + maxBatch)
    const taken = part.flatMap((message) => message.taken ?? [])
    // A long handler must not cost us the partition. What goes wrong here shows at the next heartbeat.
    const alive = setInterval(() => void payload.heartbeat().catch(() => undefined), heartbeatMs)
    try {
      if (taken.length > 0) await handle(taken)
    } catch (error) {
      await onEnd(error ?? new Error('the handler threw nothing'))
      return false
    } finally {
      clearInterval(alive)
    }
    const last = part.at(-1)
    if (last) payload.resolveOffset(last.offset)
    await onEnd(undefined)
    if (start + maxBatch < messages.length) await payload.heartbeat()
  }
  return true
}

/** Its offset is not resolved, so the next fetch brings the same batch; until then the other partitions go on. */
function retryLater(payload: EachBatchPayload, failures: Map<string, number>, timers: Set<NodeJS.Timeout>): object {
  const place = placeOf(payload)
  const count = (failures.get(place) ?? 0) + 1
  failures.set(place, count)
  pauseFor(payload, Math.min(50 * 2 ** count, longestRetryMs), timers)
  return { topic: payload.batch.topic, partition: payload.batch.partition, failures: count }
}

/** After less than a full batch of a topic that is not urgent, its partition rests. */
function untilDue(
  payload: EachBatchPayload,
  { pace, maxBatch = 100 }: Pick<SubscribeOptions, 'pace' | 'maxBatch'>,
  timers: Set<NodeJS.Timeout>,
): void {
  const { topic, messages } = payload.batch
  const paceMs = pace?.get(topic)
  if (paceMs !== undefined && messages.length < maxBatch) pauseFor(payload, paceMs, timers)
}

/** The next fetches leave this partition out, for so long. */
function pauseFor(payload: EachBatchPayload, ms: number, timers: Set<NodeJS.Timeout>): void {
  const resume = payload.pause()
  const timer = setTimeout(() => {
    timers.delete(timer)
    try {
      resume()
    } catch {
      // the consumer was stopped meanwhile, and the group goes on elsewhere from where it was
    }
  }, ms).unref()
  timers.add(timer)
}

function placeOf({ batch }: EachBatchPayload): string {
  return `${batch.topic}/${batch.partition}`
}
