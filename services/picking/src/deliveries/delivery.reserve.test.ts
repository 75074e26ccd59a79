import { describe, expect, test } from '@jest/globals'
import { formatQuantity } from '@stockline/amounts'
import { begun, delivery, line, pick, waiting } from '../../test/deliveries-builders.ts'
import {
  afterAnswers,
  isNeedRefusal,
  needRefused,
  openOf,
  releasedDelivery,
  reservedDelivery,
  type Reserved,
  type StockAnswer,
} from './delivery.reserve.ts'
import { locationsOfDelivery, type Delivery, type Pick } from './delivery.ts'

const a = 'WH/Stock/A1-03'
const b = 'WH/Stock/B2-01'
const all = (revision = 1, ...picks: readonly Pick[]): Reserved => ({ revision, picks: new Map([[1, picks]]) })
const shown = (of: Delivery | undefined) =>
  of?.lines[0]?.picks.map(
    (one) =>
      `${one.location} ${formatQuantity(one.quantity)} ${one.picked === null ? '-' : formatQuantity(one.picked)}`,
  )
const ten = line(1, 'PX', '10')
const half = line(1, 'PX', '10', pick(a, '10', '6'))
const posting = (of: Delivery): Delivery => ({ ...of, status: 'posting', returnsTo: 'in_progress', attempt: 1 })

