/** Fixtures: short sequences of ledger events. */
import { formatMoney, formatQuantity, zero } from '@stockline/amounts'
import type { DocumentKind, LocationType } from '@stockline/contracts'
import { accountRoles, firstAccounts } from '../src/accounts/account.ts'
import type { CostState } from '../src/costing/books.ts'
import { valueInputs, type ValuationResult } from '../src/costing/costing.ts'
import { newInput, type DocumentData, type InputData } from '../src/inputs/input.ts'
import type { Company, JournalEntry } from '../src/journal/entry.ts'
import type { CostMethod } from '../src/methods/cost-method.ts'

/** Dollars, UTC. */
export const company: Company = { code: 'DEMO', currency: 'USD', minorDigits: 2, timeZone: 'UTC' }
/** When everything happens. */
export const at = new Date('2026-04-23T08:00:00Z')

/** Before the first input. */
export const nothing: CostState = {
  lastInput: 0n,
  lastPosition: 0n,
  lastEntry: 0n,
  lastAccount: accountRoles.length,
  entryNumbers: {},
  inventoryValue: zero.money,
  accounts: firstAccounts(),
  methods: new Map(),
  pools: new Map(),
  orderLines: new Map(),
  parked: [],
}

/** What a line has besides product, quantity and places; `at` is the order's price. */
export interface Wanted extends Partial<DocumentData['lines'][number]> {
  readonly price?: never
  readonly at?: string | undefined
  readonly currency?: string
  /** From the unit entered to that of the price. */
  readonly ratio?: readonly [numerator: string, denominator: string]
}

function line(
  sku: string,
  quantityText: string,
  fromType: LocationType,
  toType: LocationType,
  wanted: Wanted,
  index: number,
): DocumentData['lines'][number] {
  const { at: unitPrice, currency = 'USD', ratio: [numerator, denominator] = ['1', '1'], ...rest } = wanted
  const price = unitPrice === undefined ? {} : { price: { unitPrice, unit: 'unit', currency, numerator, denominator } }
  return {
    ...{ move: `${sku}-${index}`, productId: `id-${sku}`, sku, productType: 'stockable' as const, category: 'all' },
    ...{ quantity: quantityText, from: fromType, fromType, to: toType, toType, ...price, ...rest },
  }
}

/** A line of a document. */
export type Move = readonly [sku: string, quantity: string, wanted?: Wanted]

/** Documents in a row, by what they do, behind that position. */
export const story = (after = 0) => {
  let position = after
  const document =
    (kind: DocumentKind, from: LocationType, to: LocationType, orderNumber?: string) =>
    (...moves: readonly Move[]): InputData => {
      position += 1
      const data: DocumentData = {
        ...{ position: String(position), documentId: `document-${position}`, number: `D${position}`, kind },
        effectiveAt: at.toISOString(),
        ...(orderNumber === undefined ? {} : { order: { source: '/erp/purchase', orderNumber } }),
        lines: moves.map(([sku, q, wanted = {}], index) => line(sku, q, from, to, wanted, position * 100 + index)),
      }
      return { kind: 'document', document: data }
    }
  return {
    receipt: document('receipt', 'vendor', 'internal'),
    receiptOf: (orderNumber: string) => document('receipt', 'vendor', 'internal', orderNumber),
    delivery: document('delivery', 'internal', 'customer'),
    loss: document('adjustment', 'internal', 'loss'),
    gain: document('adjustment', 'loss', 'internal'),
    opening: document('opening', 'opening', 'internal'),
    scrap: document('adjustment', 'internal', 'scrap'),
    unscrap: document('adjustment', 'scrap', 'internal'),
    transfer: document('transfer', 'internal', 'transit'),
    arrival: document('transfer', 'transit', 'internal'),
    lostInTransit: document('transfer', 'transit', 'loss'),
    build: document('adjustment', 'production', 'internal'),
  }
}

/** The method of a category changes. */
export const method = (name: CostMethod, category = 'all'): InputData => ({
  kind: 'cost-method-changed',
  category,
  method: name,
})
/** A product event: its standard cost and its category. */
export const standard = (sku: string, standardCost: string | null, category = 'all'): InputData => ({
  ...{ kind: 'product-changed', productId: `id-${sku}`, sku, category, standardCost },
})

/** Values from the beginning. */
export const run = (...inputs: readonly InputData[]): ValuationResult =>
  valueInputs(
    nothing,
    inputs.map((data) => newInput(data, at)),
    company,
  )

/** "Dr inventory Cr grni 250.00 order price" */
export function told(entry: JournalEntry | undefined, outcome: ValuationResult): string[] {
  const all = [firstAccounts(), outcome.state.accounts].flatMap((accounts) => Object.values(accounts))
  const role = (id: number) => all.find((account) => account.id === id)?.role ?? 'no account'
  return (entry?.lines ?? []).map(
    ({ debit, credit, amount, basis }) =>
      `Dr ${role(debit)} Cr ${role(credit)} ${formatMoney(amount)}${basis === null ? '' : ` ${basis}`}`,
  )
}

/** Cause and lines of each entry. */
export const entriesOf = (outcome: ValuationResult) =>
  outcome.entries.map((entry) => [entry.cause, ...told(entry, outcome)])
/** What is owned of a product. */
export const poolOf = (outcome: ValuationResult, sku: string) => {
  const pool = outcome.state.pools.get(`id-${sku}`)
  return pool && `${formatQuantity(pool.quantity)} worth ${formatMoney(pool.value)}`
}
