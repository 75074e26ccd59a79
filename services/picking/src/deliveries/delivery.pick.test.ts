import { describe, expect, test } from '@jest/globals'
import { formatQuantity } from '@stockline/amounts'
import { isRefusal, type Refusal } from '@stockline/service-kit/refusal'
import { location } from '../../test/builders.ts'
import { begun, delivery, facts, line, pick } from '../../test/deliveries-builders.ts'
import { enterPicks, otherPlaces, pickDelivery, pickedText, pickListOf, type Picks } from './delivery.pick.ts'
import type { Delivery } from './delivery.ts'

const a = 'WH/Stock/A1-03'
const b = 'WH/Stock/B2-01'
const take = (picked: string, over: Partial<Picks[number]> = {}): Picks[number] => ({
  line: 1,
  location: a,
  picked,
  ...over,
})
const shown = (of: Delivery | Refusal) =>
  isRefusal(of)
    ? (of.errors?.map((each) => `${each.pointer} ${each.message}`) ?? of.refused)
    : of.lines.flatMap((each) =>
        each.picks.map(
          (one) =>
            `${each.line} ${one.location} ${one.lot ?? ''} ${formatQuantity(one.picked ?? (0n as never))}/${formatQuantity(one.quantity)}`,
        ),
      )

describe('D2 Picking, every refusal in order of precedence', () => {
  test.each([
    ['draft', 'product "NEW" is not known.', 'cannot be picked yet: product "NEW" is not known.'],
    ['waiting', null, 'cannot be picked yet: it waits for stock.'],
    ['posting', null, 'is posting: nothing can be picked for it any more.'],
    ['done', null, 'is done: nothing can be picked for it any more.'],
    ['cancelled', null, 'is cancelled: nothing can be picked for it any more.'],
  ] as const)('%s: refused', (status, problem, detail) =>
    expect(enterPicks(delivery({ status, problem }), [take('1')], facts())).toMatchObject({
      refused: 'delivery-not-ready',
      kind: 'state',
      detail: `WH/OUT/00042 ${detail}`,
    }),
  )

  test('a place outside the scope: as if it were not there', () =>
    expect(enterPicks(delivery(), [take('1'), take('x', { line: 9 })], facts({ scope: [b] }))).toMatchObject({
      refused: 'location-unknown',
      kind: 'unknown',
    }))

  test.each<[string, Picks[number][], string[]]>([
    ['a line of another document', [take('1', { line: 3 })], ['/picks/0/line WH/OUT/00042 has no line 3']],
    ['the same twice', [take('1'), take('2')], ['/picks/1/line this line, place and lot stand here twice']],
    ['an unknown place', [take('1', { location: 'WH/None' })], ['/picks/0/location location "WH/None" is not known']],
    [
      'another warehouse',
      [take('1', { location: 'W2/S' })],
      ['/picks/0/location location "W2/S" is not in warehouse WH'],
    ],
    ['no stock of ours', [take('1', { location: 'Vendors' })], ['/picks/0/location location "Vendors" holds no stock of ours']], // prettier-ignore
    ['out of use', [take('1', { location: 'WH/Old' })], ['/picks/0/location location "WH/Old" is not in use any more']],
    ['a fraction', [take('1.5')], ['/picks/0/picked the quantity is too precise: PX is kept in unit with 0 decimals']],
    ['a lot of what has none', [take('1', { lot: 'L' })], ['/picks/0/lot PX is not kept in lots']],
    ['too much of it: what is wrong is not added up', [take('11', { lot: 'L' })], ['/picks/0/lot PX is not kept in lots']], // prettier-ignore
    ['more than is needed', [take('11')], ['/picks/0/picked the quantity is more than line 1 needs']],
    [
      'more than is needed, over two places',
      [take('6'), take('5', { location: b })],
      ['/picks/1/picked the quantity is more than line 1 needs'],
    ],
    [
      'all at once',
      [take('0.5', { lot: 'L' }), take('1', { line: 7 }), take('6', { line: 2, location: b })],
      [
        '/picks/0/picked the quantity is too precise: PX is kept in unit with 0 decimals',
        '/picks/0/lot PX is not kept in lots',
        '/picks/1/line WH/OUT/00042 has no line 7',
        '/picks/2/picked the quantity is more than line 2 needs',
      ],
    ],
  ])('%s: refused', (_title, given, faults) => {
    const others = [
      location('W2/S', { warehouse: 'W2' }),
      location('Vendors', { type: 'vendor' }),
      location('WH/Old', { active: false }),
    ]
    const after = enterPicks(delivery(), given, facts({}, ...others))
    expect(after).toMatchObject({ refused: 'picks-wrong', kind: 'content' })
    expect(shown(after)).toEqual(faults)
  })

  const lots = begun(
    line(1, 'LOT', '5', pick(a, '5', null, { lot: 'L1', expiresOn: '2026-12-31' })),
    line(2, 'SER', '2', pick(a, '1', null, { lot: 'S1' }), pick(b, '1', null, { lot: 'S2' })),
    line(3, 'SER', '1', pick(b, '1', null, { lot: 'S3' })),
  )
  test.each<[string, Picks[number][], string[]]>([
    ['no lot named', [take('1')], ['/picks/0/lot LOT is kept in lots: name which one']],
    ['no serial named', [take('1', { line: 2 })], ['/picks/0/lot SER is kept in serial numbers: name which one']],
    ['two of one serial', [take('2', { line: 2, lot: 'S1' })], ['/picks/0/picked a serial number counts one']],
    [
      'one serial from two places',
      [take('1', { line: 2, lot: 'S1' }), take('1', { line: 2, location: b, lot: 'S1' })],
      ['/picks/0/lot serial number S1 would be picked twice', '/picks/1/lot serial number S1 would be picked twice'],
    ],
    [
      'one serial for two lines',
      [take('1', { line: 2, lot: 'S1' }), take('1', { line: 3, lot: 'S1' })],
      ['/picks/0/lot serial number S1 would be picked twice', '/picks/1/lot serial number S1 would be picked twice'],
    ],
  ])('tracked products: %s', (_title, given, faults) => expect(shown(enterPicks(lots, given, facts()))).toEqual(faults))

  test('another lot is taken, and what is known of it stays', () => {
    const known = enterPicks(lots, [take('2', { lot: 'L1', location: b }), take('3', { lot: 'L9' })], facts())
    expect(known).toMatchObject({ status: 'in_progress' })
    const [first] = isRefusal(known) ? [] : known.lines
    expect(first?.picks.map((one) => [one.location, one.lot, one.expiresOn, one.pickSequence])).toEqual([
      [a, 'L1', '2026-12-31', 1],
      [a, 'L9', null, 1],
      [b, 'L1', '2026-12-31', 2],
    ])
  })
})

