/** The open books: what valuing works on while inputs are taken, and what it leaves behind. */
import { companyDate, minus, type Money, plus } from '@stockline/amounts'
import type { AccountMap } from '../accounts/account.ts'
import type { LoggedInput } from '../inputs/input.ts'
import {
  nextEntryNumber,
  turned,
  withAccountIds,
  type Company,
  type JournalEntry,
  type EntryDraft,
  type EntryLine,
  type EntryNumbers,
} from '../journal/entry.ts'
import type { CostMethod } from '../methods/cost-method.ts'
import { holdProducts, nothingHeld, type Held, type Parked } from './parking.ts'
import { orderLineKey, type OrderLineValue, type OrderLineName } from './order-line.ts'
import type { Layer, Pool } from './pool.ts'

/** What valuing starts from: all of it, or the part that the inputs touch. */
export interface CostState {
  readonly lastInput: bigint
  /** Of the ledger. */
  readonly lastPosition: bigint
  readonly lastEntry: bigint
  readonly lastAccount: number
  readonly entryNumbers: EntryNumbers
  /** The balance of the inventory account. */
  readonly inventoryValue: Money
  readonly accounts: AccountMap
  readonly methods: ReadonlyMap<string, CostMethod>
  readonly pools: ReadonlyMap<string, Pool>
  /** Lines of orders that something is carried over on, by key. */
  readonly orderLines: ReadonlyMap<string, OrderLineValue>
  /** In the order of their inputs. */
  readonly parked: readonly Parked[]
}

/** A layer with the product that it is of. */
export interface ChangedLayer {
  readonly productId: string
  readonly layer: Layer
}

/** Changed in place while inputs are taken; lives only within `valueInputs`. */
export interface Books extends Changing<Omit<CostState, 'pools' | 'methods' | 'orderLines' | 'parked'>> {
  readonly company: Company
  readonly pools: Map<string, Pool>
  readonly methods: Map<string, CostMethod>
  readonly touched: Set<string>
  readonly layers: Map<string, ChangedLayer>
  readonly orderLines: Map<string, OrderLineValue>
  readonly changedOrderLines: Set<string>
  readonly entries: JournalEntry[]
  readonly inputs: LoggedInput[]
  parked: Parked[]
  held: Held
}

type Changing<State> = { -readonly [Name in keyof State]: State[Name] }

/** Opens the books on a state, which itself stays as it is. */
export function openBooks(state: CostState, company: Company): Books {
  const books: Books = {
    ...state,
    company,
    pools: new Map(state.pools),
    methods: new Map(state.methods),
    touched: new Set(),
    layers: new Map(),
    orderLines: new Map(state.orderLines),
    changedOrderLines: new Set(),
    entries: [],
    inputs: [],
    parked: [...state.parked],
    held: nothingHeld(),
  }
  for (const parked of books.parked) holdProducts(books.held, parked)
  return books
}

/** Adds a parked document and what it holds. */
export function addParked(books: Books, parked: Parked): void {
  books.parked.push(parked)
  holdProducts(books.held, parked)
}

/** A pool as it is now. */
export function keepPool(books: Books, pool: Pool): void {
  books.pools.set(pool.productId, pool)
  books.touched.add(pool.productId)
}

/** A layer as it is now. */
export function keepLayer(books: Books, changed: ChangedLayer): void {
  books.layers.set(`${changed.productId}:${changed.layer.beginsAt.toString()}`, changed)
}

/** An order's line, where something is carried over on it. Most batches have none. */
export function orderLineOf({ orderLines }: Books, name: OrderLineName): OrderLineValue | undefined {
  return orderLines.size === 0 ? undefined : orderLines.get(orderLineKey(name))
}

/** An order's line as it is now. */
export function keepOrderLine(books: Books, orderLine: OrderLineValue): void {
  const key = orderLineKey(orderLine)
  books.orderLines.set(key, orderLine)
  books.changedOrderLines.add(key)
}

/** Numbers an entry and gives its lines the accounts of now. */
export function addEntry(books: Books, draft: EntryDraft): void {
  const lines = draft.lines.map((line) => {
    const right = turned(line)
    if (right.debit === 'inventory') books.inventoryValue = plus(books.inventoryValue, right.amount)
    if (right.credit === 'inventory') books.inventoryValue = minus(books.inventoryValue, right.amount)
    return withAccountIds(right, books.accounts)
  })
  pushEntry(books, { ...draft, lines })
}

/** Numbers an entry whose lines have their accounts. */
export function pushEntry(
  books: Books,
  draft: Omit<EntryDraft, 'lines'> & { readonly lines: readonly EntryLine[] },
): void {
  const date = companyDate(books.company.timeZone, draft.effectiveAt)
  const { number, numbers } = nextEntryNumber(books.entryNumbers, date)
  books.entryNumbers = numbers
  books.lastEntry += 1n
  books.entries.push({ ...draft, id: books.lastEntry, number, date, afterPosition: books.lastPosition })
}
