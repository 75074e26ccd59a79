/** What this service publishes and what it reacts to. */
import {
  catalogProductUpserted,
  identitySessionRevoked,
  identityUserChanged,
  pickingDeliveryAmended,
  pickingDeliveryCancelled,
  pickingDeliveryConfirmed,
  pickingDeliveryValidated,
  pickingFloorChanged,
  pickingPackageChanged,
  pickingReceiptExpected,
  pickingReceiptValidated,
  pickingTransferCancelled,
  pickingTransferConfirmed,
  pickingTransferValidated,
  stockAssignmentChanged,
  stockCountSheetChanged,
  stockDocumentPosted,
  stockDocumentRefused,
  stockLocationChanged,
  stockLotChanged,
  stockProductChanged,
  stockReservationReleased,
  stockStockReserved,
  stockUnitChanged,
  topics,
  valuationEntryPosted,
} from '@stockline/contracts'
import { sessionRevocations, type Reaction } from '@stockline/service-kit'
import { costReactions } from './adjustments/cost.reactions.ts'
import { assignmentReactions } from './assignments/assignment.reactions.ts'
import type { PrismaClient } from './database.ts'
import { floorReaction } from './floor/floor.reactions.ts'
import { expectedReaction } from './incoming/expected.reactions.ts'
import type { LedgerCompany } from './ledger/ledger.actions.ts'
import { ledgerReactions } from './ledger/ledger.reactions.ts'
import { packageReaction } from './packages/package.reactions.ts'
import { catalogReactions } from './products/product.reactions.ts'

/** Events that stock publishes. */
export const publishes = [
  stockProductChanged,
  stockUnitChanged,
  stockLocationChanged,
  stockAssignmentChanged,
  stockLotChanged,
  stockDocumentPosted,
  stockDocumentRefused,
  stockStockReserved,
  stockReservationReleased,
  stockCountSheetChanged,
]

/** Events that outside systems may also send by HTTP. */
export const takenByHttp = [catalogProductUpserted]

/** Events of other services and systems that stock reacts to. */
export const listensTo = [
  ...takenByHttp,
  identityUserChanged,
  identitySessionRevoked,
  pickingReceiptValidated,
  pickingDeliveryConfirmed,
  pickingDeliveryAmended,
  pickingDeliveryValidated,
  pickingDeliveryCancelled,
  pickingFloorChanged,
  pickingReceiptExpected,
  pickingPackageChanged,
  pickingTransferConfirmed,
  pickingTransferValidated,
  pickingTransferCancelled,
  valuationEntryPosted,
]

/** Topics that this service needs. */
export const busTopics = topics.filter(({ name }) =>
  [...publishes, ...listensTo].some((contract) => contract.topics.includes(name)),
)

export function reactions(company: LedgerCompany): readonly Reaction<PrismaClient>[] {
  return [
    ...catalogReactions,
    ...assignmentReactions,
    sessionRevocations(identitySessionRevoked),
    ...ledgerReactions<PrismaClient>(company),
    floorReaction<PrismaClient>(),
    expectedReaction<PrismaClient>(),
    packageReaction<PrismaClient>(),
    ...costReactions,
  ]
}
