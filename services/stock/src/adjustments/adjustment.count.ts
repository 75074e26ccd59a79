/** What was counted, judged line by line beside what the ledger has there: every wrong field is named at once. Pure. */
import { formatQuantity, isWholeAt, parseQuantity, parseUnitPrice, type Quantity } from '@stockline/amounts'
import { isWithin, type LocationScope } from '@stockline/contracts/locations'
import { nothingLeft } from '@stockline/documents/decision'
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import type { Balance, BalanceKey } from '../ledger/balances.actions.ts'
import type { lineBody } from './adjustment.shapes.api.ts'
import type { AdjustmentLine } from './adjustment.ts'

type LineBody = z.output<typeof lineBody>

/** What must be known of the lines that were given. */
export interface CountFacts {
  /** Of each line, in their order. */
  readonly balances: readonly Balance[]
  readonly scope: LocationScope
  /** Who counted. */
  readonly by: string
  /** Codes of reasons that may be given. */
  readonly reasons: ReadonlySet<string>
}

/** The key that a line is about. */
export function keyOfLine({ sku, location, lot, status = 'available' }: LineBody): BalanceKey {
  return { sku, location, lot: lot ?? null, status }
}

/** The warehouse and the lines of what was counted, or a refusal that names every wrong field. */
export function countedLines(
  given: readonly LineBody[],
  known: CountFacts,
): { readonly warehouse: string; readonly lines: readonly AdjustmentLine[] } | Refusal {
  const faults: FieldError[] = []
  const seen = new Map<string, number>()
  const warehouses = new Set<string>()
  const lines = given.flatMap((line, index): readonly AdjustmentLine[] => {
    const at = (field: string, message: string) => faults.push({ pointer: `/lines/${String(index)}${field}`, message })
    const balance = known.balances[index]
    if (balance === undefined) throw new Error('A line has no balance.')
    const key = JSON.stringify(keyOfLine(line))
    const twin = seen.get(key)
    if (twin === undefined) seen.set(key, index)
    else at('', `counts the same as line ${String(twin + 1)}`)
    const counted = parseQuantity(line.counted)
    const wrong = [
      ...productFaults(line, balance, counted),
      ...placeFaults(line, balance, known.scope, [...warehouses][0]),
      ...(line.reason === undefined || known.reasons.has(line.reason)
        ? []
        : [['/reason', `"${line.reason}" is not among the reasons`] as const]),
    ]
    if (balance.warehouse !== null && isWithin(known.scope, line.location)) warehouses.add(balance.warehouse)
    for (const [field, message] of wrong) at(field, message)
    return wrong.length > 0 ? [] : [lineOf(line, index, balance, counted, known.by)]
  })
  const [warehouse] = warehouses
  if (faults.length > 0 || warehouse === undefined)
    return refuse('lines-wrong', 'content', 'Some lines are wrong.', faults)
  return { warehouse, lines }
}

function lineOf(
  { sku, location, lot, status = 'available', counted: _counted, unitCost, reason, ...rest }: LineBody,
  index: number,
  { unit, onHand, position }: Balance,
  counted: Quantity,
  countedBy: string,
): AdjustmentLine {
  nothingLeft(rest)
  const cost = unitCost === undefined ? null : parseUnitPrice(unitCost)
  return {
    ...{ line: index + 1, sku, location, lot: lot ?? null, status, unit: unit ?? '', expected: onHand, counted },
    ...{ atPosition: position, unitCost: cost, reason: reason ?? null, countedBy },
  }
}

type Fault = readonly [field: string, message: string]

function productFaults({ sku, lot }: LineBody, balance: Balance, counted: Quantity): readonly Fault[] {
  const { type, tracking, unit, unitDecimals } = balance
  if (type === null || tracking === null) return [['/sku', `product "${sku}" is not known`]]
  if (type === 'service') return [['/sku', `${sku} is a service: it has no stock`]]
  const lotFault = lotFaultOf(sku, lot, balance, counted)
  const precise = unitDecimals === null || isWholeAt(counted, unitDecimals)
  return [
    ...(lotFault === undefined ? [] : [['/lot', lotFault] as const]),
    ...(precise
      ? []
      : [['/counted', `${sku} is counted to ${String(unitDecimals)} decimals of ${unit ?? ''}`] as const]),
    ...(tracking === 'serial' && counted > oneUnit
      ? [['/counted', `a serial number of ${sku} is one piece, not ${formatQuantity(counted)}`] as const]
      : []),
  ]
}

const oneUnit = 1_000_000n

/** A lot that nobody knows may be found, and is made by that; it cannot be missing. */
function lotFaultOf(
  sku: string,
  lot: string | undefined,
  { tracking, lotKnown }: Balance,
  counted: Quantity,
): string | undefined {
  if (tracking === 'none') return lot === undefined ? undefined : `${sku} is not tracked by lot: leave it out`
  if (lot === undefined) return `${sku} is tracked: its ${tracking === 'lot' ? 'lot' : 'serial number'} is missing`
  return lotKnown || counted > 0n ? undefined : `${sku} has no lot "${lot}" that could be missing`
}

/** What is outside of the scope is answered as what is not there. */
function placeFaults(
  { location }: LineBody,
  { locationType, locationActive, warehouse }: Balance,
  scope: LocationScope,
  first: string | undefined,
): readonly Fault[] {
  const message = () => {
    if (locationType === null || (warehouse !== null && !isWithin(scope, location)))
      return `location "${location}" is not known`
    if (locationType !== 'internal') return `location "${location}" holds no stock of ours`
    if (locationActive !== true) return `location "${location}" is not in use any more`
    if (first !== undefined && warehouse !== first)
      return `location "${location}" is not in warehouse ${first}, as those before it are`
    return undefined
  }
  const wrong = message()
  return wrong === undefined ? [] : [['/location', wrong]]
}
