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

/**
 * The ledger has taken the document at another position than it said before: it had fallen back, and took it anew.
 *
 * @param known what is remembered of its posting
 */
export function isRenumbered(
  known: { readonly status: string; readonly attempt: number; readonly position: bigint | null },
  { attempt, position }: PostedEvent['data'],
): boolean {
  return known.status === 'done' && known.attempt === attempt && known.position !== BigInt(position)
}

/** What a slice does with answers about its kind of document; it gets only those, in order. */
export interface PostingListener {
  readonly kind: DocumentKind
  readonly posted: (tx: Tx, events: readonly PostedEvent[]) => Promise<void>
  readonly refused: (tx: Tx, events: readonly RefusedEvent[]) => Promise<void>
}
