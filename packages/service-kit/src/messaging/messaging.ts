/** The moving parts of a service's messaging: relay, subscription, and the worker for what was set aside. */
import type { EventBus, IncomingMessage, Subscription } from '../bus/bus.ts'
import type { Consuming, Fence } from './history/fence.ts'
import { openInbox, type Inbox } from './inbox.ts'
import type { Logger } from '../runtime/logging.ts'
import { measureMessaging, observeBatches, type InboxMetrics } from './messaging.metrics.ts'
import { lingerer } from '../runtime/linger.ts'
import { startParkingWorker } from './parking.worker.ts'
import type { Reaction } from './reactions.ts'
import { startRelay } from './relay.ts'
import type { Database } from '../database/transaction.ts'

/** Between the batches of a steady stream. Three such steps lie between validating and posted. */
const batchLingerMs = 25

/** What messaging needs. */
export interface MessagingOptions<P> {
  /** Name of the service: its group on the bus. */
  readonly service: string
  readonly db: Database<P>
  readonly bus: EventBus
  readonly reactions: readonly Reaction<P>[]
  readonly log: Logger
  readonly metrics?: InboxMetrics
  /** Holds off everything until the database was compared with the bus. Without it nothing is compared. */
  readonly fence?: Fence
  /** Topics that the service publishes to: what the fence compares. */
  readonly publishes?: readonly string[]
  /** Called when the subscription cannot go on: the process should end and be restarted. */
  readonly onFatal: (error: Error) => void
  /** Messages in one batch at most. Default 100. */
  readonly maxBatch?: number
}

/** Running messaging. */
export interface Messaging<P = unknown> {
  readonly inbox: Inbox<P>
  /** Is it this process that sends the outbox? */
  readonly isRelaying: () => boolean
  /** Messages on the bus that this service has not taken. */
  lag(): Promise<bigint>
  /** When the bus was last polled with success; undefined where nothing is read. */
  lastPollAt(): number | undefined
  /** Takes nothing more, ends what runs. First the subscription, last the relay. */
  stop(): Promise<void>
}

/** Starts everything. One subscription for all topics of the reactions; none where there are no reactions. */
export async function startMessaging<P>(options: MessagingOptions<P>): Promise<Messaging<P>> {
  const { service, db, bus, reactions, log, metrics, onFatal } = options
  const observer = metrics && observeBatches(metrics)
  const inbox = openInbox(db, reactions, log, observer)
  const topics = [...new Set(reactions.flatMap((one) => one.contracts.flatMap((contract) => contract.topics)))].sort()
  const relay = startRelay({ db, bus, log })
  const worker = startParkingWorker({ db, inbox, log })
  let subscription: Subscription | undefined
  const maxBatch = options.maxBatch ?? 100
  const pause = lingerer(batchLingerMs)
  const pace = paceOf(reactions)
  const handle = async (batch: readonly IncomingMessage[]): Promise<void> => {
    await inbox.handle(batch)
    // After a full batch more is waiting; one of what is not urgent must not hold up what is.
    if (batch.length < maxBatch && batch.some(({ topic }) => !pace.has(topic))) await pause(batch.length)
  }
  const consuming: Consuming = {
    start: async () => {
      if (topics.length > 0)
        subscription ??= await bus.subscribe({ group: service, topics, handle, maxBatch, pace, onFatal })
    },
    stop: async () => {
      const running = subscription
      subscription = undefined
      await running?.stop()
    },
  }
  if (options.fence === undefined) await consuming.start()
  else {
    const compared = { db, bus, group: service, publishes: options.publishes ?? [], reads: topics }
    await options.fence.guard({ ...compared, reader: inbox.reader, consuming, log })
  }
  const lag = async (): Promise<bigint> => {
    if (topics.length === 0) return 0n
    if (subscription === undefined) throw new Error('nothing is taken from the bus yet')
    return subscription.lag()
  }
  if (metrics !== undefined) measureMessaging(metrics.registry, db, lag, log)
  return {
    inbox,
    isRelaying: relay.isActive,
    lag,
    lastPollAt: () => subscription?.lastPollAt(),
    stop: async () => {
      await options.fence?.stop()
      await consuming.stop()
      await worker.stop()
      await relay.stop()
    },
  }
}

/** Topics of which nothing here is urgent: all reactions to what lies there say how often. The shortest of them counts. */
function paceOf<P>(reactions: readonly Reaction<P>[]): ReadonlyMap<string, number> {
  const paces = new Map<string, number>()
  for (const { contracts, everyMs = 0 } of reactions)
    for (const topic of contracts.flatMap((contract) => contract.topics))
      paces.set(topic, Math.min(paces.get(topic) ?? Infinity, everyMs))
  return new Map([...paces].filter(([, ms]) => ms > 0))
}
