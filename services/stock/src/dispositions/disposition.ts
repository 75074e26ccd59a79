/** Dispositions: goods that are here get another stock status, or are scrapped. What is asked is judged line by line. Pure. */
import { formatQuantity, isWholeAt, minus, parseQuantity, type Quantity } from '@stockline/amounts'
import type { StockStatus } from '@stockline/contracts'
import { isWithin, type LocationScope } from '@stockline/contracts/locations'
import type { DocumentOf } from '@stockline/documents'
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import type { Balance, BalanceKey } from '../ledger/balances.actions.ts'
import { virtualLocations } from '../ledger/reference.ts'
import type { LineFault, Posting } from '../ledger/request.ts'
import type { statusChangeKind } from './disposition.fields.ts'

/** A change of status, or a scrap: see `disposition.fields.ts`. */
export type Disposition = DocumentOf<typeof statusChangeKind.fields>
type DispositionLine = Disposition['lines'][number]

/** A line of a request. */
export interface AskedLine {
  readonly sku: string
  readonly location: string
  readonly lot: string | null
  readonly status: StockStatus
  /** Null of scrap. */
  readonly toStatus: StockStatus | null
  readonly quantity: string
}

/** What must be known of the lines that were given. */
export interface DispositionFacts {
  /** Of each line, in their order, under the ledger's head. */
  readonly balances: readonly Balance[]
  readonly scope: LocationScope
  /** Is the reason among the manager's? */
  readonly isReason: boolean
  /** Lines that this person counted, with the adjustment or count sheet that says so, by their index. */
  readonly countedBy: ReadonlyMap<number, string>
}

/** Where it takes place. */
export function locationsOfDisposition({ lines }: Pick<Disposition, 'lines'>): readonly string[] {
  return [...new Set(lines.map(({ location }) => location))]
}

/** The key that a line is about. */
export function balanceKeyOf({ sku, location, lot, status }: AskedLine): BalanceKey {
  return { sku, location, lot, status }
}

/** The warehouse and the lines of what was asked, or a refusal that names every wrong field. */
export function dispositionOf(
  reason: string,
  asked: readonly AskedLine[],
  known: DispositionFacts,
): Pick<Disposition, 'warehouse' | 'lines'> | Refusal {
  const faults: FieldError[] = known.isReason
    ? []
    : [{ pointer: '/reason', message: `"${reason}" is not among the reasons` }]
  const left = new Map<string, Quantity>()
  const warehouses: string[] = []
  const lines = asked.map((line, index): DispositionLine => {
    const balance = known.balances[index]
    if (balance === undefined) throw new Error('A line has no balance.')
    const goods = [...placeFaults(line, balance, known.scope, warehouses[0]), ...goodsFaults(line, balance)]
    // How much is there is nobody's business outside of the scope.
    const wrong = goods.length > 0 ? goods : tooMuch(line, balance, left)
    if (balance.warehouse !== null && isWithin(known.scope, line.location)) warehouses.push(balance.warehouse)
    for (const [field, message] of wrong) faults.push({ pointer: `/lines/${String(index)}${field}`, message })
    return { ...line, line: index + 1, quantity: parseQuantity(line.quantity), unit: balance.unit ?? '' }
  })
  const [warehouse] = warehouses
  if (faults.length > 0 || warehouse === undefined)
    return refuse('lines-wrong', 'content', 'Nothing was posted, since some of it is wrong.', faults)
  return countedRefusal(known.countedBy) ?? { warehouse, lines }
}

/** Who counted what is there does not decide what becomes of it while the count is open, nor right after it was given up or entered otherwise. */
function countedRefusal(countedBy: DispositionFacts['countedBy']): Refusal | undefined {
  const [first] = countedBy
  if (first === undefined) return undefined
  const [index, number] = first
  return refuse(
    'poster-counted',
    'forbidden',
    `You counted or submitted what line ${String(index + 1)} is about, on ${number}: that count is open, or was given up or entered otherwise within 24 hours. Somebody else must post this.`,
  )
}

type Fault = readonly [field: string, message: string]

/** What is outside of the scope is answered as what is not there. */
function placeFaults(
  { location }: AskedLine,
  { locationType, locationActive, warehouse }: Balance,
  scope: LocationScope,
  first: string | undefined,
): readonly Fault[] {
  const wrong = (message: string): readonly Fault[] => [['/location', `location "${location}" ${message}`]]
  if (locationType === null || (warehouse !== null && !isWithin(scope, location))) return wrong('is not known')
  if (locationType !== 'internal') return wrong('holds no stock of ours')
  if (locationActive !== true) return wrong('is not in use any more')
  if (first !== undefined && warehouse !== first) return wrong(`is not in warehouse ${first}, as those before it are`)
  return []
}

function goodsFaults(line: AskedLine, balance: Balance): readonly Fault[] {
  const { sku, lot, status, toStatus } = line
  const { type, tracking, unit, unitDecimals, lotKnown } = balance
  if (type === null) return [['/sku', `product "${sku}" is not known`]]
  if (type === 'service') return [['/sku', `${sku} is a service: it has no stock`]]
  const faults: Fault[] = toStatus === status ? [['/to', `is ${status} already`]] : []
  if (tracking === 'none' && lot !== null) faults.push(['/lot', `${sku} is not tracked by lot: leave it out`])
  else if (tracking !== 'none' && lot === null)
    faults.push(['/lot', `${sku} is tracked: its ${tracking === 'serial' ? 'serial number' : 'lot'} is missing`])
  else if (tracking !== 'none' && !lotKnown) faults.push(['/lot', `${sku} has no lot "${String(lot)}"`])
  const quantity = parseQuantity(line.quantity)
  if (unitDecimals !== null && !isWholeAt(quantity, unitDecimals))
    faults.push(['/quantity', `${sku} is counted to ${String(unitDecimals)} decimals of ${unit ?? ''}`])
  return faults
}

/** @param left what lines before it have left of each balance */
function tooMuch(line: AskedLine, { unit, onHand }: Balance, left: Map<string, Quantity>): readonly Fault[] {
  const quantity = parseQuantity(line.quantity)
  const key = JSON.stringify(balanceKeyOf(line))
  const there = left.get(key) ?? onHand
  if (there < quantity)
    return [['/quantity', `${formatQuantity(there)} ${unit ?? ''} of ${line.sku} are there as ${line.status}`]]
  left.set(key, minus(there, quantity))
  return []
}

/** The document that the ledger posts. To it, both are corrections at one place: `adjustment`. */
export function dispositionPosting({ id, number, warehouse, lines }: Disposition, now: number): Posting {
  return {
    ...{ action: 'post', kind: 'adjustment', documentId: id, number, attempt: 1, warehouse },
    ...{ effectiveAt: now, effectiveAtStated: false },
    lines: lines.map(({ line, sku, lot, location, status, toStatus, quantity, unit }) => ({
      ...{ line, documentLine: null, sku, lot, expiresOn: null, status, quantity, unit, passThrough: {} },
      ...{ from: location, to: toStatus === null ? virtualLocations.scrap : location, toStatus: toStatus ?? undefined },
    })),
  }
}

/** What the ledger found wrong, by the field of the request. */
export function ledgerRefusal(code: string, detail: string, faults: readonly LineFault[]): Refusal {
  return refuse(
    code,
    'content',
    detail,
    faults.map(({ line, message }) => ({ pointer: line === null ? '' : `/lines/${String(line - 1)}`, message })),
  )
}
