/** How a service stops: its parts in the order opposite to the one in which they began, within a limit. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../runtime/logging.ts'
import type { Health } from './health.ts'
import type { Web } from './web.ts'

const stopLimitMs = 10_000

/** Something to end at the stop, the last that began first. */
export interface End {
  readonly name: string
  readonly end: () => Promise<void>
}

/** Makes the stop of a service; a second call waits for the first. */
export function stopper(ends: readonly End[], health: Health, web: Web, log: Logger): () => Promise<void> {
  let stopping: Promise<void> | undefined
  return () => {
    stopping ??= (async () => {
      health.hold('shutting down')
      // No new connections from now on; the running requests are waited for in their turn.
      void web.close()
      const limit = delay(stopLimitMs, 'late', { ref: false })
      for (const { name, end } of [...ends]) {
        try {
          if ((await Promise.race([end(), limit])) === 'late') log.warn({ part: name }, 'did not end in time')
        } catch (error) {
          log.warn({ err: error, part: name }, 'did not end cleanly')
        }
      }
      web.cut()
      log.info('stopped')
    })()
    return stopping
  }
}
