import { describe, expect, test } from '@jest/globals'
import { parseQuantity } from '@stockline/amounts'
import type { RemainingLife } from '@stockline/contracts'
import { decideAndStore, demand, location, posting, product, uuid, warehouse } from '../../test/builders.ts'
import { allocations, outcomes } from '../../test/reservations-builders.ts'
import type { DemandRequest } from '../ledger/request.ts'
import type { WorkingSet } from '../ledger/working-set.ts'
import { missingOf, shortageOf } from './shortage.ts'
import { lifeJudgedOn, lifeObstacle, mostAskingFirst, storedLife } from './remaining-life.ts'

const today = '2026-04-20'

describe('X3 how much of a lot’s life is left', () => {
  interface Dates {
    readonly expiresOn?: string
    readonly bestBefore?: string
    readonly producedOn?: string
  }
  test.each<[string, Dates, RemainingLife, string | undefined]>([
    ['just as many days', { expiresOn: '2026-05-20' }, { days: 30 }, undefined],
    ['one day less', { expiresOn: '2026-05-19' }, { days: 30 }, '29 days of its life left on 2026-04-20, 30 asked for'],
    ['a single one', { expiresOn: '2026-04-21' }, { days: 2 }, '1 day of its life left on 2026-04-20, 2 asked for'],
    ['its last day', { expiresOn: today }, { days: 1 }, 'nothing of its life left on 2026-04-20, 1 asked for'],
    ['past it', { expiresOn: '2026-04-01' }, { days: 1 }, 'nothing of its life left on 2026-04-20, 1 asked for'],
    ['best before counts, not expiry', { expiresOn: '2027-01-01', bestBefore: '2026-05-19' }, { days: 30 }, '29 days of its life left on 2026-04-20, 30 asked for'], // prettier-ignore
    ['best before alone', { bestBefore: '2026-05-20' }, { days: 30 }, undefined],
    ['no end: enough', {}, { days: 36_500 }, undefined],
    ['no end: all of it', {}, { percent: '100' }, undefined],
    ['just the part', { producedOn: '2026-04-10', expiresOn: '2026-05-10' }, { percent: '66.66' }, undefined],
    ['a bit less', { producedOn: '2026-04-10', expiresOn: '2026-05-10' }, { percent: '66.67' }, '20 days of its life of 30 left on 2026-04-20, 66.67 % of it asked for'], // prettier-ignore
    ['all of it, on its first day', { producedOn: today, expiresOn: '2026-05-20' }, { percent: '100' }, undefined],
    ['all of it, a day later', { producedOn: '2026-04-19', expiresOn: '2026-05-20' }, { percent: '100' }, '30 days of its life of 31 left on 2026-04-20, 100 % of it asked for'], // prettier-ignore
    ['a part of nobody knows what', { expiresOn: '2099-01-01' }, { percent: '0.01' }, 'without its production date its whole life is not known, 0.01 % of it asked for'], // prettier-ignore
    ['both: days are there, the part is not', { producedOn: '2026-04-10', expiresOn: '2026-05-10' }, { days: 20, percent: '70' }, '20 days of its life of 30 left on 2026-04-20, 70 % of it asked for'], // prettier-ignore
    ['both: the part is there, days are not', { producedOn: '2026-04-10', expiresOn: '2026-05-10' }, { days: 21, percent: '60' }, '20 days of its life left on 2026-04-20, 21 asked for'], // prettier-ignore
    ['both are there', { producedOn: '2026-04-10', expiresOn: '2026-05-10' }, { days: 20, percent: '66.66' }, undefined], // prettier-ignore
    ['days need no production date', { expiresOn: '2099-01-01' }, { days: 30 }, undefined],
  ])('%s', (_, { expiresOn = null, bestBefore = null, producedOn = null }, asked, why) => {
    const obstacle = lifeObstacle({ code: 'L1', expiresOn, life: { bestBefore, producedOn } }, asked, today)
    expect(obstacle?.why).toBe(why)
    if (why !== undefined) expect(obstacle).toMatchObject({ code: 'lot-life-too-short', message: `Lot L1: ${why}.` })
  })

  test.each([
    [null, today],
    [undefined, today],
    ['2026-04-19', today],
    ['2026-04-21', '2026-04-21'],
  ])('of a delivery that is due %s it is judged on %s', (dueOn, on) => expect(lifeJudgedOn(dueOn, today)).toBe(on))

  test.each<[number | null, string | null, RemainingLife | undefined]>([
    [30, null, { days: 30 }],
    [null, '66.60', { percent: '66.6' }],
    [30, '50.00', { days: 30, percent: '50' }],
    [null, null, undefined],
  ])('is stored as %s and %s', (days, share, life) => expect(storedLife(days, share)).toEqual(life))

  test('lines that ask for more are given stock first', () => {
    const asked = [
      { lot: null },
      { lot: null, life: { percent: '50' } },
      { lot: null, life: { days: 10 } },
      { lot: 'L1', life: { days: 1 } },
      { lot: null, life: { days: 30 } },
      { lot: 'L2' },
    ]
    const lines = asked.map((one, index) => ({ ...one, line: index, product: product('ML'), quantity: parseQuantity('1') })) // prettier-ignore
    expect(mostAskingFirst(lines).map(({ line }) => line)).toEqual([3, 5, 4, 2, 1, 0])
  })
})

