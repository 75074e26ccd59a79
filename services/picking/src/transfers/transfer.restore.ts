/** How transfers that the database lost are made again from what was published of them. Pure. */
import { parseQuantity } from '@stockline/amounts'
import type { TransferConfirmed, TransferValidated } from '@stockline/contracts'
import type { KnownOfEvent, RestorableKind } from '../restoring/restore.ts'
import type { TransferEvent } from './transfer.events.ts'
import { blankTransfer } from './transfer.hand.ts'
import type { Transfer, TransferLine } from './transfer.ts'

/** How transfers are made again: as they wait for the ledger's answer, which is taken again by itself. */
export const restorableTransfers: RestorableKind<Transfer, TransferEvent> = {
  names: ({ data }) => ('lines' in data ? data.lines.map(({ sku, unit }) => ({ sku, unit })) : []),
  steps: { confirmed: 'confirmed', validated: 'validated', cancelled: 'cancelled' },
  apply: ({ type, data }, known) => {
    const { before } = known
    if (type === 'confirmed') return confirmedAgain(data, known)
    if (type === 'validated') return validatedAgain(data, known)
    const waited = before?.asked === 'ship' && before.attempt === data.revision
    return waited ? { ...before, status: 'cancelled', asked: null, problem: null } : undefined
  },
  placeholder: ({ warehouse, ...given }) => ({
    ...{ ...blankTransfer, ...given, warehouse, source: warehouse, destination: warehouse },
    ...{ status: 'cancelled', lines: [] },
  }),
  says: {
    made: 'Transfers made again as they were told',
    changed: 'Transfers brought to what was told of them',
    untold: 'Numbers of transfers that were never confirmed, kept as cancelled ones',
    besides: () => [],
  },
}

/** The transfer as it was confirmed; undefined where the database knows of this attempt already. */
function confirmedAgain(data: TransferConfirmed, { before, createdAt }: KnownOfEvent<Transfer>): Transfer | undefined {
  if (before !== undefined && before.attempt >= data.attempt) return undefined
  const { source, destination, scheduledDate = null, orderedAt } = data
  const made = before ?? { ...blankTransfer, ...madeOf(data, createdAt), source, destination, scheduledDate }
  const lines = data.lines.map((line) => lineOf(line))
  return { ...made, ...posting(data, 'ship'), confirmedAt: new Date(orderedAt), lines }
}

/** A relocation, or a transfer of which the ledger was asked for more; undefined where the database knows of it, or of no transfer. */
function validatedAgain(data: TransferValidated, { before, createdAt }: KnownOfEvent<Transfer>): Transfer | undefined {
  if (before !== undefined) {
    if (before.attempt >= data.attempt) return undefined
    const isBack = data.lines.some(({ to }) => to !== undefined && to !== before.destination)
    return { ...before, ...posting(data, isBack ? 'return' : 'receive') }
  }
  const lines = data.lines.flatMap((line) => {
    const { from: fromLocation, to: toLocation, documentLine } = line
    if (fromLocation === undefined || toLocation === undefined) return []
    return [{ ...lineOf({ ...line, line: documentLine }), fromLocation, toLocation }]
  })
  if (lines.length === 0) return undefined
  const [source, destination] = [
    onlyOf(lines.map(({ fromLocation }) => fromLocation)),
    onlyOf(lines.map(({ toLocation }) => toLocation)),
  ].map((only) => only ?? data.warehouse)
  return {
    ...{ ...blankTransfer, ...madeOf(data, createdAt), ...posting(data, 'relocate'), confirmedAt: createdAt, lines },
    ...{ source: source ?? data.warehouse, destination: destination ?? data.warehouse },
  }
}

function madeOf(
  { documentId: id, number, warehouse }: TransferConfirmed | TransferValidated,
  createdAt: Date,
): Pick<Transfer, 'id' | 'number' | 'warehouse' | 'createdAt'> {
  return { id, number, warehouse, createdAt }
}

function posting(
  { attempt, effectiveAt }: Pick<TransferConfirmed, 'attempt' | 'effectiveAt'>,
  asked: NonNullable<Transfer['asked']>,
) {
  const at = effectiveAt === undefined ? null : new Date(effectiveAt)
  return { status: 'posting', asked, attempt, effectiveAt: at, problem: null } as const
}

function lineOf({
  line,
  sku,
  quantity,
  unit = '',
  lot = null,
}: Pick<TransferConfirmed['lines'][number], 'line' | 'sku' | 'quantity' | 'unit'> & {
  readonly lot?: string | null | undefined
}): TransferLine {
  const none = { fromLocation: null, toLocation: null, moves: [] }
  return { line, sku, quantity: parseQuantity(quantity), unit, lot, baseUnit: unit, ...none }
}

/** The one value of them all; undefined where there are several. */
function onlyOf(all: readonly string[]): string | undefined {
  return new Set(all).size === 1 ? all[0] : undefined
}
