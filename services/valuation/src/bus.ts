/** What valuation publishes and what it reacts to. */
import {
  identitySessionRevoked,
  stockDocumentPosted,
  stockProductChanged,
  topics,
  valuationEntryPosted,
} from '@stockline/contracts'
import { sessionRevocations, type Reaction } from '@stockline/service-kit'
import type { PrismaClient } from './database.ts'
import { inputReactions } from './inputs/input.reactions.ts'
import type { Company } from './journal/entry.ts'

/** Events that valuation publishes. */
export const publishes = [valuationEntryPosted]

/** Events of other services that valuation reacts to. */
export const listensTo = [stockDocumentPosted, stockProductChanged, identitySessionRevoked]

/** Topics that valuation needs. */
export const busTopics = topics.filter(({ name }) =>
  [...publishes, ...listensTo].some((contract) => contract.topics.includes(name)),
)

/** How valuation reacts. */
export function reactions(company: Company): readonly Reaction<PrismaClient>[] {
  return [...inputReactions(company), sessionRevocations(identitySessionRevoked)]
}
