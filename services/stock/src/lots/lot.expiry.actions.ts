/**
 * Lots expire by themselves: on the day after their last, by the company's calendar, what is reserved of them is given back, and its
 * deliveries choose again. Every replica looks; the ledger's head lets one withdraw, and the others then find nothing.
 */
import { companyDate } from '@stockline/amounts'
import { systemOrigin, type Logger } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { holdLedger, withdrawFrom } from '../ledger/ledger.offer.actions.ts'
import { findHoldersOfExpired, findHoldersOfShort, isLookedAt, noteLook } from './lot.expiry.store.ts'

/** So many deliveries lose what has expired in one transaction: the most urgent first. */
const mostTogether = 1000
const lookEveryMs = 30_000
/**
 * So long after the first look of a day deliveries are looked for whose lots have too little of their lives left by now: one may have been
 * decided just before midnight, and saved after the first look. Later in the day lives do not become shorter.
 */
const newDayMs = 300_000

/**
 * Withdraws what has expired, as of the transaction's time.
 *
 * @returns how many deliveries lost something; at most 1,000: call it again then
 */
export async function withdrawExpired(tx: Tx, company: LedgerCompany): Promise<number> {
  const today = companyDate(company.timeZone, tx.now)
  await holdLedger(tx, company)
  const expired = await findHoldersOfExpired(tx, company.company, today, mostTogether)
  const short = await findHoldersOfShort(tx, today, mostTogether - expired.length)
  const documentIds = [...new Set([...expired, ...short])]
  if (documentIds.length > 0) await withdrawFrom(tx, company, documentIds)
  const found = expired.length + short.length
  if (found < mostTogether) await noteLook(tx, company.company, today)
  return found
}

/** Looks for what has expired twice a minute: a statement that reads little, and a transaction where there is something to do. */
export function watchExpiry(db: Database, company: LedgerCompany, log: Logger, now: () => Date): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let stopped = false
  let firstLook = { today: '', at: 0 }
  const look = async (): Promise<void> => {
    const today = companyDate(company.timeZone, now())
    if (firstLook.today !== today) firstLook = { today, at: now().getTime() }
    const isNew = now().getTime() - firstLook.at < newDayMs
    const nothing =
      (await isLookedAt(db, company.company, today)) &&
      (await findHoldersOfExpired(db, company.company, today, 1)).length === 0 &&
      (!isNew || (await findHoldersOfShort(db, today, 1)).length === 0)
    if (nothing) return
    for (let lost = mostTogether; lost === mostTogether && !stopped;) {
      lost = await db.transaction(systemOrigin(), (tx) => withdrawExpired(tx, company))
      if (lost > 0) log.info({ deliveries: lost, today }, 'lots have expired: what was reserved of them is withdrawn')
    }
  }
  const round = (): void => {
    running = look()
      .catch((error: unknown) => {
        log.warn({ err: error }, 'what has expired could not be looked for; it is tried again')
      })
      .then(() => {
        if (!stopped) timer = setTimeout(round, lookEveryMs).unref()
      })
  }
  round()
  return async () => {
    stopped = true
    clearTimeout(timer)
    await running
  }
}
