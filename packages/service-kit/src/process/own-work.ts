/** The work in the background that a service brings along: begun when the history of its database is certain, ended at the stop. */
import type { z } from 'zod'
import { HistoryUnsure } from '../database/write-gate.ts'
import { isFault } from '../runtime/fault.ts'
import type { ServiceConfig } from './config.ts'
import type { ServiceParts, ServiceOptions } from './service.ts'
import type { End } from './stopping.ts'

const ownWorkAgainMs = 2_000

/** While the history of the database is not certain, the service's own work waits, and what only reads is served. */
export async function beginOwnWork<P, Own extends z.core.$ZodLooseShape>(
  { started }: ServiceOptions<P, Own>,
  parts: ServiceParts<P, ServiceConfig & z.output<z.ZodObject<Own>>>,
  onFatal: (error: Error) => void,
): Promise<End> {
  let own: (() => Promise<void>) | undefined
  let timer: NodeJS.Timeout | undefined
  let ended = false
  const begin = async (mayWait: (error: unknown) => boolean): Promise<void> => {
    try {
      own = await started?.(parts)
      if (ended) await own?.()
    } catch (error) {
      if (!mayWait(error)) throw error
      timer = setTimeout(again, ownWorkAgainMs).unref()
    }
  }
  const again = (): void => {
    // The database may be away just then: that is waited for as well.
    if (!ended)
      begin((error) => isUnsure(error) || isFault(error)).catch((error: unknown) => {
        onFatal(error instanceof Error ? error : new Error(String(error)))
      })
  }
  await begin(isUnsure)
  return {
    name: 'own work',
    end: async () => {
      ended = true
      clearTimeout(timer)
      await own?.()
    },
  }
}

function isUnsure(error: unknown): boolean {
  return error instanceof HistoryUnsure
}
