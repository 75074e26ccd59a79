/**
 * What can change a value, in the one order in which it is valued. The log holds inputs as plain JSON, amounts as
 * decimal text; here they get their types.
 */
import {
  type AmountsAsText,
  parseQuantity,
  parseRatio,
  parseUnitPrice,
  type Quantity,
  type Ratio,
  type UnitPrice,
} from '@stockline/amounts'
import type { DocumentKind, LocationType, PostedDocument } from '@stockline/contracts'
import type { WantedAccount } from '../accounts/account.ts'
import type { CostState } from '../costing/books.ts'
import type { CostMethod } from '../methods/cost-method.ts'

/** A ledger document as the log holds it. */
export interface DocumentData extends Readonly<
  Pick<PostedDocument, 'position' | 'documentId' | 'number' | 'kind' | 'effectiveAt' | 'order'>
> {
  /** Of a transfer, which is posted several times; undefined of other documents. */
  readonly attempt?: number | undefined
  /** As the ledger posted them, but for what no value depends on. */
  readonly lines: readonly (Omit<
    PostedDocument['lines'][number],
    'line' | 'documentLine' | 'lot' | 'unit' | 'from' | 'to'
  > & {
    readonly from: string
    readonly fromType: LocationType
    readonly to: string
    readonly toType: LocationType
  })[]
}

/** An order: its system and its number. */
export type OrderData = NonNullable<PostedDocument['order']>

/** Everything that is logged, by kind. */
export type InputData =
  /** `late`: the ledger has given its position a second time, after it had fallen back. */
  | { readonly kind: 'document'; readonly document: DocumentData; readonly late?: true }
  /** A document that is valued already has another position now: the ledger had fallen back, and took it anew. */
  | { readonly kind: 'document-renumbered'; readonly documentId: string; readonly from: string; readonly to: string }
  | { readonly kind: 'cost-method-changed'; readonly category: string; readonly method: CostMethod }
  /** A product has another standard cost or another category. */
  | ({ readonly kind: 'product-changed' } & ProductData)
  /** The same before version 2 of the rules, for the standard cost only. */
  | ({ readonly kind: 'standard-cost-changed' } & ProductData)
  | { readonly kind: 'accounts-changed'; readonly accounts: readonly WantedAccount[] }
  | { readonly kind: 'parked-released'; readonly input: string; readonly unitCosts: readonly UnitCostData[] }
  | { readonly kind: 'parked-discarded'; readonly input: string; readonly reason: string }

/** A product, as far as its value depends on it. */
export interface ProductData {
  readonly productId: string
  readonly sku: string
  readonly category: string
  readonly standardCost: string | null
}

/** A cost that an operator enters for a document that could not be valued. */
export interface UnitCostData {
  readonly sku: string
  readonly unitCost: string
}

/** The last number of the log, the ledger and the journal, and what the books keep beside. */
export type BooksRow = AmountsAsText<
  Pick<CostState, 'lastInput' | 'lastPosition' | 'lastEntry' | 'lastAccount' | 'entryNumbers' | 'inventoryValue'>
> & { readonly parkedCount: number }

/** The books, locked. */
export type LockedBooks = BooksRow & {
  /** Epoch of accounts and cost methods: each change of them begins a new one. */
  readonly settingsEpoch: string
  /** Does a document wait for the position that the ledger gives it anew? */
  readonly displaced: boolean
}

/**
 * The version of the rules by which an input is valued. It is logged with the input, and a rebuild values each input by its own: so
 * entries that were published stay as they were when the rules change. 1: each line of a document is rounded by itself, and
 * a product's category is what the line says. 2: the parts of an order's line are rounded together, and a product's category is what
 * the product's last event says.
 */
const currentRules = 2

/** Something that happened, before it has its place in the log. Made by {@link newInput}. */
export interface NewInput {
  readonly data: InputData
  readonly recordedAt: Date
  /** See {@link currentRules}. */
  readonly rules: number
  /** The document with its amounts read, where it is one. */
  readonly document: LedgerDocument | null
}

/** An input in its place. */
export interface LoggedInput extends NewInput {
  readonly number: bigint
}

