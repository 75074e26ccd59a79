/** Every published invariant: those of each service, and those between services. */
import { setTimeout as sleep } from 'node:timers/promises'
import { invariants as identity } from '../../services/identity/src/invariants.ts'
import { invariants as picking } from '../../services/picking/src/invariants.ts'
import { invariants as stock } from '../../services/stock/src/invariants.ts'
import { invariants as valuation } from '../../services/valuation/src/invariants.ts'
import { acrossServices } from './across.ts'
import { type Ask, type Databases, type ServiceName, withDatabases } from './databases.ts'
import { type Findings, judge, remarks, travelSeconds } from './findings.ts'

const local = { identity, stock, picking, valuation }
const retryMs = 500

/** How to look. */
export interface CheckOptions {
  /** Gets a line for each invariant, and one for what is on its way or held. */
  readonly say?: (line: string) => void
  /** Age from which what has not arrived is a violation. Default: 60. */
  readonly limitSeconds?: number
  /** Look again while something is on its way: for a system without traffic. */
  readonly untilArrived?: boolean
}

/** What was found. */
export interface Report {
  /** A sentence for each invariant that is violated, with the first offending rows. */
  readonly violations: readonly string[]
  /** What is no violation and no rest either: on its way, or held. */
  readonly remarks: readonly string[]
}

/**
 * Asks all invariants once.
 *
 * @param dataFolder of a running installation; unless the environment names the databases
 */
export function checkAll(dataFolder: string, options: CheckOptions = {}): Promise<Report> {
  const { say = () => undefined } = options
  return withDatabases(dataFolder, async (databases) => {
    const violations = await localViolations(databases, say)
    const told: string[] = []
    for (const { name, check } of acrossServices) {
      const findings = await look(() => check(databases), options)
      const offending = findings.violations
      say(`${offending.length === 0 ? 'holds   ' : 'VIOLATED'} between services: ${name}`)
      for (const remark of remarks(findings)) {
        say(`           ${remark}`)
        told.push(remark)
      }
      if (offending.length > 0) violations.push(sentence('between services', name, offending))
    }
    return { violations, remarks: told }
  })
}

/** The violations once all that was under way has arrived, or is a minute old. */
export async function violationsOf(dataFolder: string): Promise<readonly string[]> {
  return (await checkAll(dataFolder, { untilArrived: true })).violations
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

async function look(
  check: () => Promise<Parameters<typeof judge>[0]>,
  { limitSeconds = travelSeconds, untilArrived = false }: CheckOptions,
): Promise<Findings> {
  for (const end = Date.now() + limitSeconds * 1_000; ;) {
    const findings = judge(await check(), limitSeconds)
    if (!untilArrived || findings.travelling.count === 0 || Date.now() > end) return findings
    await sleep(retryMs)
  }
}

function sentence(where: string, name: string, rows: readonly object[]): string {
  const first = rows
    .slice(0, 5)
    .map((row) => JSON.stringify(row, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)))
  return `${where}: ${name}: ${String(rows.length)} offending, such as ${first.join(', ')}`
}
