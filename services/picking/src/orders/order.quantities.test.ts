import { describe, expect, test } from '@jest/globals'
import { formatQuantity } from '@stockline/amounts'
import { referenceData, order, orderLine, q } from '../../test/builders.ts'
import {
  asOrdered,
  lateLines,
  linesOf,
  standingsOf,
  wantedLines,
  wantedOfLine,
  type LineStanding,
  type OrderPart,
  type UnitOf,
} from './order.quantities.ts'

const part = (state: OrderPart['state'], quantity: string, over: Partial<OrderPart> = {}): OrderPart => {
  return { orderLine: 1, sku: 'RM-A', quantity: q(quantity), unit: 'kg', state, ...over }
}
const asked = (quantity: string, unit = 'kg', sku = 'RM-A') => orderLine(1, sku, quantity, { unit })
const shown = ({ line, sku, unit, ordered, before, done, open, closed }: LineStanding) => ({
  name: `${String(line)} ${sku} ${unit}`,
  told: [ordered, before, done, open, closed].map((one) => (one === undefined ? '-' : formatQuantity(one))).join(' '),
})
/** `ordered before done open closed` of each line. */
const told = (...args: Parameters<typeof standingsOf>) => standingsOf(...args).map(shown)

describe('how far a line is', () => {
  test.each<[string, string, string | undefined, OrderPart[], string]>([
    ['nothing is made of it yet', '10', undefined, [], '10 - 0 0 0'],
    ['a document is to do all', '10', undefined, [part('open', '10')], '10 - 0 10 0'],
    ['a part is done, the rest is open', '10', undefined, [part('done', '4'), part('open', '6')], '10 - 4 6 0'],
    ['two parts are done', '10', undefined, [part('done', '4'), part('done', '6')], '10 - 10 0 0'],
    ['what was closed of the revision before', '12', '10', [part('done', '4')], '12 10 4 0 6'],
    ['nothing is closed where all is done or open', '12', '10', [part('done', '4'), part('open', '6')], '12 10 4 6 0'],
    ['more came than was asked for: nothing is closed', '12', '10', [part('done', '11')], '12 10 11 0 0'],
    ['less than a gram is nothing that was closed', '12', '10', [part('done', '9.9995')], '12 10 9.9995 0 0'],
    ['parts in another unit of the same product', '10', '10', [part('done', '4000', { unit: 'g' })], '10 10 4 0 6'],
  ])('%s', (_title, now, before, parts, expected) => {
    const then = before === undefined ? undefined : [asked(before)]
    expect(told(order(2, asked(now)), then, parts, referenceData)).toEqual([{ name: '1 RM-A kg', told: expected }])
  })

  test('a line that is not asked for any more, and one of which something came that nobody asks for', () => {
    const parts = [part('done', '3'), part('done', '5', { orderLine: 2, sku: 'RM-B' })]
    expect(told(order(2), [asked('10')], parts, referenceData)).toEqual([
      { name: '1 RM-A kg', told: '0 10 3 0 7' },
      { name: '2 RM-B kg', told: '0 0 5 0 0' },
    ])
    expect(
      told({ ...order(2, asked('10')), status: 'cancelled' }, undefined, parts.slice(0, 1), referenceData),
    ).toEqual([{ name: '1 RM-A kg', told: '0 - 3 0 0' }])
  })

  test('a line of which nothing came, and that is not asked for any more', () =>
    expect(told(order(2), [asked('10')], [], referenceData)).toEqual([{ name: '1 RM-A kg', told: '0 10 0 0 10' }]))

  test('another product on the same line is another line', () => {
    const parts = [part('done', '3')]
    expect(told(order(2, asked('10', 'kg', 'RM-B')), undefined, parts, referenceData).map(({ name }) => name)).toEqual([
      '1 RM-B kg',
      '1 RM-A kg',
    ])
  })

  test('in the unit that is wanted, converted as documents do', () => {
    const inBase = (_line: unknown, product: { readonly unit: string } | undefined) => product?.unit ?? 'none'
    expect(told(order(1, asked('2', 'box', 'PX')), undefined, [], referenceData, inBase)).toEqual([
      { name: '1 PX unit', told: '48 - 0 0 0' },
    ])
    expect(told(order(1, asked('100', 'lb')), undefined, [], referenceData, inBase)).toEqual([
      { name: '1 RM-A kg', told: '45.359 - 0 0 0' },
    ])
    const inBoxes = () => 'box'
    expect(told(order(1, asked('48', 'unit', 'PX')), undefined, [], referenceData, inBoxes)).toEqual([
      { name: '1 PX box', told: '2 - 0 0 0' },
    ])
    expect(told(order(1, asked('7', 'box', 'NEW')), undefined, [], referenceData, inBase)).toEqual([
      { name: '1 NEW none', told: '7 - 0 0 0' },
    ])
    // Less than a whole unit of what is kept in whole ones: as exact as it is, or as it is written.
    expect(told(order(1, asked('0.3', 'box', 'PX')), undefined, [], referenceData, inBase)).toEqual([
      { name: '1 PX unit', told: '7.2 - 0 0 0' },
    ])
    expect(told(order(1, asked('7', 'pallet')), undefined, [], referenceData, inBase)).toEqual([
      { name: '1 RM-A kg', told: '7 - 0 0 0' },
    ])
    // What is not known, or does not convert, counts as it is written.
    const unknown = [part('done', '1', { sku: 'NEW' }), part('done', '2', { sku: 'NEW', unit: 'box' })]
    expect(told(order(1, asked('7', 'box', 'NEW')), undefined, unknown, referenceData)).toEqual([
      { name: '1 NEW box', told: '7 - 3 0 0' },
    ])
    expect(told(order(1, asked('7', 'pallet')), undefined, [part('done', '2')], referenceData)).toEqual([
      { name: '1 RM-A pallet', told: '7 - 2 0 0' },
    ])
  })
})

