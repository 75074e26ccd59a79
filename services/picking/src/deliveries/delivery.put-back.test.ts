import { describe, expect, test } from '@jest/globals'
import { formatQuantity } from '@stockline/amounts'
import { taken } from '../../test/builders.ts'
import { begun, delivery, line, pick } from '../../test/deliveries-builders.ts'
import { cancelledDelivery } from './delivery.order.ts'
import { afterPutBack, putBack, putBacksOf, putBackText, putsBack } from './delivery.put-back.ts'
import type { Delivery } from './delivery.ts'

const [a, b] = ['WH/Stock/A1-03', 'WH/Stock/B2-01']
/** 6 are wanted; 5 are picked at A1-03 and 4 at B2-01: 3 are too much. */
const over = begun(line(1, 'PX', '6', pick(a, '6', '5'), pick(b, '0', '4')), line(2, 'RM-A', '5', pick(b, '5')))
const picked = (of: Delivery) =>
  of.lines.map(({ picks }) => picks.map((one) => (one.picked === null ? '-' : formatQuantity(one.picked))).join(' '))
type Picks = Parameters<typeof putBack>[1]['picks']
const done = (picks?: Picks, of = over) => taken(putBack(of, { picks })).document

describe('what is to be put back', () => {
  test.each<[string, Delivery, string[]]>([
    ['what is more than wanted, from the last place on the way', over, ['- 3']],
    [
      'more than the last place has: the rest from the one before',
      begun(line(1, 'PX', '2', pick(a, '6', '5'), pick(b, '0', '4'))),
      ['3 4'],
    ],
    [
      'nothing where as much is picked as is wanted',
      begun(line(1, 'PX', '9', pick(a, '6', '5'), pick(b, '0', '4'))),
      ['- -'],
    ],
    ['all that a cancelled one has', { ...over, status: 'cancelled' }, ['5 4']],
    ['nothing while the ledger is asked', { ...over, status: 'posting' }, ['- -']],
    ['nothing once it is done', { ...over, status: 'done' }, ['- -']],
    ['a millionth', begun(line(1, 'KG', '3', pick(a, '3', '3.000001'), pick(b, '0', '0'))), ['0.000001 -']],
    ['nothing of a place where nothing is picked yet', begun(line(1, 'PX', '2', pick(a, '0', '4'), pick(b, '2'))), ['2 -']], // prettier-ignore
    ['nothing where nobody knows yet what is wanted', begun({ ...over.lines[0]!, needed: null }), ['- -']],
  ])('%s', (_title, of, expected) => {
    const [first] = of.lines
    const due = putBacksOf(of, first!)
    const shown = first!.picks.map((one) => (due.has(one) ? formatQuantity(due.get(one)!) : '-')).join(' ')
    expect([shown]).toEqual(expected)
    expect(putsBack({ ...of, lines: [first!] })).toBe(/\d/.test(shown))
  })
})

