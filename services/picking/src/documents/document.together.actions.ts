/** Requests for documents that came together: decided one by one, saved at once. */
import { alone, type Alone, type Refusal } from '@stockline/service-kit'
import type { Change, Stored } from './document.ts'

/** How each request is decided, and how the changes of all are saved. */
export interface Deciding<Asked, Document, Changed> {
  /** The documents that were locked, by id. */
  readonly documents: ReadonlyMap<string, Stored<Document>>
  readonly unknown: () => Refusal
  /** The rule: a change, the document as it is already, or no. It writes nothing. */
  readonly decide: (stored: Stored<Document>, asked: Asked) => Changed | Stored<Document> | Refusal
  /** Saves all changes; the documents as they are then, in the same order. */
  readonly save: (changes: readonly Changed[]) => Promise<readonly Stored<Document>[]>
}

/**
 * Decides each request by itself and saves all changes: an answer for each, in their order. A document that could not be
 * locked is unknown to who asks for it alone; in company it is left to a transaction of its own, since somebody else may hold it.
 */
export async function decideEach<Asked extends { readonly id: string }, Document, Changed extends Change<Document>>(
  asked: readonly Asked[],
  { documents, unknown, decide, save }: Deciding<Asked, Document, Changed>,
): Promise<readonly (Stored<Document> | Refusal | Alone)[]> {
  const isChange = (decided: Changed | Stored<Document> | Refusal | Alone): decided is Changed =>
    decided !== alone && 'after' in decided
  const decided = asked.map((one) => {
    const stored = documents.get(one.id)
    if (stored !== undefined) return decide(stored, one)
    return asked.length === 1 ? unknown() : alone
  })
  const changes = decided.filter(isChange)
  const saved = await save(changes)
  const after = new Map(changes.map((change, index) => [change, saved[index] ?? change.stored]))
  return decided.map((one) => (isChange(one) ? (after.get(one) ?? one.stored) : one))
}
