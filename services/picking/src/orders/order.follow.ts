/** What an order's change does to its documents: the open one follows, a further one is for the difference, or it is too late. Pure. */
import type { LateLine } from '@stockline/contracts'
import type { AnyDocument } from '@stockline/documents'
import type { RefusedEvent } from '../postings/posting.ts'
import type { Named } from '../products/product.actions.ts'
import type { ReferenceData } from '../products/product.ts'
import type { Home } from './order.documents.ts'
import { lateLines, standingsOf, wantedLines, type OrderPart, type UnitOf, type Wanted } from './order.quantities.ts'
import type { Order, OrderContent, OrderLine } from './order.ts'

/** A document that may be of an order, as far as its order needs to know it. */
export interface OrderedDocument extends AnyDocument {
  readonly orderId: string | null
  /** Revision of the order that the lines show; a higher one at the order is a change that waits. */
  readonly orderRevision: number | null
  readonly backorderOf: string | null
  readonly problem: string | null
  readonly waitsFor: readonly string[]
  readonly attempt: number
  readonly returnsTo: string | null
  readonly position: bigint | null
  readonly lines: readonly {
    readonly line: number
    readonly orderLine: number | null
    readonly sku: string
    readonly unit: string
  }[]
}

/** One before it has a number. */
export type OrderDraft = Omit<OrderedDocument, 'number'>

/** What is given to a new document. */
export interface DraftGiven {
  readonly id: string
  readonly at: Date
}

/** What a kind of document decides by itself. All of it is pure. */
export interface OrderRules<Document extends OrderedDocument, Draft extends OrderDraft> {
  readonly kind: 'receipt' | 'delivery'
  /** What a warehouse lacks before a document can be made for it, as a part of a sentence; undefined where nothing. */
  readonly lackOf: (home: Home) => string | undefined
  /** In which unit what is left of an order's line is told. */
  readonly unitOf: UnitOf
  /** May its order still change it? */
  readonly isOpen: (document: Document) => boolean
  /** Products and units on it. */
  readonly named: (document: Document) => readonly Named[]
  /** What it did, or is to do, for its order. */
  readonly parts: (document: Document | Draft, referenceData: ReferenceData) => readonly OrderPart[]
  /** A draft for what an order wants; undefined where it wants nothing. */
  readonly draft: (
    order: Order,
    wanted: readonly Wanted[],
    given: DraftGiven & { readonly home: Home; readonly backorderOf: string | null },
    referenceData: ReferenceData,
  ) => Draft | undefined
  /** An open one after its order changed; without a future where nothing is left of it. */
  readonly amend: (
    document: Document,
    order: Order,
    wanted: readonly Wanted[],
    referenceData: ReferenceData,
  ) => Document
  /** Must what its order wants be on another document, in place of the amended one? */
  readonly makesPlace: (before: Document, after: Document) => boolean
  /** One that was restored without its order, with what that says; undefined where it lacks nothing. */
  readonly complete: (document: Document, content: OrderContent) => Document | undefined
  /** The document after the ledger, or stock, refused it; undefined where the answer is not for it as it is. */
  readonly refused: (document: Document, refusal: RefusedEvent['data']) => Document | undefined
  /** Products that have to be known for a backorder of it. */
  readonly leftOn: (document: Document) => readonly Named[]
  /** A draft for what it left open; undefined where nothing is, or somebody closed it. */
  readonly backorder: (document: Document, given: DraftGiven, referenceData: ReferenceData) => Draft | undefined
}

/** What an order's change leads to. */
export interface Following<Document> {
  /** Open documents as they are after it. */
  readonly amendments: readonly { readonly document: Document; readonly after: Document }[]
  /** What no open document in the order's warehouse can be for: a further one is made for it. */
  readonly missing: readonly Wanted[]
  /** The document after which that further one comes: the last that is done. */
  readonly furtherOf: string | null
  /** Lines that ask for less than came or went. */
  readonly late: readonly LateLine[]
  /** The document that brought or took it. */
  readonly lateOn: Document | undefined
}

type FollowRules<Document extends OrderedDocument> = Pick<
  OrderRules<Document, never>,
  'unitOf' | 'isOpen' | 'amend' | 'makesPlace'
> & { readonly parts: (document: Document, referenceData: ReferenceData) => readonly OrderPart[] }

/** What an order and its documents were until now. */
export interface FollowedUntilNow {
  /** What the revision asked for that the documents followed; undefined where that is not known. */
  readonly before?: readonly OrderLine[] | undefined
  /** What was left open by those that have just been posted, and stands on none yet. */
  readonly left?: readonly OrderPart[]
}

/**
 * What an order still wants: what it asks for, less what its posted documents did and what somebody closed of it. Where it has led
 * to no document, nobody can have closed anything.
 */
export function wantedOf<Document extends OrderedDocument>(
  { parts, unitOf }: Pick<FollowRules<Document>, 'parts' | 'unitOf'>,
  order: Order,
  documents: readonly Document[],
  referenceData: ReferenceData,
  { before, left = [] }: FollowedUntilNow = {},
): readonly Wanted[] {
  const all = [...documents.flatMap((document) => parts(document, referenceData)), ...left]
  return wantedLines(order, documents.length === 0 ? undefined : before, all, referenceData, unitOf)
}

/**
 * The last open document in the order's warehouse follows. One elsewhere, left from before the order moved, loses its lines.
 *
 * @param documents all of the order, oldest first
 */
export function followed<Document extends OrderedDocument>(
  rules: FollowRules<Document>,
  order: Order,
  until: FollowedUntilNow,
  documents: readonly Document[],
  referenceData: ReferenceData,
): Following<Document> {
  const wanted = wantedOf(rules, order, documents, referenceData, until)
  const open = documents.filter(rules.isOpen)
  const home = open.findLast(({ warehouse }) => warehouse === order.content.warehouse)
  const homeAfter = home === undefined ? undefined : rules.amend(home, order, wanted, referenceData)
  const follows = home !== undefined && homeAfter !== undefined && !rules.makesPlace(home, homeAfter)
  const done = documents.filter(({ status }) => status === 'done')
  const doneParts = done.flatMap((document) => rules.parts(document, referenceData))
  const late =
    done.length === 0 ? [] : lateLines(standingsOf(order, until.before, doneParts, referenceData), referenceData)
  return {
    amendments: open.map((document) => ({
      document,
      after: document === home && follows ? homeAfter : rules.amend(document, order, [], referenceData),
    })),
    missing: follows ? [] : wanted,
    furtherOf: done.at(-1)?.id ?? null,
    late,
    lateOn: done.findLast(({ lines }) =>
      lines.some(({ orderLine, sku }) => late.some((one) => one.line === orderLine && one.sku === sku)),
    ),
  }
}
