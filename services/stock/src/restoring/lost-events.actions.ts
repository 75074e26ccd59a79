/** What the kinds of stock's own documents share when they are brought back to what was published.. */
import { envelopeSchema, type Event } from '@stockline/contracts/envelope'
import type { PublishedEvent } from '@stockline/service-kit'

/** What was done, and what is left for a person. */
export interface Done {
  readonly done: readonly string[]
  readonly open: readonly string[]
}

/** The event, where it is of this contract: one, or none. */
export function eventOf<Data>(
  { type, text }: PublishedEvent,
  contract: { readonly type: string; readonly data: { parse: (data: unknown) => Data } },
): readonly Event<Data>[] {
  if (type !== contract.type) return []
  const whole: unknown = JSON.parse(text)
  return [{ ...envelopeSchema.parse(whole), data: contract.data.parse(Reflect.get(whole as object, 'data')) }]
}

/** `what: number, number.`, or nothing of none. */
export function sentence(what: string, of: readonly string[]): readonly string[] {
  return of.length === 0 ? [] : [`${what}: ${of.join(', ')}.`]
}
