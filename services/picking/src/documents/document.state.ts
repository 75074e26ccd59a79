/**
 * States of documents that are published once a document has stood in one for a moment: most documents are posted before, and nobody
 * has to hear of them. Each event is the whole state. Posting a document ends its states without an event. Pure.
 */
import type { ReferenceData } from '../products/product.ts'

/** One state of a document. Made by {@link stateOf}. */
export interface DocumentState {
  /** Names its event. */
  readonly name: 'floor' | 'expected'
  readonly data: unknown
  /** What is compared with what was published before. */
  readonly content: string
  /** Is there nothing to say? Published only where something was said before. */
  readonly isEmpty: boolean
}

/** The states of a kind of document. */
export interface DocumentStates<Document> {
  /** May there be something to say of it? Asked for each change, so it must cost little. */
  readonly mayHave: (document: Document) => boolean
  /** SQL over its head `d`: of which open ones {@link mayHave} may hold. */
  readonly candidates: string
  /** @param at when the document was changed last */
  readonly of: (document: Document, at: string, referenceData: ReferenceData) => readonly DocumentState[]
}

/** A state: an event's data, of which `at` is no part of what is compared. */
export function stateOf(name: DocumentState['name'], data: { readonly at: string }, isEmpty: boolean): DocumentState {
  return { name, data, content: JSON.stringify({ ...data, at: undefined }), isEmpty }
}

/** What a change means for a document's states: to look at them soon, to leave them as they are, or nothing. */
export function afterChange<Document extends { readonly status: string }>(
  { mayHave }: Pick<DocumentStates<Document>, 'mayHave'>,
  before: Document | undefined,
  after: Document,
): 'look' | 'leave' | 'nothing' {
  if (after.status === 'posting' || after.status === 'done') return 'leave'
  return mayHave(after) || (before !== undefined && mayHave(before)) ? 'look' : 'nothing'
}

/** Of a document's states those that must be published, by what was published of it before: digests by their names. */
export function unpublished(
  states: readonly DocumentState[],
  published: Readonly<Record<string, string>>,
  digestOf: (content: string) => string,
): { readonly events: readonly DocumentState[]; readonly published: Readonly<Record<string, string>> } {
  const digests = states.map((state) => ({
    state,
    before: published[state.name],
    now: digestOf(state.content),
  }))
  return {
    events: digests.flatMap(({ state, before, now }) => (before === (state.isEmpty ? undefined : now) ? [] : [state])),
    published: Object.fromEntries(digests.flatMap(({ state, now }) => (state.isEmpty ? [] : [[state.name, now]]))),
  }
}
