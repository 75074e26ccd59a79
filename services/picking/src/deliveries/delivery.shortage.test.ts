import { describe, expect, test } from '@jest/globals'
import { line, pick } from '../../test/deliveries-builders.ts'
import type { Pick } from './delivery.ts'
import { lessPicked, reasonOf, shortageIn, shortText, type OutOfReach, type Shortage } from './delivery.shortage.ts'

const short = (sku: string, missing: string, ...outOfReach: readonly OutOfReach[]): Shortage => ({
  sku,
  missing,
  available: '0',
  outOfReach,
  more: 0,
})

describe('D5 What is short is said, and where stock of it lies', () => {
  test.each<[what: string, shortages: readonly Shortage[], text: string | null]>([
    ['nothing', [], null],
    ['a product that is nowhere', [short('PX', '10')], 'Waits for stock: PX 10.'],
    [
      'all that stands in the way',
      [
        short(
          'RM-A',
          '30',
          { quantity: '12', why: 'not-reservable', location: 'WH/Output' },
          { quantity: '8', why: 'reserved', number: 'WH/OUT/00012' },
          { quantity: '5', why: 'expired', location: 'WH/Stock/B2-01', lot: 'L3', expiresOn: '2026-04-01' },
          { quantity: '3', why: 'other-warehouse', warehouse: 'W2' },
          { quantity: '1', why: 'status', location: 'WH/Stock', status: 'damaged' },
        ),
      ],
      'Waits for stock: RM-A 30. RM-A: 12 in WH/Output (not reservable), 8 reserved for WH/OUT/00012, 5 in WH/Stock/B2-01 lot L3 (expired 2026-04-01), 3 in warehouse W2, 1 in WH/Stock (damaged).',
    ],
    [
      'of a transfer, what lies outside of its source',
      [short('PX', '4', { quantity: '7', why: 'outside-source', location: 'WH/Input' })],
      'Waits for stock: PX 4. PX: 7 in WH/Input (outside the source).',
    ],
    [
      'one lot, of which another is there',
      [{ ...short('ML', '2', { quantity: '4', why: 'other-lot', location: 'WH/Stock', lot: 'L9' }), lot: 'L1' }],
      'Waits for stock: ML 2 of lot L1. ML: 4 in WH/Stock lot L9 (lot L1 asked for).',
    ],
    [
      'so much of its life that is left, of which there is less',
      [
        { ...short('ML', '2', { quantity: '4', why: 'short-life', location: 'WH/Stock', lot: 'L9', detail: '3 days of its life left on 2026-05-01, 30 asked for' }), minimumRemainingLife: { days: 30 } }, // prettier-ignore
        { ...short('MM', '1', { quantity: '1', why: 'short-life', location: 'WH/A' }), minimumRemainingLife: { days: 1, percent: '66' } }, // prettier-ignore
      ],
      'Waits for stock: ML 2 with 30 days of its life left, MM 1 with 1 day and 66 % of its life left. ML: 4 in WH/Stock lot L9 (3 days of its life left on 2026-05-01, 30 asked for). MM: 1 in WH/A (too little of its life left).',
    ],
    [
      'less than goes as a whole, and more places than are told',
      [
        {
          ...short('PX', '10', ...Array.from({ length: 7 }, (_, n) => ({ quantity: '1', why: 'location-inactive', location: `WH/${n}` }))), // prettier-ignore
          available: '4',
          more: 3,
        },
      ],
      'Waits for stock: PX 10. PX: 4 available, 1 in WH/0 (closed), 1 in WH/1 (closed), 1 in WH/2 (closed), 1 in WH/3 (closed), 1 in WH/4 (closed), and 5 more.',
    ],
    [
      'of many products five',
      ['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((sku) => short(sku, '1')),
      'Waits for stock: A 1, B 1, C 1, D 1, E 1, and 2 more.',
    ],
    [
      'a millionth, one place more than is told, and what a stock does not name',
      [
        {
          ...short('PX', '1', ...['reserved', 'other-warehouse', 'status', 'other-lot'].map((why) => ({ quantity: '1', why }))), // prettier-ignore
          available: '0.000001',
          more: 1,
        },
      ],
      'Waits for stock: PX 1. PX: 0.000001 available, 1 reserved for another delivery, 1 in warehouse , 1 in  (in another status), 1 in  (lot  asked for), and 1 more.',
    ],
    [
      'a reason that is not known yet here',
      [short('PX', '1', { quantity: '1', why: 'frozen', location: 'WH/A' })],
      'Waits for stock: PX 1. PX: 1 in WH/A (frozen).',
    ],
  ])('%s', (_title, shortages, text) => expect(shortText([], 'nothing', shortages)).toBe(text))

  test('from the lines alone, where stock does not say: what is neither reserved nor picked', () => {
    const lines = [
      line(1, 'PX', '10', pick('A', '4', '2'), pick('B', '0', '3')),
      line(2, 'PX', '1'),
      line(3, 'RM-A', '2.5', pick('A', '2.5')),
    ]
    expect(shortText(lines, 'some', undefined)).toBe('Short of stock: PX 4.')
    expect(shortText([line(1, 'PX', '4', pick('A', '4'))], 'some', undefined)).toBeNull()
    expect(shortText([line(1, 'KG', '4', pick('A', '3.999999'))], 'some', undefined)).toBe(
      'Short of stock: KG 0.000001.',
    )
    expect(shortText([{ ...line(1, 'NEW', '4'), needed: null }], 'some', undefined)).toBeNull()
  })

  test.each<[what: string, picked: readonly Pick[], missing: string, text: string | null]>([
    ['part of it', [pick('A', '5'), pick('B', '0', '3')], '4', 'Short of stock: PX 1.'],
    ['all of it', [pick('A', '5'), pick('B', '0', '4')], '4', null],
    ['more than that', [pick('A', '5', '6'), pick('B', '0', '9')], '4', null],
    ['no more than is reserved there', [pick('A', '5', '5')], '4', 'Short of stock: PX 4.'],
    ['what stock would not ship', [pick('A', '5'), pick('C', '0', '4')], '4', 'Short of stock: PX 4.'],
  ])('stock lacks it, and it is picked where nothing is reserved: %s', (_title, picks, missing, text) => {
    const lines = [line(1, 'PX', '9', ...picks), line(2, 'PY', '9', pick('B', '0', '9'))]
    const isHad = (_line: number, { location }: Pick) => location !== 'C'
    expect(shortText(lines, 'some', lessPicked([short('PX', missing)], lines, isHad))).toBe(text)
  })

  test('what is picked counts once, for the lot that it is of', () => {
    const lines = [line(1, 'LOT', '9', pick('A', '0', '2', { lot: 'L1' }), pick('B', '0', '1', { lot: 'L2' }))]
    const lacking = (...shortages: readonly Shortage[]) =>
      lessPicked(shortages, lines, () => true).map(({ lot = '', missing }) => `${lot} ${missing}`)
    expect(lacking({ ...short('LOT', '2'), lot: 'L1' }, short('LOT', '4'))).toEqual([' 3'])
    expect(lacking({ ...short('LOT', '2'), lot: 'L2' })).toEqual(['L2 1'])
    expect(lacking({ ...short('LOT', '2.000001'), lot: 'L1' })).toEqual(['L1 0.000001'])
  })

  test.each([
    [null, null, null],
    ['The ledger refused: no.', 'The ledger refused: no.', null],
    ['Waits for stock: PX 1.', null, 'Waits for stock: PX 1.'],
    ['Gone. Short of stock: PX 1. PX: 2 available.', 'Gone.', 'Short of stock: PX 1. PX: 2 available.'],
  ])('%s: a reason and what is short are told apart', (problem, reason, shortage) => {
    expect(reasonOf(problem)).toBe(reason)
    expect(shortageIn(problem)).toBe(shortage)
  })
})