describe('D2 Picking on lines that changed since they were picked', () => {
  const over = begun(line(1, 'PX', '2', pick(a, '2', '6')))
  const unknown = begun(line(1, 'NEW', '5', pick(a, '5')))
  const other = begun({ ...line(1, 'LOT', '5', pick(a, '5', null, { lot: 'L1' })) })
  test.each<[string, Delivery, Picks, string[]]>([
    ['as much too much as before', over, [take('6')], ['/picks/0/picked the quantity is more than line 1 needs']],
    ['a product that is not known any more', unknown, [take('1')], ['/picks/0/line product "NEW" is not known']],
    [
      'a little of another lot than was ordered',
      { ...other, details: { order: {}, lines: { 1: { lot: 'L1' } } } },
      [take('0.000001', { lot: 'L2' })],
      [
        '/picks/0/picked the quantity is too precise: LOT is kept in kg with 3 decimals',
        '/picks/0/lot line 1 asks for lot L1 alone, not for L2',
      ],
    ],
  ])('%s: refused', (_title, of, given, faults) => expect(shown(enterPicks(of, given, facts()))).toEqual(faults))

  test('nothing of another lot than was ordered may be entered', () =>
    expect(
      shown(enterPicks({ ...other, details: { order: {}, lines: { 1: { lot: 'L1' } } } }, [take('0', { lot: 'L2' })], facts())), // prettier-ignore
    ).toEqual([`1 ${a} L1 0/5`]))
})

