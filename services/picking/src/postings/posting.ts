/** The ledger's answers, and the slices that get them. */
import type { DocumentKind, stockDocumentPosted, stockDocumentRefused } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import { listed } from '../documents/document.text.ts'

/** The ledger has posted a document. */
export type PostedEvent = Event<z.output<typeof stockDocumentPosted.data>>
/** The ledger has refused a document. */
export type RefusedEvent = Event<z.output<typeof stockDocumentRefused.data>>

/** A refusal by the ledger in sentences: every fault with its line, five at most. */
export function ledgerRefusalText({ detail, errors }: RefusedEvent['data']): string {
  // A single fault is in the detail already.
  if (errors.length < 2) return detail
  const faults = errors.map(({ line, message }) => (line === null ? message : `Line ${line}: ${message}`))
  return listed(faults, 5, ' ', (more) => ` And ${more} more.`)
}

/** A document that is posted by the ledger. */
interface Answerable {
  readonly status: string
  /** Counts its tries to be posted. */
  readonly attempt: number
  /** Where a refusal puts it back; set while posting. */
  readonly returnsTo: string | null
  readonly problem: string | null
  readonly position: bigint | null
}

/** Is an answer to this attempt for the document as it is? A late duplicate of an earlier answer is not. */
export function isAnswerTo(document: Answerable, attempt: number): boolean {
  return document.status === 'posting' && document.attempt === attempt
}

/** The document after the ledger posted it. */
export function postedDocument<Document extends Answerable>(document: Document, position: bigint): Document {
  return { ...document, status: 'done', position, returnsTo: null, problem: null }
}

/** The document after the ledger refused it: as it was, with the reason. Undefined where the refusal is not for the current attempt. */
export function refusedDocument<Document extends Answerable>(
  document: Document,
  refusal: RefusedEvent['data'],
): Document | undefined {
  if (!isAnswerTo(document, refusal.attempt)) return undefined
  const problem = `The ledger refused: ${ledgerRefusalText(refusal)}`
  return { ...document, status: document.returnsTo ?? 'in_progress', returnsTo: null, problem }
}

/**
 * The ledger has posted the document at another position than before: its database had fallen back, and it was posted anew.
 *
 * @param known the document as it was posted before
 */
export function isRenumbered(known: Answerable, { attempt, position }: PostedEvent['data']): boolean {
  return known.status === 'done' && known.attempt === attempt && known.position !== BigInt(position)
}

/** What a slice does with answers about its kind of document. It gets only those, in order. */
export interface PostingListener {
  readonly kind: DocumentKind
  readonly posted: (tx: Tx, events: readonly PostedEvent[]) => Promise<void>
  readonly refused: (tx: Tx, events: readonly RefusedEvent[]) => Promise<void>
}
