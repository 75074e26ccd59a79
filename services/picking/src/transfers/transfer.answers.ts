/** What the ledger's answers do to a transfer: posted, refused, or without the stock to post it. Pure. */
import { parseQuantity } from '@stockline/amounts'
import type { PostedDocument, StockReserved } from '@stockline/contracts'
import { shortText } from '../deliveries/delivery.shortage.ts'
import type { DocumentDecision } from '../documents/document.decide.ts'
import { ledgerRefusalText, type RefusedEvent } from '../postings/posting.ts'
import { inTransitOf, type Transfer, type TransferMove } from './transfer.ts'

type Answered = DocumentDecision<Transfer> | 'already'

/**
 * The ledger posted an attempt. That is a fact whatever the transfer was meanwhile: one that was cancelled while it waited may have been
 * shipped before the ledger heard of it, and one that was restored may have asked for more before it learns of this.
 */
export function postedTransfer(transfer: Transfer, { attempt, position, lines: posted }: PostedDocument): Answered {
  const known = transfer.lines.flatMap(({ moves }) => moves).find((move) => move.attempt === attempt)
  if (attempt > transfer.attempt || known?.position === position) return 'already'
  const why = `Ledger position ${position}`
  if (known !== undefined) return renumbered(transfer, known, position)
  const lines = transfer.lines.map((line) => {
    const own = posted.filter((one) => (one.documentLine ?? one.line) === line.line)
    const moves = own.flatMap((one) =>
      movesOf(one, transfer.destination).map((move) => ({ ...move, attempt, position })),
    )
    return moves.length === 0 ? line : { ...line, moves: [...line.moves, ...moves] }
  })
  const notes = [{ what: 'posted', why }]
  if (attempt < transfer.attempt) return { document: { ...transfer, lines }, notes }
  const tooLate = transfer.status === 'cancelled' && transfer.asked === null
  const problem = tooLate
    ? 'It was shipped before it could be cancelled: receive it, or cancel it once more and say where the goods are.'
    : null
  const status = statusAfter({ lines })
  const done = status === 'done' ? BigInt(position) : null
  return { document: { ...transfer, lines, status, asked: null, problem, position: done }, notes }
}

function statusAfter(transfer: Pick<Transfer, 'lines'>): Transfer['status'] {
  if (inTransitOf(transfer).length > 0) return 'in_transit'
  const isBack = transfer.lines.some(({ moves }) => moves.some(({ what }) => what === 'returned'))
  return isBack ? 'cancelled' : 'done'
}

/** Posted anew at another position, since the ledger's database had fallen back. */
function renumbered(transfer: Transfer, { attempt, position: before }: TransferMove, position: string): Answered {
  const lines = transfer.lines.map((line) => ({
    ...line,
    moves: line.moves.map((move) => (move.attempt === attempt ? { ...move, position } : move)),
  }))
  const isLast = transfer.position === BigInt(before)
  const document = { ...transfer, lines, position: isLast ? BigInt(position) : transfer.position }
  return { document, notes: [{ what: 'posted', why: `Ledger position ${position} in place of ${before}` }] }
}

/** What a posted line says of the transfer's: a relocation is shipped and received at once. */
function movesOf(
  { from, to, lot, quantity: text }: PostedDocument['lines'][number],
  destination: string,
): readonly Omit<TransferMove, 'attempt' | 'position'>[] {
  const goods = { lot, quantity: parseQuantity(text) }
  const shipped = { ...goods, what: 'shipped', location: from.location } as const
  if (to.type === 'transit') return [shipped]
  if (from.type !== 'transit') return [shipped, { ...goods, what: 'received', location: to.location }]
  if (to.type !== 'internal') return [{ ...goods, what: 'lost', location: null }]
  return [{ ...goods, what: to.location === destination ? 'received' : 'returned', location: to.location }]
}

/** The ledger refused an attempt: the transfer is as it was before, with the reason. Nothing came of a relocation. */
export function refusedTransfer(transfer: Transfer, refusal: RefusedEvent['data']): Answered {
  const { asked, attempt, status } = transfer
  if (asked === null || attempt !== refusal.attempt) return 'already'
  if (status !== 'posting' && status !== 'waiting') return 'already'
  const problem = `The ledger refused: ${ledgerRefusalText(refusal)}`
  const after = asked === 'ship' ? 'draft' : asked === 'relocate' ? 'cancelled' : 'in_transit'
  const document: Transfer = { ...transfer, status: after, asked: null, problem }
  return { document, notes: [{ what: 'refused', why: problem }] }
}

/** There is too little to ship it: it waits, holding nothing, until the ledger posts it. */
export function waitingTransfer(transfer: Transfer, { revision, complete, shortages }: StockReserved): Answered {
  if (complete || transfer.asked !== 'ship' || transfer.attempt !== revision) return 'already'
  const problem = shortText([], 'nothing', shortages ?? []) ?? 'Waits for stock.'
  if (transfer.status === 'waiting' && transfer.problem === problem) return 'already'
  const notes = transfer.status === 'waiting' ? [] : [{ what: 'waiting', why: problem }]
  return { document: { ...transfer, status: 'waiting', problem }, notes }
}