describe('putting back', () => {
  test('all at once: stock is told of a smaller need', () => {
    const after = done()
    expect(picked(after)).toEqual(['5 1', '-'])
    expect(after).toMatchObject({ needRevision: over.needRevision + 1, status: 'in_progress' })
    expect(putBack(over, {})).toMatchObject({ notes: [{ what: 'put-back', why: `3 of PX at ${b}` }] })
  })

  test('step by step, where it was taken', () => {
    const first = done([{ line: 1, location: a, quantity: '2' }])
    expect(picked(first)).toEqual(['3 4', '-'])
    expect(putBackText(over, first)).toBe(`2 of PX at ${a}`)
    expect(picked(done([{ line: 1, location: b, quantity: '1' }], first))).toEqual(['3 3', '-'])
  })

  test('a place of which nothing is left, and nothing is reserved, is gone', () => {
    const all = begun(line(1, 'PX', '6', pick(a, '6', '6'), pick(b, '0', '2')))
    expect(done(undefined, all).lines[0]?.picks.map(({ location }) => location)).toEqual([a])
    const reserved = begun(line(1, 'PX', '6', pick(a, '4', '6'), pick(b, '2', '2')))
    expect(picked(done(undefined, reserved))).toEqual(['6 -'])
  })

  test('of a cancelled one nothing is left, not even what was reserved', () => {
    const cancelled = cancelledDelivery(begun(line(1, 'PX', '6', pick(a, '6', '6'))))
    expect(cancelled.needRevision).toBe(2)
    const after = done(undefined, cancelled)
    expect(after.lines.flatMap(({ picks }) => picks)).toEqual([])
    expect(after).toMatchObject({ status: 'cancelled', needRevision: 3 })
  })

  test('down to a millionth, and no further', () => {
    const [one, least] = ['1', '0.000001']
    const some = begun(line(1, 'KG', '0', pick(a, least, one), pick(b, '0', one)), line(2, 'KG', least), line(3, 'KG', '0', pick(a, '0', '0'), pick(b, least, null))) // prettier-ignore
    const first = done([{ line: 1, location: a, quantity: '0.999999' }], some)
    expect(picked(first)).toEqual(['0.000001 1', '', '0 -'])
    expect(first.needRevision).toBe(2)
    expect(putBackText(some, first)).toBe(`0.999999 of KG at ${a}`)
    const second = done([{ line: 1, location: a, quantity: least }, { line: 1, location: b, quantity: one }], first) // prettier-ignore
    expect(picked(second)).toEqual(['-', '', '0 -'])
    expect(putBackText(first, second)).toBe(`0.000001 of KG at ${a}; 1 of KG at ${b}`)
    expect(second).toMatchObject({ needRevision: 3, status: 'in_progress' })
    expect(putBack(some, { picks: [{ line: 1, location: a, quantity: '1.000001' }] })).toMatchObject({
      errors: [{ message: 'only 1 were picked there' }],
    })
  })

  test('a line that is not wanted any more goes with the last of it', () => {
    const unwanted = begun(
      { ...line(1, 'PX', '0', pick(a, '0', '2')), orderLine: null },
      line(2, 'RM-A', '5', pick(b, '5')),
    )
    const after = done(undefined, unwanted)
    expect(after.lines.map(({ sku }) => sku)).toEqual(['RM-A'])
    expect(after.status).toBe('waiting')
  })

  test('a second tap is no error, and changes nothing; one that names something is refused', () => {
    const ready = delivery()
    expect(putBack(ready, {})).toBe('already')
    const picks = [{ line: 1, location: a, quantity: '1' }]
    expect(putBack(ready, { picks })).toMatchObject({ refused: 'nothing-to-put-back' })
  })

  test('every wrong field is named', () => {
    const picks = [
      { line: 9, location: a, quantity: '1' },
      { line: 1, location: 'WH/Stock', quantity: '1' },
      { line: 2, location: b, quantity: '1' },
      { line: 1, location: a, quantity: '2' },
      { line: 1, location: a, quantity: '1' },
      { line: 1, location: b, quantity: '5' },
    ]
    const refusal = putBack(over, { picks })
    expect(refusal).toMatchObject({
      refused: 'put-backs-wrong',
      errors: expect.arrayContaining([
        { pointer: '/picks/0/line', message: 'WH/OUT/00042 has no line 9' },
        { pointer: '/picks/1/location', message: 'nothing of line 1 was picked there' },
        { pointer: '/picks/2/location', message: 'nothing of line 2 was picked there' },
        { pointer: '/picks/4/line', message: 'this line, place and lot stand here twice' },
        { pointer: '/picks/5/quantity', message: 'only 4 were picked there' },
      ]),
    })
    expect(refusal).toMatchObject({ errors: { length: 5 } })
  })

  test('no more than is too much, over all places', () => {
    const picks = [
      { line: 1, location: a, quantity: '2' },
      { line: 1, location: b, quantity: '2' },
    ]
    expect(putBack(over, { picks })).toMatchObject({
      errors: [{ pointer: '/picks/1/quantity', message: 'only 3 of line 1 are to be put back' }],
    })
  })
})

describe('what a history says of it', () => {
  const many = (count: number, quantity: string) =>
    begun(
      ...Array.from({ length: count }, (_, at) =>
        line(at + 1, 'PX', '0', pick(a, '0', quantity, { lot: at === 0 ? 'L1' : null })),
      ),
    )
  test('what, where and of which lot, five at most', () => {
    expect(putBackText(many(1, '2'), many(1, '1'))).toBe(`1 of PX at ${a}, lot L1`)
    expect(putBackText(many(1, '2'), begun())).toBe(`2 of PX at ${a}, lot L1`)
    expect(putBackText(many(5, '1'), begun())).not.toMatch(/more/)
    expect(putBackText(many(7, '1'), begun())).toMatch(/; and 2 more$/)
    expect(putBackText(many(1, '1'), many(1, '1'))).toBe('')
  })
})

test('a change that puts nothing back tells stock nothing', () => {
  expect(afterPutBack(over, over)).toBe(over)
  const less = { ...over, lines: [line(1, 'PX', '7', pick(a, '6', '5'), pick(b, '0', '4'))] }
  expect(afterPutBack(over, less).needRevision).toBe(2)
  expect(afterPutBack(less, over)).toBe(over)
})
