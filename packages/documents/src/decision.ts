/** What a slice states of its documents: its decision on one request. The service's carrier carries it out. Pure: rules use it. */
import { versionRefusal, type Refusal } from '@stockline/service-kit/refusal'
import type { Note } from './history.ts'

/** What becomes of a document: what it is then, what its history says of it, and its events. */
export interface DocumentDecision<Document, KindEvent = never> {
  readonly document: Document
  /** Signed by the actor of the request. */
  readonly notes: readonly Omit<Note, 'who'>[]
  readonly events?: readonly KindEvent[]
}

/**
 * A decision on one request, in this order of precedence: `already`, where the document is through this step, which is no error; a
 * refusal {@link inAnyVersion}; then, which no decision looks at, that the document was changed since it was read; any other refusal.
 */
export type Decided<Document, KindEvent = never> =
  DocumentDecision<Document, KindEvent> | 'already' | Refusal | RefusalInAnyVersion

/** A refusal that holds whatever version of the document the actor has read. */
export interface RefusalInAnyVersion extends Refusal {
  readonly inAnyVersion: true
}

/** See {@link RefusalInAnyVersion}. */
export function inAnyVersion(refusal: Refusal): RefusalInAnyVersion {
  return { ...refusal, inAnyVersion: true }
}

/**
 * What counts in the end, by the one order of precedence.
 *
 * @param current the document's version
 * @param read the version that the actor has read, from `If-Match`
 */
export function verdict<Document, KindEvent>(
  decided: Decided<Document, KindEvent>,
  current: number,
  read: number | undefined,
): DocumentDecision<Document, KindEvent> | 'already' | Refusal {
  if (decided === 'already' || 'inAnyVersion' in decided) return decided
  return versionRefusal(current, read) ?? decided
}

/**
 * Says that all of a request is taken, once its fields are. A field that is added to the shape of a body and that no decision takes
 * does not compile.
 *
 * @param _rest what is left of it
 */
export function nothingLeft(_rest: { readonly [field: string]: never }): void {
  // The type says it.
}