const received = (lot: string, quantity: string, expiresOn?: string) =>
  posting('receipt', [{ sku: 'ML', quantity, lot, expiresOn: expiresOn ?? null }])
/** OLD has 10 days left today, NEW 100. */
function stocked(): WorkingSet {
  const workingSet = warehouse([product('ML', { tracking: 'lot' }), product('PX')], [location('WH/A')])
  decideAndStore(workingSet, received('OLD', '5', '2026-04-30'), received('NEW', '5', '2026-07-29'))
  return workingSet
}
type Asked = readonly [quantity: string, life?: RemainingLife | undefined, lot?: string]
const wanting = (n: number, lines: readonly Asked[], more: Partial<DemandRequest> = {}): DemandRequest => {
  const asked = demand(
    n,
    lines.map(([quantity]) => ['ML', quantity] as const),
    more,
  )
  const withLives = asked.lines.map((line, index) => ({ ...line, life: lines[index]?.[1], lot: lines[index]?.[2] }))
  return { ...asked, lines: withLives }
}
const long = { days: 30 }

describe('X3 nothing with less of its life left than asked for is promised', () => {
  test.each<[string, readonly Asked[], Partial<DemandRequest>, readonly string[]]>([
    ['nothing asked for: what expires first', [['5']], {}, ['WH/A OLD 5']],
    ['days', [['5', long]], {}, ['WH/A NEW 5']],
    ['days that both have', [['6', { days: 10 }]], {}, ['WH/A OLD 5', 'WH/A NEW 1']],
    ['due later, when the one has less', [['5', { days: 10 }]], { scheduledDate: '2026-04-21' }, ['WH/A NEW 5']],
    ['due long ago: judged today', [['5', { days: 11 }]], { scheduledDate: '2026-01-01' }, ['WH/A NEW 5']],
    ['more than there is of it: nothing', [['6', long]], {}, []],
    ['or a part, where that is allowed', [['6', long]], { allowPartial: true }, ['WH/A NEW 5']],
    ['lines in any order: who asks for more is first', [['5'], ['5', long]], {}, ['WH/A NEW 5', 'WH/A OLD 5']],
    [
      'two lines that want the same: nothing',
      [
        ['3', long],
        ['3', long],
      ],
      {},
      [],
    ],
    ['two lines that want the same: a part', [['3', long], ['3', long]], { allowPartial: true }, ['WH/A NEW 3', 'WH/A NEW 2']], // prettier-ignore
    ['a lot by name that has too little: nothing', [['1', long, 'OLD']], {}, []],
    ['a lot by name that has enough', [['1', long, 'NEW']], {}, ['WH/A NEW 1']],
  ])('%s', (_, lines, more, expected) => {
    const workingSet = stocked()
    decideAndStore(workingSet, wanting(1, lines, more))
    expect(allocations(workingSet, 1)).toEqual(expected)
    // What a delivery cannot have whole is free for others.
    if (expected.length === 0) {
      decideAndStore(workingSet, demand(2, [['ML', '10']]))
      expect(allocations(workingSet, 2)).toEqual(['WH/A OLD 5', 'WH/A NEW 5'])
    }
  })

  test('who waits for it is passed over by what is too old, and served by what is not', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, wanting(1, [['6', long]]), demand(2, [['ML', '12']]))
    expect(outcomes(decideAndStore(workingSet, received('OLDER', '2', '2026-04-29')))).toEqual(['posted', 'reserved 2'])
    expect(outcomes(decideAndStore(workingSet, received('NEWER', '6', '2027-01-01')))).toEqual(['posted', 'reserved 1'])
    expect(allocations(workingSet, 1)).toEqual(['WH/A NEWER 6'])
  })

  test('what stands in the way is told: how much of its life each lot has, and what is asked for', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, wanting(1, [['6', long]], { scheduledDate: '2026-04-25' }))
    const of = workingSet.demands.get(uuid(1))!
    const [missing] = missingOf(workingSet, of)
    expect(missing).toMatchObject({ lot: null, life: long, missing: parseQuantity('6'), available: parseQuantity('5') })
    const old = { location: location('WH/A'), lot: workingSet.lots.get('product-ML')!.get('OLD')!, status: 'available' } as const // prettier-ignore
    const stock = [
      { ...old, quantity: parseQuantity('5') },
      { ...old, quantity: parseQuantity('9'), location: location('W2/A') },
    ]
    expect(shortageOf(of, missing!, stock, [], today).outOfReach).toEqual([
      { quantity: parseQuantity('5'), why: 'short-life', location: 'WH/A', lot: 'OLD', detail: '5 days of its life left on 2026-04-25, 30 asked for' }, // prettier-ignore
    ])
  })

  test('a lot that a person picks instead is refused with what it has, and not reserved', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, wanting(1, [['2', long]]))
    const again = wanting(1, [['2', long]], { revision: 2 })
    const picked = [{ location: 'WH/A', lot: 'OLD', quantity: parseQuantity('2') }]
    const { outcomes: came } = decideAndStore(workingSet, { ...again, lines: again.lines.map((line) => ({ ...line, picked })) }) // prettier-ignore
    expect(came[0]).toMatchObject({
      complete: true,
      refused: [{ line: 1, lot: 'OLD', code: 'lot-life-too-short', message: 'Lot OLD: 10 days of its life left on 2026-04-20, 30 asked for.' }], // prettier-ignore
    })
    expect(allocations(workingSet, 1)).toEqual(['WH/A NEW 2'])
  })

  test.each<[string, RemainingLife | undefined, string, string]>([
    ['too old', long, 'OLD', 'refused lot-life-too-short'],
    ['long enough', long, 'NEW', 'posted'],
    ['not asked for', undefined, 'OLD', 'posted'],
  ])('what is shipped is judged as well: %s', (_, life, lot, expected) => {
    const workingSet = stocked()
    decideAndStore(workingSet, wanting(1, [['2', life]]))
    const lines = [{ sku: 'ML', lot, quantity: '2', line: 7, documentLine: 1 }]
    const { outcomes: came } = decideAndStore(workingSet, posting('delivery', lines, { documentId: uuid(1) }))
    expect(came.map((one) => (one.outcome === 'refused' ? `refused ${one.code}` : one.outcome))).toEqual([expected])
    if (expected !== 'posted') expect(allocations(workingSet, 1)).toEqual(['WH/A NEW 2'])
  })

  test('what a day more has made too old is withdrawn, with the reason, and another lot takes its place', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, wanting(1, [['5', { days: 10 }]]))
    const next = Object.assign(workingSet, { today: '2026-04-21' })
    const { outcomes: came } = decideAndStore(next, { action: 'withdraw', documentIds: [uuid(1)] })
    expect(came).toMatchObject([{ outcome: 'reserved', complete: true, refused: [{ lot: 'OLD', message: 'Lot OLD: 9 days of its life left on 2026-04-21, 10 asked for.' }] }]) // prettier-ignore
    expect(allocations(next, 1)).toEqual(['WH/A NEW 5'])
    const later = Object.assign(workingSet, { today: '2026-07-28' })
    expect(outcomes(decideAndStore(later, { action: 'withdraw', documentIds: [uuid(1)] }))).toEqual(['released 1 expired', 'reserved 1 in part']) // prettier-ignore
  })
})
