/** Confirming and cancelling a transfer: the ledger is asked to ship it, to forget it, or to take back what is in transit. Pure. */
import { isRefusal, refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import {
  effectiveAtRefusal,
  inAnyVersion,
  nothingLeft,
  type Decided,
  type Facts,
} from '../documents/document.decide.ts'
import { transferCancelled, transferConfirmed, transferValidated, type TransferEvent } from './transfer.events.ts'
import { faultsOfPlace } from './transfer.hand.ts'
import type { transferCancelBody, transferConfirmBody } from './transfer.shapes.api.ts'
import { inTransitOf, type Transfer } from './transfer.ts'

/** Both ends must still be there. */
export const placesConfirmed = ({ source, destination }: Transfer): readonly string[] => [source, destination]

/** The ledger ships it, or lets it wait until all of it is there. */
export function confirmTransfer(
  transfer: Transfer,
  { effectiveAt, ...rest }: z.output<typeof transferConfirmBody>,
  known: Facts,
): Decided<Transfer, TransferEvent> {
  nothingLeft(rest)
  const { number, status } = transfer
  if (status === 'cancelled') return inAnyVersion(refuse('transfer-cancelled', 'state', `${number} is cancelled.`))
  if (status !== 'draft') return 'already'
  const refusal = effectiveAtRefusal(effectiveAt, known) ?? endsRefusal(transfer, known)
  if (refusal !== undefined) return refusal
  const document = asking(transfer, 'ship', { effectiveAt, confirmedAt: transfer.confirmedAt ?? known.now })
  const event = transferConfirmed(document, known.referenceData)
  return isRefusal(event) ? event : { document, notes: [{ what: 'confirmed', why: null }], events: [event] }
}

/** Who confirms need not be assigned to the destination. */
function endsRefusal({ number, ...transfer }: Transfer, { locations }: Facts): Refusal | undefined {
  const faults = placesConfirmed({ number, ...transfer }).flatMap((code) =>
    faultsOfPlace('', code, undefined, { locations, scope: null }),
  )
  if (faults.length === 0) return undefined
  const said = faults.map(({ message }) => message).join('; ')
  return refuse(
    'place-wrong',
    'state',
    `${number} cannot be confirmed: ${said}. Cancel it, or open the location again.`,
  )
}

/** Where goods are put that were in transit. */
export const placesCancelled = (_transfer: Transfer, { returnTo }: z.output<typeof transferCancelBody>) =>
  returnTo === undefined ? [] : [returnTo]

/** Nothing more comes of it. Goods in transit are posted where they are. */
export function cancelTransfer(
  transfer: Transfer,
  { reason, returnTo, effectiveAt, ...rest }: z.output<typeof transferCancelBody>,
  known: Facts,
): Decided<Transfer, TransferEvent> {
  nothingLeft(rest)
  const { number, status, asked } = transfer
  if (status === 'cancelled' || asked === 'return') return 'already'
  if (status === 'done' || status === 'posting')
    return inAnyVersion(
      refuse(
        'transfer-posted',
        'state',
        status === 'done'
          ? `${number} is done and cannot be cancelled any more: relocate the goods, or transfer them back.`
          : `${number} is posting: wait for the ledger's answer.`,
      ),
    )
  const notes = [{ what: 'cancelled', why: reason }]
  if (status !== 'in_transit') {
    const events = status === 'waiting' ? [transferCancelled(transfer, reason)] : []
    return { document: { ...transfer, status: 'cancelled', asked: null, problem: null }, notes, events }
  }
  const refusal = effectiveAtRefusal(effectiveAt, known) ?? returnRefusal(transfer, returnTo, known)
  if (refusal !== undefined) return refusal
  const document = asking(transfer, 'return', { effectiveAt })
  const way = { to: returnTo ?? '' }
  const event = transferValidated(
    document,
    inTransitOf(transfer).map((goods) => ({ ...goods, way })),
    known.referenceData,
  )
  return isRefusal(event) ? event : { document, notes, events: [event] }
}

function returnRefusal(
  { number, destination }: Transfer,
  returnTo: string | undefined,
  known: Facts,
): Refusal | undefined {
  const pointer = '/returnTo'
  const faults: readonly FieldError[] =
    returnTo === undefined
      ? [{ pointer, message: 'must say where the goods are: they are posted there' }]
      : returnTo === destination
        ? [{ pointer, message: 'is the destination: validate the transfer, and it receives' }]
        : faultsOfPlace(pointer, returnTo, undefined, known)
  if (faults.length === 0) return undefined
  return refuse('return-wrong', 'content', `Goods of ${number} are in transit: say where they are.`, faults)
}

/** The transfer as it waits for the ledger's answer to its next attempt. */
export function asking(
  transfer: Transfer,
  asked: NonNullable<Transfer['asked']>,
  { effectiveAt, ...more }: { readonly effectiveAt: Date | undefined; readonly confirmedAt?: Date },
): Transfer {
  const attempt = transfer.attempt + 1
  return { ...transfer, ...more, status: 'posting', asked, attempt, effectiveAt: effectiveAt ?? null, problem: null }
}
