/** Releases by itself what orders want reserved no longer. */
import type { Logger } from '@stockline/service-kit'
import type { Database } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { releaseOverdue } from './hold.actions.ts'

const everyMs = 2_000

/**
 * Looks every two seconds. What fails is tried again with the next look.
 *
 * @returns how to stop it: what runs is ended first
 */
export function watchReserveUntil(db: Database, company: LedgerCompany, log: Logger): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  let stopped = false
  const look = async (): Promise<void> => {
    try {
      while (!stopped && (await releaseOverdue(db, company)));
    } catch (error) {
      log.warn({ err: error }, 'reservations could not be released that orders want no longer; it is tried again')
    }
    if (!stopped) later()
  }
  const later = (): void => {
    timer = setTimeout(() => {
      running = look()
    }, everyMs).unref()
  }
  later()
  return async () => {
    stopped = true
    clearTimeout(timer)
    await running
  }
}
