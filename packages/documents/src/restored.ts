/** What is said of documents that were made again after the database fell back. Pure. */
import type { Event } from '@stockline/contracts/envelope'
import type { Note } from './history.ts'

/** A step of a restored document's history. */
export function restoredNote(what: string, { time, actor }: Pick<Event, 'time' | 'actor'>): Note {
  const when = time === undefined ? 'before' : `at ${time}`
  return { what, why: `Told ${when}, and restored after the database fell back.`, who: actor ?? null }
}

/** When a document was made, by its id of version 7; else when its event was published. */
export function madeAt(documentId: string, time: string | undefined): Date {
  const isTimed = documentId[14] === '7'
  if (isTimed) return new Date(Number.parseInt(documentId.replaceAll('-', '').slice(0, 12), 16))
  return new Date(time ?? 0)
}

/** What a person must know of a number that two documents had. */
export function givenTwice(
  kind: string,
  { published, now }: { readonly published: string; readonly now: string },
): string {
  return `The number ${published} was given twice. The ${kind} that was told of under it is ${now} here; others know it as ${published}.`
}