describe('D2 What is entered', () => {
  const half = begun(line(1, 'PX', '10', pick(a, '10', '6')))
  test.each<[string, Delivery, Picks[number][], string, string[]]>([
    ['at the suggested place', delivery(), [take('10')], 'in_progress', [`1 ${a}  10/10`, `2 ${b}  0/5`]],
    ['nothing there is said too', delivery(), [take('0')], 'in_progress', [`1 ${a}  0/10`, `2 ${b}  0/5`]],
    ['it replaces what was said', half, [take('7')], 'in_progress', [`1 ${a}  7/10`]],
    [
      'another place is taken',
      half,
      [take('4', { location: 'WH/Stock' })],
      'in_progress',
      [`1 WH/Stock  4/0`, `1 ${a}  6/10`],
    ],
    [
      'moved from one place to another at once',
      half,
      [take('0'), take('10', { location: b })],
      'in_progress',
      [`1 ${a}  0/10`, `1 ${b}  10/0`],
    ],
    [
      'another place put back to nothing leaves no trace',
      delivery(),
      [take('0', { location: b })],
      'ready',
      [`1 ${a}  0/10`, `2 ${b}  0/5`],
    ],
    [
      'nothing where a millionth is reserved',
      begun(line(1, 'KG', '1', pick(a, '1', '1'), pick(b, '0.000001'))),
      [take('0', { location: b })],
      'in_progress',
      [`1 ${a}  1/1`, `1 ${b}  0/0.000001`],
    ],
    [
      'too much is put back step by step',
      begun(line(1, 'PX', '2', pick(a, '2', '6'))),
      [take('4')],
      'in_progress',
      [`1 ${a}  4/2`],
    ],
  ])('%s', (_title, of, given, status, picks) => {
    const after = enterPicks(of, given, facts())
    expect(after).toMatchObject({ status, pickedBy: ['operator'], problem: null })
    expect(shown(after)).toEqual(picks)
  })

  test('only places that are not suggested are looked up', () => {
    expect(otherPlaces(delivery(), [take('1'), take('1', { line: 2, location: b })])).toEqual([])
    expect(otherPlaces(delivery(), [take('1', { location: b }), take('1', { line: 9 })])).toEqual([b, a])
    expect(enterPicks(delivery(), [take('1')], facts({ locations: new Map() }))).toMatchObject({
      status: 'in_progress',
    })
  })

  test('no more picks than a document ships; what has more may get less', () => {
    const serial = (n: number) => pick(a, '1', '1', { lot: `S${n}` })
    const one = (lot: string, picked: string) => take(picked, { lot })
    const full = begun(line(1, 'SER', '1001', ...Array.from({ length: 1000 }, (_, n) => serial(n)), pick(a, '1', null, { lot: 'S1000' }))) // prettier-ignore
    expect(enterPicks(full, [one('S1000', '1')], facts())).toMatchObject({
      refused: 'delivery-too-long',
      detail: 'A document has at most 1,000 picks; WH/OUT/00042 would have 1001. Ship what is picked, and the rest after it.', // prettier-ignore
    })
    expect(isRefusal(enterPicks(full, [one('S7', '0'), one('S1000', '1')], facts()))).toBe(false)
    const most = begun(line(1, 'SER', '1000', ...Array.from({ length: 999 }, (_, n) => serial(n)), pick(a, '1', null, { lot: 'S999' }))) // prettier-ignore
    expect(isRefusal(enterPicks(most, [one('S999', '1')], facts()))).toBe(false)
    const older = begun(line(1, 'SER', '1002', ...Array.from({ length: 1002 }, (_, n) => serial(n))))
    expect(isRefusal(enterPicks(older, [one('S7', '0')], facts()))).toBe(false)
    expect(isRefusal(enterPicks(older, [one('S7', '1')], facts()))).toBe(false)
  })

  test('the history shows them, ten at most', () => {
    expect(pickDelivery(delivery(), { picks: [take('1')] }, facts())).toMatchObject({
      document: { status: 'in_progress' },
      notes: [{ what: 'picked', why: `line 1: 1 at ${a}` }],
    })
    expect(pickDelivery(delivery({ status: 'done' }), { picks: [] }, facts())).toMatchObject({ kind: 'state' })
    const all = Array.from({ length: 11 }, () => take('2', { lot: 'L1' }))
    expect(pickedText(all)).toBe(`${Array.from({ length: 10 }, () => `line 1: 2 at ${a}, L1`).join('; ')} and 1 more`)
  })

  test('D2 the pick list goes along the way, over all lines', () => {
    const crossed = begun(
      line(1, 'PX', '10', pick(b, '4'), pick('WH/Stock', '6', '6')),
      line(2, 'RM-A', '5', pick(a, '5')),
    )
    expect(pickListOf(crossed).map((one) => [one.location, one.line, one.sku])).toEqual([
      ['WH/Stock', 1, 'PX'],
      [a, 2, 'RM-A'],
      [b, 1, 'PX'],
    ])
  })
})
