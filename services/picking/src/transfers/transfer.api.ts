/** Transfers and relocations over HTTP. */
import type { Route } from '../database.ts'
import { documentEndpoints } from '../documents/document.endpoints.actions.ts'
import { placesKnown, placesRelocated, transfers } from './transfer.actions.ts'
import { cancelTransfer, confirmTransfer, placesCancelled, placesConfirmed } from './transfer.confirm.ts'
import { amendTransferLines, relocationByHand, transferByHand } from './transfer.hand.ts'
import {
  newTransferBody,
  relocationBody,
  transferCancelBody,
  transferConfirmBody,
  transferLinesBody,
  transferReceiveBody,
  transferShapes,
} from './transfer.shapes.api.ts'
import { validateTransfer } from './transfer.validate.ts'
import { transferView } from './transfer.view.ts'

const { list, show, make, step, posting } = documentEndpoints(transfers, { shapes: transferShapes, view: transferView })

/** The source ships, the destination receives: who acts must be assigned there. */
const [atSource, atDestination] = [
  transfers.store.actableAt((locations) => locations.slice(0, 1)),
  transfers.store.actableAt((locations) => locations.slice(1, 2)),
]

export const transferRoutes: readonly Route[] = [
  list,
  show,
  make({
    right: 'transfer.create',
    summary: 'Makes a transfer, a draft, from a location to another one, in this warehouse or another',
    body: newTransferBody,
    placeFor: (tx, { source, destination }, actor) => placesKnown(tx, [source, destination], actor),
    draft: transferByHand,
  }),
  step({
    method: 'patch',
    path: '/v1/transfers/:id/lines',
    right: 'transfer.create',
    summary: 'Changes lines of a draft: one that is named is replaced, or taken off by zero; others are added',
    within: atSource,
    body: transferLinesBody,
    names: ({ lines }) => lines,
    decide: amendTransferLines,
  }),
  step({
    path: '/v1/transfers/:id/confirm',
    right: 'transfer.confirm',
    summary:
      'Ships all of it: stock leaves the source for the transit place, or the transfer waits until all of it is there',
    description: 'Who confirms must be assigned to the source. What waits holds nothing, and is posted by itself.',
    within: atSource,
    body: transferConfirmBody,
    ...posting,
    places: placesConfirmed,
    decide: confirmTransfer,
  }),
  step({
    path: '/v1/transfers/:id/validate',
    right: 'transfer.validate',
    summary:
      'The destination receives what is in transit, all of it or what is named; the rest stays in transit, or is lost',
    description: 'Who validates must be assigned to the destination. A loss takes a supervisor, and a reason.',
    within: atDestination,
    body: transferReceiveBody,
    ...posting,
    decide: validateTransfer,
  }),
  step({
    path: '/v1/transfers/:id/cancel',
    right: 'transfer.cancel',
    summary: 'Cancels a transfer; what is in transit is posted where it is said to be',
    within: atSource,
    body: transferCancelBody,
    ...posting,
    places: placesCancelled,
    decide: cancelTransfer,
  }),
  make({
    path: '/v1/relocations',
    right: 'relocation.post',
    summary: 'Moves goods from one location to another in one step. It is a transfer that begins as `posting`',
    description: 'All locations must be among yours, in one warehouse. Where the ledger refuses it, it is `cancelled`.',
    body: relocationBody,
    settled: posting.settled,
    placeFor: placesRelocated,
    draft: relocationByHand,
  }),
]
