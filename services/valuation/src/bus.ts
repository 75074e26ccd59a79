/** What valuation says on the bus, and what it listens to. */
import {
  identitySessionRevoked,
  stockDocumentPosted,
  stockProductChanged,
  topics,
  valuationEntryPosted,
} from '@stockline/contracts'
import { sessionRevocations, type Reaction } from '@stockline/service-kit'
import type { Client } from './database.ts'
import { inputReactions } from './inputs/input.reactions.ts'
import type { Company } from './journal/entry.ts'

/** Events of ours. */
export const publishes = [valuationEntryPosted]

/** Events of others that change something here. */
export const listensTo = [stockDocumentPosted, stockProductChanged, identitySessionRevoked]

/** Topics that valuation needs. */
export const busTopics = topics.filter(({ name }) =>
  [...publishes, ...listensTo].some((contract) => contract.topics.includes(name)),
)

/** How valuation reacts. */
export function reactions(company: Company): readonly Reaction<Client>[] {
  return [...inputReactions(company), sessionRevocations(identitySessionRevoked)]
}
