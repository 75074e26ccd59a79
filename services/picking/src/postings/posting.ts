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

/** What a slice does with answers about its kind of document; it gets only those, in order. */
export interface PostingListener {
  readonly kind: DocumentKind
  readonly posted: (tx: Tx, events: readonly PostedEvent[]) => Promise<void>
  readonly refused: (tx: Tx, events: readonly RefusedEvent[]) => Promise<void>
}
