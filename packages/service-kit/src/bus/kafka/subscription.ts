/** A subscription on Kafka: one member after another, each replaced when it gives up or falls silent. */
import type { Kafka } from 'kafkajs'
import type { SubscribeOptions } from '../bus.ts'
import { joinBatches } from './batches.ts'
import { type KafkaMember, startKafkaMember } from './consumer.ts'
import type { BusLogger } from '../logger.ts'
import { eventually, type Eventually } from '../../runtime/eventually.ts'

/** A member that has not polled for so long, while leaders and coordinator answer, is dead, whatever it reports. */
const silenceMs = 30_000
const suspicionsNeeded = 2

/**
 * Reads as a member of the group until stopped. A member whose client gives up, or falls silent, is replaced within the
 * process: whatever Kafka does, it is no reason to end a service that can still answer requests.
 *
 * @param answers resolves when every partition's leader and the group's coordinator answer, and rejects while one does not
 */
export async function subscribeKafka(
  kafka: Kafka,
  options: SubscribeOptions,
  logger: BusLogger,
  answers: () => Promise<unknown>,
): Promise<{ lastPollAt: () => number; stop(): Promise<void> }> {
  // One for all members, so that there are never two batches at a time.
  const handle = joinBatches(options.handle, options.maxBatch ?? 100)
  const start = (): Promise<KafkaMember> => startKafkaMember(kafka, { ...options, handle }, logger, replace)
  let stopping = false
  let lastPollAt = performance.now()
  let replacing: Eventually<KafkaMember> | undefined

  const replace = (error: Error): void => {
    if (stopping || replacing !== undefined) return
    logger.error({ err: error, group: options.group }, 'the consumer has ended; another takes its place')
    const old = member
    lastPollAt = old?.lastPollAt() ?? lastPollAt
    member = undefined
    replacing = eventually(
      async () => {
        await old?.stop()
        return start()
      },
      (reason) => logger.warn({ err: reason, group: options.group }, 'the group could not be joined yet; trying again'),
    )
    void replacing.achieved.then((fresh) => {
      member = fresh
      replacing = undefined
    })
  }

  let member: KafkaMember | undefined = await start()
  const watchdog = startWatchdog(() => member, answers, replace)
  return {
    lastPollAt: () => member?.lastPollAt() ?? lastPollAt,
    stop: async () => {
      stopping = true
      clearInterval(watchdog)
      await replacing?.stop((fresh) => fresh.stop())
      await member?.stop()
    },
  }
}

/**
 * Distinguishes a dead member from a broker that is away. A broker may answer though partitions have no leader and the group no
 * coordinator, as with two of three brokers dead: then the member cannot poll, and waits rightly.
 */
function startWatchdog(
  current: () => KafkaMember | undefined,
  answers: () => Promise<unknown>,
  replace: (error: Error) => void,
): NodeJS.Timeout {
  let suspicions = 0
  return setInterval(() => {
    const member = current()
    const silent = member !== undefined && !member.isHandling() && performance.now() - member.lastPollAt() > silenceMs
    if (!silent) {
      suspicions = 0
      return
    }
    answers().then(
      () => {
        suspicions += 1
        if (suspicions < suspicionsNeeded) return
        suspicions = 0
        replace(new Error('the consumer does not poll although leaders and coordinator answer'))
      },
      () => {
        suspicions = 0 // no leader or no coordinator, which is reason enough
      },
    )
  }, silenceMs / 3).unref()
}
