/**
 * `node services/valuation/src/rebuild.ts`: values the whole log again and compares every entry, layer and pool with
 * what is kept, byte for byte, on one snapshot, while the service may go on. Ends with 1 at the first difference.
 */
import { openDatabase, parseConfig, sql } from '@stockline/service-kit'
import { z } from 'zod'
import { companyOf } from './config.ts'
import { rebuild } from './inputs/rebuild.actions.ts'

const snapshot = sql('set transaction isolation level repeatable read, read only')

const config = parseConfig({
  VALUATION_DATABASE_URL: z.string(),
  COMPANY: z.string().default('DEMO'),
  CURRENCY: z.string().default('USD'),
  TIME_ZONE: z.string().default('UTC'),
})
const company = companyOf({ company: config.COMPANY, currency: config.CURRENCY, timeZone: config.TIME_ZONE })
const db = openDatabase({ url: config.VALUATION_DATABASE_URL, service: 'valuation' })
try {
  const found = await db.transaction({ actor: null, correlationId: 'rebuild' }, async (tx) => {
    await tx.query(snapshot)
    return rebuild(tx, company, (line) => process.stderr.write(`${line}\n`))
  })
  const counted = `${found.inputs.toString()} inputs, ${found.entries.toString()} entries`
  process.stdout.write(
    `${found.difference === null ? `The same: ${counted}.` : `Different after ${counted}: ${found.difference}`}\n`,
  )
  process.exitCode = found.difference === null ? 0 : 1
} finally {
  await db.close()
}
