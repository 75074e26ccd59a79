import { describe, expect, test } from '@jest/globals'
import { formatQuantity } from '@stockline/amounts'
import type { PostedDocument, StockReserved } from '@stockline/contracts'
import { taken } from '../../test/builders.ts'
import { asked, inTransit, line, moved, transfer } from '../../test/transfers-builders.ts'
import { postedTransfer, refusedTransfer, waitingTransfer } from './transfer.answers.ts'
import type { Transfer } from './transfer.ts'

type PostedLine = PostedDocument['lines'][number]
type Place = PostedLine['from']

const shelf: Place = { location: 'WH/Stock/A1-03', type: 'internal', warehouse: 'WH' }
const bin: Place = { location: 'WH/Stock/B2-01', type: 'internal', warehouse: 'WH' }
const there: Place = { location: 'W2/Stock', type: 'internal', warehouse: 'W2' }
const transit: Place = { location: 'Transit', type: 'transit', warehouse: null }
const loss: Place = { location: 'Loss', type: 'adjustment', warehouse: null } as never

/** A posted line for the transfer's line of that number. */
function goods(documentLine: number, quantity: string, from: Place, to: Place, lot: string | null = null): PostedLine {
  return { line: 9, documentLine, quantity, from, to, lot } as PostedLine
}

const posted = (attempt: number, position: string, ...lines: readonly PostedLine[]) =>
  ({ attempt, position, lines }) as unknown as PostedDocument

/** `shipped 10 from or to a place, of a lot, attempt and position` for each move of each line. */
const shown = ({ lines }: Transfer) =>
  lines.map(({ moves }) =>
    moves.map(({ what, quantity, location, lot, attempt, position }) =>
      [what, formatQuantity(quantity), location ?? '-', lot ?? '-', `${String(attempt)}@${position}`].join(' '),
    ),
  )

const after = (of: Transfer, answer: PostedDocument) => taken(postedTransfer(of, answer)).document

describe('T1 What the ledger posted of a transfer', () => {
  const one = (of: Transfer) => ({ ...of, lines: [line(1, 'LOT', '5', ...(of.lines[0]?.moves ?? []))] })
  const shipped = (status: Transfer['status'], attempt = 1, over: Partial<Transfer> = {}) => one(transfer({ status, attempt, lines: [line(1, 'LOT', '5', moved('shipped', '5'))], ...over })) // prettier-ignore
  const receiving = shipped('posting', 2, { asked: 'receive' })
  const returning = shipped('posting', 2, { asked: 'return' })
  const came = moved('received', '2', { attempt: 2, position: '8' })

  test.each([
    ['into transit: shipped', one(asked('ship')), [goods(1, '5', shelf, transit)], 'in_transit', ['shipped 5 WH/Stock/A1-03 - 1@9']], // prettier-ignore
    ['of two lots', one(asked('ship')), [goods(1, '3', shelf, transit, 'L1'), goods(1, '2', bin, transit, 'L2')], 'in_transit', ['shipped 3 WH/Stock/A1-03 L1 1@9', 'shipped 2 WH/Stock/B2-01 L2 1@9']], // prettier-ignore
    ['all of it out of transit to the destination: received', receiving, [goods(1, '5', transit, there)], 'done', ['received 5 W2/Stock - 2@9']], // prettier-ignore
    ['a part of it', receiving, [goods(1, '2', transit, there)], 'in_transit', ['received 2 W2/Stock - 2@9']],
    ['out of transit to another place of ours: returned', returning, [goods(1, '5', transit, shelf)], 'cancelled', ['returned 5 WH/Stock/A1-03 - 2@9']], // prettier-ignore
    ['out of transit to anything else: lost', receiving, [goods(1, '5', transit, loss)], 'done', ['lost 5 - - 2@9']],
    ['a part came, the rest is lost', receiving, [goods(1, '4', transit, there), goods(1, '1', transit, loss)], 'done', ['received 4 W2/Stock - 2@9', 'lost 1 - - 2@9']], // prettier-ignore
    ['the rest came back, after a part had come', { ...returning, attempt: 3, lines: [line(1, 'LOT', '5', moved('shipped', '5'), came)] }, [goods(1, '3', transit, shelf)], 'cancelled', ['received 2 W2/Stock - 2@8', 'returned 3 WH/Stock/A1-03 - 3@9']], // prettier-ignore
    ['from bin to bin: shipped and received at once', one(asked('relocate')), [goods(1, '5', shelf, bin, 'L1')], 'done', ['shipped 5 WH/Stock/A1-03 L1 1@9', 'received 5 WH/Stock/B2-01 L1 1@9']], // prettier-ignore
  ] as const)('%s', (_title, before, lines, status, moves) => {
    const answered = postedTransfer({ ...before, problem: 'x' }, posted(before.attempt, '9', ...lines))
    const { document, notes } = taken(answered)
    expect(notes).toEqual([{ what: 'posted', why: 'Ledger position 9' }])
    expect(document).toMatchObject({ status, asked: null, problem: null, position: status === 'done' ? 9n : null })
    expect(shown(document)).toEqual([[...shown(before).flat().slice(0, 1), ...moves]])
  })

  test('goes to the lines that it was posted for; a line without one is the posted line itself', () => {
    const document = after(asked('ship'), posted(1, '9', goods(2, '5', shelf, transit), { ...goods(1, '10', bin, transit), line: 1, documentLine: undefined })) // prettier-ignore
    expect(shown(document)).toEqual([['shipped 10 WH/Stock/B2-01 - 1@9'], ['shipped 5 WH/Stock/A1-03 - 1@9']])
  })

  test('of one line leaves the others as they are', () => {
    const of = inTransit({ status: 'posting', asked: 'receive', attempt: 2 })
    expect(after(of, posted(2, '9', goods(1, '10', transit, there))).lines[1]).toBe(of.lines[1])
  })

  test('an attempt before the last counts, and the last one is still asked for', () => {
    const of = shipped('posting', 3, { asked: 'return', problem: 'x' })
    const document = after(of, posted(2, '9', goods(1, '2', transit, there)))
    expect(document).toMatchObject({ status: 'posting', asked: 'return', problem: 'x', position: null })
    expect(shown(document)).toEqual([['shipped 5 WH/Stock/A1-03 - 1@7', 'received 2 W2/Stock - 2@9']])
  })

  test.each([
    ['one that was cancelled while it waited', 'cancelled', null, /^It was shipped before it could be cancelled/],
    ['one that waited', 'waiting', 'ship', undefined],
    ['one that was made again as cancelled, and asks for more', 'cancelled', 'ship', undefined],
  ] as const)('%s is in transit, once it was shipped', (_title, status, what, problem) => {
    const document = after(one(transfer({ status, asked: what, attempt: 1 })), posted(1, '9', goods(1, '5', shelf, transit))) // prettier-ignore
    expect(document).toMatchObject({ status: 'in_transit', asked: null })
    if (problem === undefined) expect(document.problem).toBeNull()
    else expect(document.problem).toMatch(problem)
  })

  test.each([
    ['the same once more', inTransit(), posted(1, '7', goods(1, '10', shelf, transit))],
    ['an attempt that was never asked for', inTransit(), posted(2, '9', goods(1, '10', transit, there))],
    ['the same, while another is asked for', inTransit({ status: 'posting', asked: 'receive', attempt: 2 }), posted(1, '7')], // prettier-ignore
  ])('%s: nothing', (_title, of, answer) => expect(postedTransfer(of, answer)).toBe('already'))

  test.each([
    ['what was done', 8n, 8n],
    ['its last', 7n, 12n],
    ['without one', null, null],
  ])('at another position, since the ledger fell back: %s', (_title, position, expected) => {
    const of = shipped('done', 2, { position })
    const answered = postedTransfer({ ...of, lines: [line(1, 'LOT', '5', moved('shipped', '5'), came)] }, posted(1, '12', goods(1, '5', shelf, transit))) // prettier-ignore
    const { document, notes } = taken(answered)
    expect(notes).toEqual([{ what: 'posted', why: 'Ledger position 12 in place of 7' }])
    expect(document).toMatchObject({ status: 'done', position: expected })
    expect(shown(document)).toEqual([['shipped 5 WH/Stock/A1-03 - 1@12', 'received 2 W2/Stock - 2@8']])
  })
})