describe('what is still wanted of a line', () => {
  const standing = (over: Partial<Record<'ordered' | 'done' | 'closed', string>>, sku = 'RM-A', unit = 'kg') => {
    const { ordered = '10', done = '0', closed = '0' } = over
    const none = { line: 1, sku, unit, before: undefined, open: q('0') }
    return { ...none, ordered: q(ordered), done: q(done), closed: q(closed) }
  }
  test.each([
    ['all of it', standing({}), '10'],
    ['what is neither done nor closed', standing({ done: '3', closed: '2' }), '5'],
    ['nothing where all is done', standing({ done: '10' }), '0'],
    ['nothing where more is done', standing({ done: '11' }), '0'],
    ['nothing where all is closed', standing({ closed: '10' }), '0'],
    ['nothing where less than a gram is left', standing({ done: '9.9995' }), '0'],
    ['a gram', standing({ done: '9.999' }), '0.001'],
    ['what nothing came of, as it was ordered', standing({ ordered: '2.000001' }, 'PX', 'box'), '2.000001'],
    ['a whole box, where the parts before were thirds', standing({ ordered: '2', done: '0.999999' }, 'PX', 'box'), '1'],
    ['what differs from a rounding by more than that, as it is', standing({ ordered: '2', done: '0.9999' }, 'PX', 'box'), '1.0001'], // prettier-ignore
    ['a hundredth of a pound', standing({ ordered: '2', done: '1.990001' }, 'RM-A', 'lb'), '0.01'],
    ['seven thousandths of a pound', standing({ ordered: '2', done: '1.993001' }, 'RM-A', 'lb'), '0.007'],
    ['a whole box, where the parts before were a little more', standing({ ordered: '2', done: '1.000001' }, 'PX', 'box'), '1'], // prettier-ignore
    ['a whole box, after as many roundings as there may be', standing({ ordered: '2', done: '0.999968' }, 'PX', 'box'), '1'], // prettier-ignore
    ['what differs by one rounding more, as it is', standing({ ordered: '2', done: '0.999967' }, 'PX', 'box'), '1.000033'], // prettier-ignore
    ['a whole box, where as much was closed as was done', standing({ ordered: '1.666667', done: '0.333333', closed: '0.333333' }, 'PX', 'box'), '1'], // prettier-ignore
    ['less than a gram of which nothing came', standing({ ordered: '0.0004' }), '0.0004'],
    ['nothing of less than a gram of which a millionth came', standing({ ordered: '0.0004', done: '0.000001' }), '0'],
    ['what is done and closed alike', standing({ done: '3', closed: '3' }), '4'],
    ['half a box', standing({ ordered: '2', done: '1.5' }, 'PX', 'box'), '0.5'],
    ['an unknown product as it is written', standing({ done: '9.999999' }, 'NEW'), '0.000001'],
  ])('%s', (_title, of, expected) => expect(formatQuantity(wantedOfLine(of, referenceData))).toBe(expected))
})

