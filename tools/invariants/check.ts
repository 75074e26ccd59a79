/** Every published invariant: those of each service, and those between services. */
import { setTimeout as sleep } from 'node:timers/promises'
import { invariants as identity } from '../../services/identity/src/invariants.ts'
import { invariants as picking } from '../../services/picking/src/invariants.ts'
import { invariants as stock } from '../../services/stock/src/invariants.ts'
import { invariants as valuation } from '../../services/valuation/src/invariants.ts'
import { acrossServices } from './across.ts'
import { type Ask, type Databases, type ServiceName, withDatabases } from './databases.ts'

const local = { identity, stock, picking, valuation }

/** How long what one service has told may take to arrive at another. */
const settleMs = 60_000
const retryMs = 500

/**
 * Asks all. Invariants between services are asked again until they hold, for a minute at most.
 *
 * @param dataFolder of a running installation; unless the environment names the databases
 * @param say gets one line for each invariant
 * @returns a sentence for each one violated, with the first offending rows
 */
export function violationsOf(dataFolder: string, say: (line: string) => void = () => undefined): Promise<string[]> {
  return withDatabases(dataFolder, async (databases) => {
    const found = await localViolations(databases, say)
    for (const { name, check } of acrossServices) {
      const rows = await untilEmpty(() => check(databases))
      say(`${rows.length === 0 ? 'holds   ' : 'VIOLATED'} between services: ${name}`)
      if (rows.length > 0) found.push(sentence('between services', name, rows))
    }
    return found
  })
}

/** @throws Error with all violations, for tests */
export async function checkInvariants(dataFolder: string): Promise<void> {
  const found = await violationsOf(dataFolder)
  if (found.length > 0) throw new Error(found.join('\n'))
}

async function localViolations(databases: Databases, say: (line: string) => void): Promise<string[]> {
  const found: string[] = []
  for (const [service, invariants] of Object.entries(local))
    for (const { name, statement } of invariants) {
      const ask: Ask = databases[service as ServiceName]
      const rows = await ask(statement.text)
      say(`${rows.length === 0 ? 'holds   ' : 'VIOLATED'} ${service}: ${name}`)
      if (rows.length > 0) found.push(sentence(service, name, rows))
    }
  return found
}

async function untilEmpty(check: () => Promise<readonly object[]>): Promise<readonly object[]> {
  for (const end = Date.now() + settleMs; ;) {
    const rows = await check()
    if (rows.length === 0 || Date.now() > end) return rows
    await sleep(retryMs)
  }
}

function sentence(where: string, name: string, rows: readonly object[]): string {
  const first = rows
    .slice(0, 5)
    .map((row) => JSON.stringify(row, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)))
  return `${where}: ${name}: ${String(rows.length)} offending, such as ${first.join(', ')}`
}
