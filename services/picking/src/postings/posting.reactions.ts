/** The ledger's answers, given to whichever slice asked. Runs of them are applied in one go. */
import { stockDocumentPosted, stockDocumentRefused, type DocumentKind } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import { batchReaction } from '@stockline/service-kit'
import type { Reaction, Tx } from '../database.ts'
import type { PostedEvent, PostingListener, RefusedEvent } from './posting.ts'

export function postingReactions(listeners: readonly PostingListener[]): readonly Reaction[] {
  const posted = (tx: Tx, events: readonly PostedEvent[]) =>
    forEachKind(tx, listeners, events, (listener, own) => listener.posted(tx, own))
  const refused = (tx: Tx, events: readonly RefusedEvent[]) =>
    forEachKind(tx, listeners, events, (listener, own) => listener.refused(tx, own))
  return [
    // The ledger is keyed by the company: one poison document must not stop the others.
    batchReaction({ contracts: [stockDocumentPosted], parkBy: (event) => event.data.documentId, react: posted }),
    batchReaction({ contracts: [stockDocumentRefused], parkBy: (event) => event.data.documentId, react: refused }),
  ]
}

/** Tells each slice of its own. Who waits for one of the documents looks again. */
async function forEachKind<Answer extends Event<{ kind: DocumentKind }>>(
  tx: Tx,
  listeners: readonly PostingListener[],
  events: readonly Answer[],
  tell: (listener: PostingListener, own: readonly Answer[]) => Promise<void>,
): Promise<void> {
  for (const listener of listeners) {
    const own = events.filter((event) => event.data.kind === listener.kind)
    if (own.length > 0) await tell(listener, own)
  }
  tx.signal('settled')
}