/** A line of a ledger document with its amounts parsed. */
export interface Line extends Pick<
  DocumentData['lines'][number],
  'move' | 'productId' | 'sku' | 'productType' | 'category' | 'fromType' | 'toType'
> {
  readonly quantity: Quantity
  readonly price: OrderPrice | null
  /** Entered by a supervisor or above, or given on release. */
  readonly unitCost: UnitPrice | null
  /** As a part of its order's line. Null on lines that were not ordered, and on documents without an order. */
  readonly part: {
    readonly orderLine: number
    /** What it counts as, in the unit of the price; null where that is just what was entered. */
    readonly quantity: Quantity | null
    /** With this part the order's line is complete. */
    readonly completes: boolean
  } | null
}

/** The order's price with what it is for. */
export interface OrderPrice {
  readonly entered: Quantity
  readonly ratio: Ratio
  readonly unitPrice: UnitPrice
  readonly currency: string
}

/** A ledger document with its amounts parsed. */
export interface LedgerDocument {
  /** See {@link currentRules}. */
  readonly rules: number
  /** The purchase order that it is for; null where it has none, where the event does not say, and before version 2 of the rules. */
  readonly order: OrderData | null
  readonly position: bigint
  readonly id: string
  readonly number: string
  readonly kind: DocumentKind
  readonly effectiveAt: Date
  readonly lines: readonly Line[]
}

/** An input as it will be logged, or is, read once. */
export function newInput(data: InputData, recordedAt: Date, rules = currentRules): NewInput {
  checkKnown(rules)
  return { data, recordedAt, rules, document: data.kind === 'document' ? documentFrom(data.document, rules) : null }
}

function checkKnown(rules: number): void {
  if (rules > currentRules)
    throw new Error(
      `The log has inputs valued by version ${String(rules)} of the rules, which is newer than this program.`,
    )
}

/** The logged document with its amounts read, as the rules of that version see it. */
export function documentFrom(data: DocumentData, rules: number): LedgerDocument {
  checkKnown(rules)
  const order = rules < 2 ? null : (data.order ?? null)
  return {
    rules,
    order,
    position: BigInt(data.position),
    id: data.documentId,
    number: data.number,
    kind: data.kind,
    effectiveAt: new Date(data.effectiveAt),
    lines: data.lines.map((line) => lineFrom(line, order !== null)),
  }
}

function lineFrom(data: DocumentData['lines'][number], hasOrder: boolean): Line {
  const quantity = parseQuantity(data.quantity)
  return {
    move: data.move,
    productId: data.productId,
    sku: data.sku,
    productType: data.productType,
    category: data.category,
    quantity,
    fromType: data.fromType,
    toType: data.toType,
    price: data.price === undefined ? null : priceFrom(data.price, data.entered?.quantity, quantity),
    unitCost: data.unitCost === undefined ? null : parseUnitPrice(data.unitCost),
    part: hasOrder ? partFrom(data) : null,
  }
}

function partFrom({ orderLine, orderQuantity, completesOrderLine }: DocumentData['lines'][number]): Line['part'] {
  if (orderLine === undefined) return null
  const quantity = orderQuantity === undefined ? null : parseQuantity(orderQuantity)
  return { orderLine, quantity, completes: completesOrderLine === true }
}

function priceFrom(
  data: NonNullable<DocumentData['lines'][number]['price']>,
  entered: string | undefined,
  quantity: Quantity,
): OrderPrice {
  return {
    entered: entered === undefined ? quantity : parseQuantity(entered),
    ratio: parseRatio(data),
    unitPrice: parseUnitPrice(data.unitPrice),
    currency: data.currency,
  }
}

/**
 * Is the document new? Positions follow each other without a gap: what was taken before is left out, and a gap is a
 * fault of the sender, never valued over.
 */
export function isNewInLedger(last: bigint, { position }: Pick<LedgerDocument, 'position'>): boolean {
  if (position <= last) return false
  if (position > last + 1n)
    throw new Error(`The ledger's position ${(last + 1n).toString()} is missing: ${position.toString()} came next.`)
  return true
}
