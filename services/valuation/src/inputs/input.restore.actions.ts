/**
 * After its database fell back, valuation values again what it had valued, from stock's events in the order of their publication,
 * and compares each entry with the one that was published.
 */
import { stockDocumentPosted, stockProductChanged } from '@stockline/contracts'
import {
  publish,
  transactionWith,
  type IncomingEvent,
  type Outgoing,
  type Restore,
  type ServiceConfig,
} from '@stockline/service-kit'
import { companyOf } from '../config.ts'
import type { PrismaClient } from '../database.ts'
import { inputReactions } from './input.reactions.ts'
import { type Caused, compareEntries } from './input.restore.ts'

const ask = 'compare with accounting'

/** How valuation is reconciled. */
export function restoreValuation(config: ServiceConfig): Restore<PrismaClient> {
  const company = companyOf(config)
  return async (tx, { missing, superseded, inputs }) => {
    const reactions = inputReactions(company)
    // What was entered by hand has no event as its cause.
    const lastCause = missing
      .map(({ causationId }) => inputs.find(({ event }) => event.id === causationId))
      .findLast((cause) => cause !== undefined)
    const taken = lastCause === undefined ? [] : upTo(inputs, lastCause)
    const said: Outgoing[] = []
    const quiet = transactionWith(tx, { collectEvents: (events) => said.push(...events) })
    for (const { event } of taken)
      for (const reaction of reactions)
        if (reaction.contracts.some(({ type }) => type === event.type)) await reaction.react(quiet, [event])
    const told = missing.map((one) => ({ ...one, cause: one.causationId, data: dataOf(one.text) }))
    const made = said.map((one) => ({ cause: one.causedBy?.id, data: one.data as Caused['data'], said: one }))
    const compared = compareEntries(told, made)
    const open = [
      ...compared.different.map(
        ({ data }) => `Entry ${data.number} was told and does not follow from the books as they are now: ${ask}.`,
      ),
      ...compared.byHand.map(
        ({ data }) =>
          `Entry ${data.number} was told and is lost, since it came of what was entered by hand: enter it again, and ${ask}.`,
      ),
      ...compared.renumbered.map(
        ({ told: { data }, made: now }) =>
          `Entry ${data.number} is ${now.data.number} here, since entries before it are lost: ${ask}.`,
      ),
    ]
    // Entries that had never been published are published now.
    await publish(tx, ...compared.untold.map((one) => one.said))
    for (const { subject, sequence } of superseded)
      open.push(
        `Entry event number ${String(sequence)} of ${subject} is of a history that is no more: tell accounting.`,
      )
    return { taken, done: said.length === 0 ? [] : [`Entries made again: ${String(said.length)}.`], open }
  }
}

/** Events that change values, in the order of their publication, up to the last one that led to an entry. */
function upTo(
  inputs: readonly IncomingEvent<PrismaClient>[],
  last: IncomingEvent<PrismaClient>,
): readonly IncomingEvent<PrismaClient>[] {
  const ordered = inputs
    .filter(({ event: { type } }) => type === stockDocumentPosted.type || type === stockProductChanged.type)
    .toSorted((a, b) => inTime(a) - inTime(b) || Number((a.stream?.sequence ?? 0n) - (b.stream?.sequence ?? 0n)))
  return ordered.slice(0, ordered.indexOf(last) + 1)
}

function inTime({ event }: IncomingEvent<PrismaClient>): number {
  return Date.parse(event.time ?? '')
}

function dataOf(text: string): Caused['data'] {
  return (JSON.parse(text) as { data: Caused['data'] }).data
}