describe('T1 The ledger refused a transfer', () => {
  const refusal = { attempt: 2, detail: 'Too little is there.', errors: [] } as never
  const problem = 'The ledger refused: Too little is there.'

  test.each([
    ['that was to be shipped: a draft again', asked('ship', 2), 'draft'],
    ['that waited: a draft again', asked('ship', 2, { status: 'waiting' }), 'draft'],
    ['that was being received: in transit again', asked('receive', 2), 'in_transit'],
    ['that was being returned: in transit again', asked('return', 2), 'in_transit'],
    ['that was a relocation: nothing comes of it', asked('relocate', 2), 'cancelled'],
  ])('%s', (_title, of, status) =>
    expect(refusedTransfer(of, refusal)).toEqual({
      document: { ...of, status, asked: null, problem },
      notes: [{ what: 'refused', why: problem }],
    }),
  )

  test.each([
    ['an attempt before', asked('ship', 3)],
    ['one that is not asked for', asked('ship', 1)],
    ['one that was answered', transfer({ status: 'posting', attempt: 2 })],
    ['one that was cancelled meanwhile', asked('ship', 2, { status: 'cancelled' })],
  ])('%s: nothing', (_title, of) => expect(refusedTransfer(of, refusal)).toBe('already'))
})

describe('T1 A transfer waits for stock', () => {
  const answer = (over: Partial<StockReserved> = {}) => ({ revision: 2, complete: false, ...over }) as StockReserved
  const short = { sku: 'PX', missing: '4', available: '6', outOfReach: [], more: 0 }
  const told = 'Waits for stock: PX 4. PX: 6 available.'

  test.each([
    ['and says what is missing', [short], told],
    ['and a ledger that does not say it leaves it unsaid', undefined, 'Waits for stock.'],
  ])('%s', (_title, shortages, problem) => {
    const of = asked('ship', 2)
    expect(waitingTransfer(of, answer(shortages && { shortages }))).toEqual({
      document: { ...of, status: 'waiting', problem },
      notes: [{ what: 'waiting', why: problem }],
    })
  })

  test('what is missing by now is said, and stands in the history once', () => {
    const of = asked('ship', 2, { status: 'waiting', problem: 'Waits for stock.' })
    expect(waitingTransfer(of, answer({ shortages: [short] }))).toEqual({ document: { ...of, problem: told }, notes: [] }) // prettier-ignore
  })

  test.each([
    ['the same once more', asked('ship', 2, { status: 'waiting', problem: told }), answer({ shortages: [short] })],
    ['all is there', asked('ship', 2), answer({ complete: true })],
    ['of a confirmation before', asked('ship', 3), answer()],
    ['it was cancelled meanwhile', transfer({ status: 'cancelled', attempt: 2 }), answer()],
    ['it is being received', asked('receive', 2), answer()],
  ])('%s: nothing', (_title, of, given) => expect(waitingTransfer(of, given)).toBe('already'))
})