describe('what is still wanted of an order', () => {
  const inBase: UnitOf = (_line, product) => product?.unit ?? 'none'
  const wanted = (of: ReturnType<typeof order>, before: string | undefined, parts: OrderPart[], unitOf = asOrdered) =>
    wantedLines(of, before === undefined ? undefined : [asked(before)], parts, referenceData, unitOf).map(
      ({ orderLine: line, sku, quantity, unit, unitPrice: price }) =>
        `${line} ${sku} ${formatQuantity(quantity)} ${unit} ${String(price)}`,
    )
  const box = (quantity: string) => order(1, asked(quantity, 'box', 'PX'))
  const came = (quantity: string) => part('done', quantity, { sku: 'PX', unit: 'unit' })
  test.each<[string, string[], string[]]>([
    ['all but a millionth of what is not known', wanted(order(1, asked('1', 'kg', 'NEW')), undefined, [part('done', '0.000001', { sku: 'NEW' })]), ['1 NEW 0.999999 kg 25000000000']], // prettier-ignore
    ['all, with its price', wanted(order(1, asked('10')), undefined, []), ['1 RM-A 10 kg 25000000000']],
    [
      'without one',
      wanted(order(1, orderLine(1, 'RM-A', '1', { unitPrice: null })), undefined, []),
      ['1 RM-A 1 kg null'],
    ],
    ['what is neither done nor closed', wanted(order(2, asked('12')), '10', [part('done', '5')]), ['1 RM-A 2 kg 25000000000']], // prettier-ignore
    ['a millionth of what is not known', wanted(order(1, asked('1', 'kg', 'NEW')), undefined, [part('done', '0.999999', { sku: 'NEW' })]), ['1 NEW 0.000001 kg 25000000000']], // prettier-ignore
    [
      'what is left of a box, in pieces',
      wanted(box('1'), undefined, [came('20')], inBase),
      ['1 PX 4 unit 25000000000'],
    ],
    [
      'all of what its unit cannot hold',
      wanted(box('0.3'), undefined, [came('1')], inBase),
      ['1 PX 0.3 box 25000000000'],
    ],
    ['what is left in its own unit', wanted(box('0.3'), undefined, [came('1')]), ['1 PX 0.258333 box 25000000000']],
    ['no service', wanted(order(1, asked('1', 'hour', 'SVC')), undefined, []), []],
  ])('%s', (_title, found, expected) => expect(found).toEqual(expected))
})

describe('what came too late', () => {
  const standing = (ordered: string, before: string | undefined, done: string): LineStanding => {
    const then = before === undefined ? undefined : q(before)
    return {
      line: 1,
      sku: 'RM-A',
      unit: 'kg',
      ordered: q(ordered),
      before: then,
      done: q(done),
      open: q('0'),
      closed: q('0'),
    }
  }
  test.each([
    [
      'lowered below what came',
      standing('4', '10', '6'),
      [{ line: 1, sku: 'RM-A', unit: 'kg', wanted: '4', done: '6' }],
    ],
    [
      'lowered to nothing',
      standing('0', undefined, '6'),
      [{ line: 1, sku: 'RM-A', unit: 'kg', wanted: '0', done: '6' }],
    ],
    ['lowered to what came', standing('6', '10', '6'), []],
    ['lowered by less than a gram below it', standing('5.9995', '10', '6'), []],
    ['not lowered: more had come before', standing('10', '10', '12'), []],
    ['raised, and still less than came', standing('11', '10', '12'), []],
  ])('%s', (_title, of, expected) => expect(lateLines([of], referenceData)).toEqual(expected))
})

test('a cancelled order asks for nothing', () => {
  expect(linesOf(order(1, asked('1')))).toHaveLength(1)
  expect(linesOf({ ...order(1, asked('1')), status: 'cancelled' })).toEqual([])
})
