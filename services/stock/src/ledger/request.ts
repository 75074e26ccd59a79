/** Requests to the ledger: documents to post, and the demand of deliveries, new, changed or gone. */
import type { Quantity } from '@stockline/amounts'
import type { DocumentKind, PostedDocument, RemainingLife, stockDocumentRefused } from '@stockline/contracts'
import type { EventActor } from '@stockline/contracts/envelope'
import type { SomeLotDates } from '@stockline/contracts/lot-dates'
import type { z } from 'zod'
import type { Demand, QuantStatus } from './stock.ts'

/** What travels with the goods and is never read here: written through to `document-posted`. */
export type PassThrough = Partial<
  Pick<
    PostedDocument['lines'][number],
    'category' | 'entered' | 'price' | 'unitCost' | 'orderLine' | 'orderQuantity' | 'completesOrderLine'
  >
>

/**
 * One line of a document: so much goes from there to here. Either side may be a virtual location, where goods come from or go to; so
 * receipts, deliveries, transfers, adjustments and production are one thing to the ledger.
 */
export interface PostingLine extends SomeLotDates {
  /** Unique within the document. */
  readonly line: number
  /** The document's own line that it belongs to, where several share one. */
  readonly documentLine: number | null
  readonly sku: string
  readonly lot: string | null
  readonly expiresOn: string | null
  readonly status: QuantStatus
  /** As what the goods arrive, where that is another status; then `from` and `to` may be the same. */
  readonly toStatus?: QuantStatus | undefined
  /** The lot that the goods get, where that is another one; then `from` and `to` may be the same. A new one has the dates of `lot`. */
  readonly toLot?: string | undefined
  /** Above zero, in the base unit. */
  readonly quantity: Quantity
  /** The base unit as the sender knew it; undefined where it does not say. */
  readonly unit?: string | undefined
  /** Of a delivery: nothing of a lot that has less of its life left is shipped. */
  readonly life?: RemainingLife | undefined
  /** Codes of locations. */
  readonly from: string
  readonly to: string
  readonly passThrough: PassThrough
}

/** A document that wants to be posted. */
export interface Posting {
  readonly action: 'post'
  readonly kind: DocumentKind
  readonly documentId: string
  readonly number: string
  readonly attempt: number
  /** Its own locations must be of this warehouse; null where any will do. */
  readonly warehouse: string | null
  /** Of a delivery: the day on which the rest of a lot's life is judged, where that is later than today. */
  readonly dueOn?: string | null
  /** When it happened, in epoch milliseconds. */
  readonly effectiveAt: number
  /** A person entered the time; otherwise it is the time of the event, and clocks that differ do not matter. */
  readonly effectiveAtStated: boolean
  /** The order that it is for, and that one's vendor or customer: written through, never read here. */
  readonly order?: OrderName | undefined
  readonly partner?: PostedDocument['partner']
  /** Posted already, by a ledger that has fallen back since: at this position, then. It is not judged again. */
  readonly restored?: { readonly position: bigint; readonly recordedAt: number } | undefined
  /** Why who asks may not have it posted, whatever its lines; undefined where they may. What is restored is not judged again. */
  readonly forbidden?: Pick<LineFault, 'code' | 'message'> | undefined
  readonly lines: readonly PostingLine[]
}

/** So much was taken from a location, and of a lot. */
export interface PickedAt {
  readonly location: string
  readonly lot: string | null
  readonly quantity: Quantity
}

/** An order as its system names it. */
export interface OrderName {
  readonly source: string
  readonly orderNumber: string
}

type DemandHead =
  'documentId' | 'number' | 'warehouse' | 'revision' | 'priority' | 'scheduledDate' | 'orderedAt' | 'allowPartial'

/** A delivery was confirmed or amended: its whole demand. */
export interface DemandRequest extends Readonly<Pick<Demand, DemandHead>> {
  readonly action: 'reserve'
  /** The order that it is for; undefined of a delivery without one. */
  readonly order?: OrderName | undefined
  /** Until when the order wants it reserved; undefined where it does not say. */
  readonly reserveUntil?: string | undefined
  /** When it was asked, in epoch milliseconds; undefined where that is not known. */
  readonly askedAt?: number | undefined
  /** Why nothing but what is picked is to be reserved; undefined where all is. */
  readonly held?: string | undefined
  /** False where it asks for nothing new: a hold stays. */
  readonly asks?: boolean | undefined
  readonly lines: readonly {
    readonly line: number
    readonly sku: string
    readonly quantity: Quantity
    /** The base unit as the sender knew it; undefined where it does not say. */
    readonly unit?: string | undefined
    /** Only this lot is reserved for it; undefined: any lot. */
    readonly lot?: string | undefined
    /** Nothing of a lot that has less of its life left is reserved for it; undefined: of any. */
    readonly life?: RemainingLife | undefined
    /** What was picked for it already: it is reserved first, where it was. */
    readonly picked?: readonly PickedAt[] | undefined
  }[]
}

/** A delivery was cancelled. */
export interface DemandEnd {
  readonly action: 'release'
  readonly documentId: string
}

/** A delivery is taken out of the offering: what is reserved for it is released, and nothing more is reserved until its demand is told again. */
export interface Hold {
  readonly action: 'hold'
  readonly documentId: string
  /** `released`, `ended` or `reserve-until`: see `stock.reservation-released`. */
  readonly code: string
  readonly reason: string
  /** The same in a sentence, with who it was. */
  readonly detail: string
  /** Only while its order wants it reserved until just then. */
  readonly until?: string | undefined
}

/** Stock has become reservable: it is offered to the demands that wait for it. */
export interface Offer {
  readonly action: 'offer'
  readonly warehouse: string
  readonly skus: readonly string[]
}

/** Lots have expired or are held: these deliveries may have reserved of them, and choose again. */
export interface Withdrawal {
  readonly action: 'withdraw'
  /** It was done in a ledger that has fallen back since. */
  readonly restored?: true
  readonly documentIds: readonly string[]
}

/** A transfer was confirmed: it sets out at once, all of it, or waits. */
export interface TransferRequest
  extends
    Readonly<Pick<Demand, Exclude<DemandHead, 'allowPartial'>>>,
    Pick<Posting, 'attempt' | 'effectiveAt' | 'effectiveAtStated'> {
  readonly action: 'transfer'
  readonly confirmedBy: EventActor | null
  /** Codes of locations; the source may be a whole warehouse. */
  readonly source: string
  readonly destination: string
  readonly lines: readonly (Pick<PostingLine, 'line' | 'sku' | 'lot' | 'quantity' | 'unit'> & {
    readonly category: string | undefined
  })[]
  /** It set out, or came to wait, in a ledger that has fallen back since: by this document, or without one. */
  readonly restored?: { readonly posting: Posting | null } | undefined
}

/** A transfer that waits was cancelled. */
export interface TransferEnd {
  readonly action: 'end-transfer'
  readonly documentId: string
}

export type LedgerRequest =
  Posting | DemandRequest | DemandEnd | Hold | Offer | Withdrawal | TransferRequest | TransferEnd

/** What is wrong with a line, by a code that stays the same. */
export type LineFault = Readonly<z.output<typeof stockDocumentRefused.data>['errors'][number]>
