/** What receipts and deliveries have alike when they are restored after the database fell back. Pure. */
import type { Event } from '@stockline/contracts/envelope'
import type { Note, Who } from '@stockline/documents'

/** What is told of a document, beside its data. */
export interface ToldAt {
  readonly time: string
  readonly actor: Who | null
}

/** When and by whom an event was told. */
export function toldAt({ time, actor }: Pick<Event, 'time' | 'actor'>): ToldAt {
  return { time: time ?? '', actor: actor ?? null }
}

/** A step of a restored document's history. */
export function restoredNote(what: string, { time, actor }: ToldAt): Note {
  const when = time === '' ? 'before' : `at ${time}`
  return { what, why: `Told ${when}, and restored after the database fell back.`, who: actor }
}

/** When a document was made, by its id of version 7; else when it was told of. */
export function madeAt(documentId: string, { time }: ToldAt): Date {
  const isTimed = documentId[14] === '7'
  const told = new Date(time)
  if (isTimed) return new Date(Number.parseInt(documentId.replaceAll('-', '').slice(0, 12), 16))
  return Number.isNaN(told.getTime()) ? new Date(0) : told
}

/** A document of an order, as far as it says whether another one is for the same goods. */
export interface OfOrder {
  readonly id: string
  readonly status: string
  readonly orderId: string | null
  readonly backorderOf: string | null
}

/** A document that was made anew for what a restored one is for, since the database fell back. */
export interface Second<Document> {
  readonly restored: Document
  readonly second: Document
}

/**
 * Documents that were made anew for the goods of restored ones.
 *
 * @param others documents of the same orders
 * @param told ids of all documents that were told of: none of them was made anew
 */
export function secondsAmong<Document extends OfOrder>(
  made: readonly Document[],
  others: readonly Document[],
  told: ReadonlySet<string>,
): readonly Second<Document>[] {
  const ofOrder = Map.groupBy(
    others.filter(({ id, status }) => !told.has(id) && status !== 'cancelled'),
    ({ orderId }) => orderId,
  )
  return made
    .filter(({ orderId, status }) => orderId !== null && status !== 'cancelled')
    .flatMap((restored) =>
      (ofOrder.get(restored.orderId) ?? [])
        .filter(({ backorderOf }) => restored.backorderOf === null || backorderOf === restored.backorderOf)
        .map((second) => ({ restored, second })),
    )
}

/** What a person must know of a number that two documents had. */
export function givenTwice(
  kind: 'receipt' | 'delivery',
  { told, now }: { readonly told: string; readonly now: string },
): string {
  return `The number ${told} was given twice. The ${kind} that was told of under it is ${now} here; others know it as ${told}.`
}
