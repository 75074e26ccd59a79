/** The ledger's answers, and who wants them. */
import type { DocumentKind, stockDocumentPosted, stockDocumentRefused } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import type { z } from 'zod'
import type { Tx } from '../database.ts'

/** The ledger took a document. */
export type PostedEvent = Event<z.output<typeof stockDocumentPosted.data>>
/** The ledger refused a document. */
export type RefusedEvent = Event<z.output<typeof stockDocumentRefused.data>>

/** What the ledger says no with, for a person: every fault with its line, five at most. */
export function refusalText({ detail, errors }: RefusedEvent['data']): string {
  // One fault is what the detail says.
  if (errors.length < 2) return detail
  const shown = errors
    .slice(0, 5)
    .map(({ line, message }) => (line === null ? message : `Line ${String(line)}: ${message}`))
  return `${shown.join(' ')}${errors.length > shown.length ? ` And ${String(errors.length - shown.length)} more.` : ''}`
}

/** A document that the ledger may be asked about. */
interface Answerable {
  readonly status: string
  /** Times the ledger was asked. */
  readonly attempt: number
  /** Where a refusal puts it back; set while posting. */
  readonly returnsTo: string | null
  readonly problem: string | null
  readonly position: bigint | null
}

/** Is it the answer to the attempt that is under way? A late duplicate of an earlier answer is not. */
export function isAnswerTo({ status, attempt: asked }: Answerable, attempt: number): boolean {
  return status === 'posting' && asked === attempt
}

/** The ledger took it. */
export function postedDocument<Document extends Answerable>(document: Document, position: bigint): Document {
  return { ...document, status: 'done', position, returnsTo: null, problem: null }
}

/** The ledger refused it: back to where it was, with the reason. Undefined where that is no answer to the attempt under way. */
export function refusedDocument<Document extends Answerable>(
  document: Document,
  refusal: RefusedEvent['data'],
): Document | undefined {
  if (!isAnswerTo(document, refusal.attempt)) return undefined
  const problem = `The ledger refused: ${refusalText(refusal)}`
  return { ...document, status: document.returnsTo ?? 'in_progress', returnsTo: null, problem }
}

/**
 * The ledger has taken the document at another position than it said before: it had fallen back, and took it anew.
 *
 * @param known what is remembered of its posting
 */
export function isRenumbered(known: Answerable, { attempt, position }: PostedEvent['data']): boolean {
  return known.status === 'done' && known.attempt === attempt && known.position !== BigInt(position)
}

/** What a slice does with answers about its kind of document; it gets only those, in order. */
export interface PostingListener {
  readonly kind: DocumentKind
  readonly posted: (tx: Tx, events: readonly PostedEvent[]) => Promise<void>
  readonly refused: (tx: Tx, events: readonly RefusedEvent[]) => Promise<void>
}
