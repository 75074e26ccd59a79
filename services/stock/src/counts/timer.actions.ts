/** Work that counts do by themselves: classes and what is forgotten once a day, sheets by plans and by what deliveries left, and their ends. Several processes share it. */
import { companyDate } from '@stockline/amounts'
import { timeOfDay, type Origin, type ServiceParts } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import { forgetGivenUp } from '../adjustments/limit.actions.ts'
import type { PrismaClient, Tx } from '../database.ts'
import { computeDaily } from './abc.actions.ts'
import { settleSheets } from './count.submit.actions.ts'
import { takeTurn } from './plan.actions.ts'
import { takeTriggers } from './trigger.actions.ts'
import { findDueWork, forgetShortPicks } from './trigger.store.ts'

const everyMs = 1_000

/** Begins it. It returns how to end it. */
export function startCounting({ db, config, log }: ServiceParts<PrismaClient>): () => Promise<void> {
  let ended = false
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  /** Again and again, until nothing is left. */
  const takeAll = async (take: (tx: Tx) => Promise<boolean>): Promise<void> => {
    let isMore = true
    while (isMore && !ended) isMore = await db.transaction(systemOrigin(), take)
  }
  const work = async (): Promise<void> => {
    const due = await findDueWork(db, companyDate(config.timeZone, new Date(timeOfDay())))
    if (due.isStale)
      await db.transaction(systemOrigin(), async (tx) => {
        await computeDaily(tx, config)
        await forgetShortPicks(tx)
        await forgetGivenUp(tx)
      })
    if (due.isTurn) await takeAll((tx) => takeTurn(tx, config))
    if (due.isSettled) await db.transaction(systemOrigin(), settleSheets)
    if (due.isBehind) await takeAll((tx) => takeTriggers(tx, config))
  }
  const next = (): void => {
    timer = setTimeout(() => {
      running = work()
        .catch((error: unknown) => {
          log.warn({ err: error }, 'Count sheets could not be made by themselves; it is tried again.')
        })
        .then(() => {
          if (!ended) next()
        })
    }, everyMs).unref()
  }
  next()
  return async () => {
    ended = true
    clearTimeout(timer)
    await running
  }
}

function systemOrigin(): Origin {
  return { actor: null, correlationId: uuid() }
}