describe('D1 D2 D5 What stock reserved is suggested', () => {
  test.each<[string, Delivery, Reserved, Partial<Delivery> | undefined, string[] | undefined]>([
    [
      'waiting: ready, in the order of the way',
      waiting(ten),
      all(1, pick(b, '4'), pick(a, '6')),
      { status: 'ready', problem: null },
      [`${a} 6 -`, `${b} 4 -`],
    ],
    [
      'nothing is there yet: it says what it waits for',
      waiting(ten, line(2, 'RM-A', '2.5'), line(3, 'PX', '3')),
      all(),
      { status: 'waiting', problem: 'Waits for stock: PX 13, RM-A 2.5.' },
      [],
    ],
    [
      'of many products it names five',
      waiting(...['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((sku, index) => line(index + 1, sku, '1'))),
      all(),
      { problem: 'Waits for stock: A 1, B 1, C 1, D 1, E 1, and 2 more.' },
      [],
    ],
    ['it is said already: nothing changes', { ...waiting(ten), problem: 'Waits for stock: PX 10.' }, all(), undefined, undefined], // prettier-ignore
    ['another reason is shown: it stays', { ...waiting(ten), problem: 'gone' }, all(), undefined, undefined],
    [
      'what was said goes once it is reserved',
      { ...waiting(ten), problem: 'Waits for stock: PX 10.' },
      all(1, pick(a, '10')),
      { status: 'ready', problem: null },
      [`${a} 10 -`],
    ],
    [
      'nothing is there any more: it waits, and still says why',
      { ...waiting(half), problem: 'gone', lines: [half] },
      all(),
      { status: 'waiting', problem: 'gone' },
      [`${a} 0 6`],
    ],
    ['an answer to an older need', { ...waiting(ten), needRevision: 2 }, all(1, pick(a, '6')), undefined, undefined],
    ['to a newer one', waiting(ten), all(2, pick(a, '6')), undefined, undefined],
    ['ready: other places', delivery({ lines: [line(1, 'PX', '10', pick(a, '10'))] }), all(1, pick(b, '10')), { status: 'ready' }, [`${b} 10 -`]], // prettier-ignore
    ['in progress: what was picked there stays', begun(half), all(1, pick(a, '8')), { status: 'in_progress' }, [`${a} 8 6`]], // prettier-ignore
    [
      'in progress: what was picked elsewhere stays, with nothing reserved',
      begun(half),
      all(1, pick(b, '10')),
      { status: 'in_progress' },
      [`${a} 0 6`, `${b} 10 -`],
    ],
    ['waiting after it was begun: in progress again', { ...begun(half), status: 'waiting', problem: 'x' }, all(1, pick(a, '10')), { status: 'in_progress', problem: null }, [`${a} 10 6`]], // prettier-ignore
    [
      'posting: remembered for a refusal',
      posting(begun(half)),
      all(1, pick(b, '10')),
      { status: 'posting', returnsTo: 'in_progress' },
      [`${a} 0 6`, `${b} 10 -`],
    ],
    [
      'in progress, amended beyond what there is: it says what is short',
      begun(line(1, 'PX', '14', pick(a, '10', '6'))),
      { ...all(1, pick(a, '10')), shortages: [{ sku: 'PX', missing: '4', available: '0', outOfReach: [], more: 0 }] },
      { status: 'in_progress', problem: 'Short of stock: PX 4.' },
      [`${a} 10 6`],
    ],
    [
      'in progress, and the rest is picked where nothing may be reserved: nothing is short',
      begun(line(1, 'PX', '14', pick(a, '10', '6'), pick(b, '0', '4'))),
      { ...all(1, pick(a, '10')), shortages: [{ sku: 'PX', missing: '4', available: '0', outOfReach: [], more: 0 }] },
      { status: 'in_progress', problem: null },
      [`${a} 10 6`, `${b} 0 4`],
    ],
    [
      'ready in part, by a stock that does not say what is short',
      waiting(ten),
      all(1, pick(a, '6')),
      { status: 'ready', problem: 'Short of stock: PX 4.' },
      [`${a} 6 -`],
    ],
    [
      'what is short is told anew, behind the reason why it waits',
      { ...waiting(ten), problem: 'Gone. Waits for stock: PX 9.' },
      { ...all(), shortages: [{ sku: 'PX', missing: '10', available: '2', outOfReach: [], more: 0 }] },
      { status: 'waiting', problem: 'Gone. Waits for stock: PX 10. PX: 2 available.' },
      [],
    ],
    ['a millionth', waiting(line(1, 'KG', '1')), all(1, pick(a, '0.000001')), { status: 'ready' }, [`${a} 0.000001 -`]],
    ['draft', { ...waiting(ten), status: 'draft' }, all(1, pick(a, '1')), undefined, undefined],
    ['done', delivery({ status: 'done' }), all(1, pick(a, '1')), undefined, undefined],
    ['cancelled', delivery({ status: 'cancelled' }), all(1, pick(a, '1')), undefined, undefined],
  ])('%s', (_title, of, reserved, head, picks) => {
    const after = reservedDelivery(of, reserved)
    if (head === undefined) expect(after).toBeUndefined()
    else expect(after).toMatchObject(head)
    expect(shown(after)).toEqual(picks)
  })
})

describe('D5 A lost reservation', () => {
  test.each<[string, Delivery, number, Partial<Delivery> | undefined, string[] | undefined]>([
    ['ready: waits and says why', delivery(), 1, { status: 'waiting', problem: 'gone' }, []],
    ['in progress: what was picked stays', begun(half), 1, { status: 'waiting', problem: 'gone' }, [`${a} 0 6`]],
    ['posting: remembered', posting(begun(half)), 1, { status: 'posting', returnsTo: 'waiting' }, [`${a} 0 6`]],
    ['of an older need', delivery({ needRevision: 2 }), 1, undefined, undefined],
    ['cancelled', delivery({ status: 'cancelled' }), 1, undefined, undefined],
  ])('%s', (_title, of, revision, head, picks) => {
    const after = releasedDelivery(of, revision, 'gone')
    if (head === undefined) expect(after).toBeUndefined()
    else expect(after).toMatchObject(head)
    expect(shown(after)).toEqual(picks)
  })

  test.each<[string, Delivery, number, boolean]>([
    ['of the need that waits', waiting(ten), 1, true],
    ['of one that was amended meanwhile', { ...waiting(ten), needRevision: 2 }, 1, false],
    ['while the ledger is asked it is the posting’s', posting(begun(half)), 1, false],
    ['of a draft', { ...waiting(ten), status: 'draft' }, 1, false],
  ])('a refusal is the need’s: %s', (_title, of, revision, is) => expect(isNeedRefusal(of, revision)).toBe(is))

  test('a refused need waits and says why', () =>
    expect(needRefused(waiting(ten), 'too precise')).toMatchObject({
      status: 'waiting',
      problem: 'Stock refused to reserve: too precise',
    }))
})

describe('D2 Picks', () => {
  test.each([
    [null, '10'],
    ['4', '6'],
    ['10', '0'],
    ['12', '0'],
  ])('10 reserved, %s picked: %s are open', (picked, open) =>
    expect(formatQuantity(openOf(pick(a, '10', picked)))).toBe(open),
  )

  test('D2 it takes place in its warehouse until something is reserved, then where its picks are', () => {
    expect(locationsOfDelivery(waiting(ten))).toEqual(['WH'])
    expect(locationsOfDelivery(delivery())).toEqual([a, b])
  })
})

describe('D1 Several answers for one delivery', () => {
  const told = { documentId: 'delivery id', number: 'WH/OUT/00042', warehouse: 'WH' }
  const given = (quantity: string, revision = 1): StockAnswer => ({
    ...told,
    revision,
    complete: true,
    lines: [
      {
        line: 1,
        sku: 'PX',
        quantity,
        picks: [{ location: 'WH/Stock/A1-03', lot: null, expiresOn: null, pickSequence: 1, quantity }],
      },
    ],
  })
  const lost: StockAnswer = { ...told, revision: 1, code: 'stock-gone', detail: 'It was needed elsewhere.' }
  const of = waiting(line(1, 'PX', '10'))

  const unwanted: StockAnswer = { ...given('10'), lines: [], refusedPicks: [{ line: 1, location: a, quantity: '4', code: 'not-enough-stock', message: 'no.' }] } // prettier-ignore
  const problem = 'Stock refused what was picked: line 1: no.'
  const doubted = begun(line(1, 'PX', '10', pick(a, '0', '4', { before: null })))
  test.each<[string, Delivery, StockAnswer, object | string]>([
    [
      'what was picked: the history says so',
      doubted,
      unwanted,
      { document: { status: 'waiting', problem }, notes: [{ what: 'waiting', why: null }, { what: 'pick-refused', why: problem }] }, // prettier-ignore
    ],
    ['nothing that it still has', begun(line(1, 'PX', '10', pick(b, '0', '4'))), unwanted, { notes: [{ what: 'waiting', why: expect.stringMatching(/^Waits/) }] }], // prettier-ignore
    ['a demand of before', { ...doubted, needRevision: 2, problem }, unwanted, 'already'],
  ])('stock refuses %s', (_title, before, answer, led) => {
    const after = afterAnswers(before, [answer])
    expect([after]).toMatchObject([led])
    expect(after === 'already' ? 0 : after.notes.length).toBe(typeof led === 'string' ? 0 : 'document' in led ? 2 : 1)
  })

  test('an answer that refuses nothing says nothing more of what was refused before', () => {
    const after = afterAnswers({ ...waiting(line(1, 'PX', '10')), problem }, [
      { ...given('10'), lines: [], shortages: [] },
    ])
    expect(after).toBe('already')
    const shortages = [{ sku: 'PX', missing: '10', available: '0', outOfReach: [], more: 0 }]
    expect(afterAnswers({ ...waiting(line(1, 'PX', '10')), problem }, [{ ...given('10'), lines: [], shortages }])).toMatchObject({ notes: [] }) // prettier-ignore
  })

  test.each<[string, readonly StockAnswer[], object | string]>([
    ['none', [], 'already'],
    ['one to an older need', [given('10', 7)], 'already'],
    ['one', [given('10')], { document: { status: 'ready' }, notes: [{ what: 'ready', why: null }] }],
    [
      'each in its order',
      [given('10'), lost],
      {
        document: { status: 'waiting', problem: 'It was needed elsewhere.' },
        notes: [{ what: 'ready' }, { what: 'waiting', why: 'It was needed elsewhere.' }],
      },
    ],
  ])('%s', (_title, answers, led) => expect([afterAnswers(of, answers)]).toMatchObject([led]))
})
