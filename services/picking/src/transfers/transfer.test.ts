import { describe, expect, test } from '@jest/globals'
import { formatQuantity } from '@stockline/amounts'
import { inTransit, line, moved, transfer } from '../../test/transfers-builders.ts'
import { inTransitOf, locationsOfTransfer, sumMoved, type Transfer } from './transfer.ts'
import { transferView } from './transfer.view.ts'

const shown = (of: Pick<Transfer, 'lines'>) =>
  inTransitOf(of).map(({ line: { line: number }, lot, quantity }) => [number, lot, formatQuantity(quantity)])

describe('T1 What is in transit', () => {
  test.each([
    ['nothing was shipped', [line(1, 'PX', '10')], []],
    ['all was shipped, each lot by itself', inTransit().lines, [[1, null, '10'], [2, 'L1', '3'], [2, 'L2', '2']]], // prettier-ignore
    ['a part came', [line(1, 'PX', '10', moved('shipped', '10'), moved('received', '4'))], [[1, null, '6']]],
    ['a part is lost', [line(1, 'PX', '10', moved('shipped', '10'), moved('lost', '9'))], [[1, null, '1']]],
    ['a part is back', [line(1, 'PX', '10', moved('shipped', '10'), moved('returned', '3'))], [[1, null, '7']]],
    [
      'a millionth is left',
      [line(1, 'RM-A', '1', moved('shipped', '1'), moved('received', '0.999999'))],
      [[1, null, '0.000001']],
    ],
    [
      'one lot came, another did not',
      [line(1, 'LOT', '2', ...['L1', 'L2'].map((lot) => moved('shipped', '1', { lot })), moved('received', '1', { lot: 'L1' }))], // prettier-ignore
      [[1, 'L2', '1']],
    ],
    [
      'all came, is lost and is back',
      [line(1, 'PX', '6', moved('shipped', '6'), moved('received', '1'), moved('lost', '2'), moved('returned', '3'))],
      [],
    ],
  ])('%s', (_title, lines, left) => expect(shown({ lines })).toEqual(left))
})

test('T1 What was shipped, received, lost and returned is told in sums of each', () => {
  const moves = [moved('shipped', '7'), moved('shipped', '3'), moved('received', '4'), moved('lost', '2'), moved('returned', '1')] // prettier-ignore
  expect(formatQuantity(sumMoved({ moves }, 'shipped'))).toBe('10')
  const history = [{ what: 'posted', why: null, who: null, at: '2026-04-20T08:00:00.000Z' }]
  const answer = transferView.answer(inTransit({ lines: [line(3, 'PX', '10', ...moves)] }), history as never)
  expect(answer).toMatchObject({ number: 'WH/INT/00042', status: 'in_transit', history })
  expect(answer.lines).toMatchObject([
    { line: 3, sku: 'PX', quantity: '10', shipped: '10', received: '4', lost: '2', returned: '1', inTransit: '3' },
  ])
})

describe('T1 Where a transfer acts', () => {
  const bins = (fromLocation: string, toLocation: string) => ({ ...line(1, 'PX', '1'), fromLocation, toLocation })

  test.each([
    ['at both ends, the source first', transfer(), ['WH/Stock', 'W2/Stock']],
    [
      'a relocation at all its bins, each once',
      transfer({ source: 'WH', destination: 'WH', lines: [bins('WH/A', 'WH/B'), bins('WH/B', 'WH/C')] }),
      ['WH/A', 'WH/B', 'WH/C'],
    ],
  ])('%s', (_title, of, locations) => expect(locationsOfTransfer(of)).toEqual(locations))
})
