/** A bus that need not be there when the service starts. */
import type { EventBus, SubscribeOptions, Subscription } from './bus.ts'
import { type BusLogger, createLogThrottle } from './logger.ts'
import { eventually, type Eventually } from '../runtime/eventually.ts'

/**
 * A bus that need not be there yet: it is opened in the background, again and again, and so is each subscription. Until
 * then publishing and checking reject with the reason, and a subscription has not begun. What is published meanwhile is
 * its sender's to keep and to send again.
 */
export function connectBus(open: () => Promise<EventBus>, logger: BusLogger): EventBus {
  const opening = eventually(open, logThrottled(logger, 'the bus is not there yet; trying again'))
  const opened = async (): Promise<EventBus> => {
    try {
      return await opening.now()
    } catch (error) {
      throw new Error(`the bus is not there yet: ${textOf(error)}`, { cause: error })
    }
  }
  return {
    publish: async (messages) => (await opened()).publish(messages),
    subscribe: (options) => Promise.resolve(subscribeEventually(opening, opened, options, logger)),
    stateOf: async (group, topics) => (await opened()).stateOf(group, topics),
    read: async (stretches) => (await opened()).read(stretches),
    rewind: async (group, places) => (await opened()).rewind(group, places),
    check: async () => (await opened()).check(),
    close: () => opening.stop((bus) => bus.close()),
  }
}

function subscribeEventually(
  opening: Eventually<EventBus>,
  opened: () => Promise<EventBus>,
  options: SubscribeOptions,
  logger: BusLogger,
): Subscription {
  const begunAt = performance.now()
  let subscribing: Eventually<Subscription> | undefined
  let current: Subscription | undefined
  let stopped = false
  void opening.achieved.then((bus) => {
    if (stopped) return
    subscribing = eventually(
      async () => (current = await bus.subscribe(options)),
      logThrottled(logger, `the group ${options.group} could not be joined yet; trying again`),
    )
  })
  return {
    lag: async () => {
      await opened()
      if (subscribing === undefined) throw new Error('the group has not been joined yet')
      return (await subscribing.now()).lag()
    },
    lastPollAt: () => current?.lastPollAt() ?? begunAt,
    stop: async () => {
      stopped = true
      await subscribing?.stop((one) => one.stop())
    },
  }
}

function logThrottled(logger: BusLogger, message: string): (error: unknown) => void {
  const isDue = createLogThrottle()
  return (error) => {
    const reason = textOf(error)
    if (isDue(reason)) logger.warn({ reason }, message)
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error)
}
