import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BatchHandler, SubscribeOptions } from './bus.ts'
import { joinBatches } from './bus.kafka.batches.ts'
import { createOffsetWriter } from './bus.kafka.offsets.ts'
import { createFetchReader, type ReadMessage } from './bus.kafka.fetched.ts'
import type { BusLogger } from './bus.logger.ts'

/** How long a killed member keeps its partitions. */
const sessionTimeoutMs = 6_000
const heartbeatMs = 1_000
/** A fetch answers as soon as there is something; this is how long it waits when there is nothing. */
const longestFetchMs = 300
/** With no broker there the client would go on trying to say good-bye. */
const longestStopMs = 10_000
/** All partitions of a fetch are offered at once, and joined to batches. */
const mostPartitions = 100
const longestRetryMs = 5_000
/** A consumer that has not polled for so long while the broker answers is dead, whatever it says. */
const silenceMs = 30_000

/** Reads as a member of the group until stopped. */
export async function subscribeKafka(
  kafka: Kafka,
  options: SubscribeOptions,
  logger: BusLogger,
  checkBroker: () => Promise<void>,
): Promise<{ lastPollAt: () => Date; stop(): Promise<void> }> {
  const consumer = kafka.consumer({
    groupId: options.group,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: heartbeatMs,
    rebalanceTimeout: 30_000,
    maxWaitTimeInMs: longestFetchMs,
    minBytes: 1,
    maxBytesPerPartition: 1024 * 1024,
    maxBytes: 8 * 1024 * 1024,
    allowAutoTopicCreation: false,
    readFetched: createFetchReader(),
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 30, restartOnFailure: () => Promise.resolve(true) },
  })
  const state = { lastPollAt: new Date(), handling: 0, stopping: false, failed: false }
  const timers = new Set<NodeJS.Timeout>()
  const fail = (error: Error): void => {
    if (state.stopping || state.failed) return
    state.failed = true
    options.onFatal(error)
  }
  watch(consumer, state, fail)
  const failures = new Map<string, number>()
  const offsets = createOffsetWriter()
  const handle = joinBatches(options.handle, options.maxBatch ?? 100)

  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    state.handling += 1
    try {
      await handleBatch(payload, handle, options.maxBatch ?? 100, async (error) => {
        if (error === undefined) {
          failures.delete(placeOf(payload))
          await offsets.handled(payload)
          return
        }
        const details = retryLater(payload, failures, timers)
        logger.error({ err: error, group: options.group, ...details }, 'a batch was not handled and comes again')
      })
    } finally {
      state.handling -= 1
      state.lastPollAt = new Date()
    }
  }

  await consumer.connect()
  await consumer.subscribe({ topics: [...options.topics], fromBeginning: true })
  await consumer.run({
    eachBatchAutoResolve: false,
    autoCommit: false,
    partitionsConsumedConcurrently: mostPartitions,
    eachBatch,
  })
  const watchdog = startWatchdog(state, checkBroker, fail)
  return {
    lastPollAt: () => state.lastPollAt,
    stop: async () => {
      state.stopping = true
      clearInterval(watchdog)
      for (const timer of timers) clearTimeout(timer)
      const end = offsets.flush().then(() => consumer.disconnect())
      await Promise.race([end, sleep(longestStopMs, undefined, { ref: false })])
    },
  }
}

interface ConsumerState {
  lastPollAt: Date
  handling: number
  stopping: boolean
}

function watch(consumer: Consumer, state: ConsumerState, fail: (error: Error) => void): void {
  const polled = (): void => {
    state.lastPollAt = new Date()
  }
  consumer.on(consumer.events.FETCH, polled)
  consumer.on(consumer.events.GROUP_JOIN, polled)
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    // With `restart` the client begins anew by itself; without, it stays silent for ever.
    if (!payload.restart) fail(payload.error)
  })
}

function startWatchdog(
  state: ConsumerState,
  checkBroker: () => Promise<void>,
  fail: (error: Error) => void,
): NodeJS.Timeout {
  let suspicions = 0
  return setInterval(() => {
    const silent = state.handling === 0 && Date.now() - state.lastPollAt.getTime() > silenceMs
    if (!silent) {
      suspicions = 0
      return
    }
    checkBroker().then(
      () => {
        suspicions += 1
        if (suspicions >= 2) fail(new Error('the consumer does not poll although the broker answers'))
      },
      () => {
        suspicions = 0 // the broker is away, which is reason enough
      },
    )
  }, silenceMs / 3).unref()
}

/**
 * Hands over at most `maxBatch` messages at a time. What the handler throws never leaves here: one TypeError would stop
 * the consumer for ever. What the client throws does: it must rejoin.
 */
async function handleBatch(
  payload: EachBatchPayload,
  handle: BatchHandler,
  maxBatch: number,
  onEnd: (error: unknown) => Promise<void>,
): Promise<void> {
  const messages = payload.batch.messages as unknown as readonly ReadMessage[]
  for (let start = 0; start < messages.length; start += maxBatch) {
    if (!payload.isRunning() || payload.isStale()) return
    const part = messages.slice(start, start + maxBatch)
    const taken = part.flatMap((message) => message.taken ?? [])
    // A long handler must not cost us the partition. What goes wrong here shows at the next heartbeat.
    const alive = setInterval(() => void payload.heartbeat().catch(() => undefined), heartbeatMs)
    try {
      if (taken.length > 0) await handle(taken)
    } catch (error) {
      await onEnd(error ?? new Error('the handler threw nothing'))
      return
    } finally {
      clearInterval(alive)
    }
    const last = part.at(-1)
    if (last) payload.resolveOffset(last.offset)
    await onEnd(undefined)
    if (start + maxBatch < messages.length) await payload.heartbeat()
  }
}

/** Its offset is not resolved, so the next fetch brings the same batch; until then the other partitions go on. */
function retryLater(payload: EachBatchPayload, failures: Map<string, number>, timers: Set<NodeJS.Timeout>): object {
  const place = placeOf(payload)
  const count = (failures.get(place) ?? 0) + 1
  failures.set(place, count)
  const resume = payload.pause()
  const timer = setTimeout(
    () => {
      timers.delete(timer)
      try {
        resume()
      } catch {
        // the consumer was stopped meanwhile, and begins elsewhere with the same batch
      }
    },
    Math.min(50 * 2 ** count, longestRetryMs),
  )
  timers.add(timer)
  return { topic: payload.batch.topic, partition: payload.batch.partition, failures: count }
}

function placeOf({ batch }: EachBatchPayload): string {
  return `${batch.topic}/${batch.partition}`
}
