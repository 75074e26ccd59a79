import { describe, expect, test } from '@jest/globals'
import { isRefusal } from '@stockline/service-kit/refusal'
import { counted, entry, line, q, receipt, referenceData } from '../../test/builders.ts'
import { locationKey } from '../locations/location.ts'
import { postable, receiptValidated } from './receipt.post.ts'
import type { Entry, Receipt } from './receipt.ts'

const one = (sku: string, unit: string, ...entries: readonly Entry[]): Receipt =>
  counted(line(1, sku, '5', '5', { unit, entries }))
const wrongPlace = { waitsFor: [locationKey('WH/Stock')], problem: 'Cannot be received: x.' }
const elsewhere = entry('1', { destination: 'WH/Stock/A1-03' })

describe('G3 What prevents posting', () => {
  test.each<[string, Receipt, object]>([
    ['what it waits for, which its problem says', { ...one('RM-A', 'kg', entry('1')), waitsFor: ['product:X'], problem: 'Waits.' }, { refused: 'receipt-waits', detail: 'WH/IN/00042 cannot be validated yet. Waits.' }], // prettier-ignore
    ['what it waits for, though nothing says so', { ...one('RM-A', 'kg', entry('1')), waitsFor: ['product:X'] }, { refused: 'receipt-waits', detail: 'WH/IN/00042 cannot be validated yet. ' }], // prettier-ignore
    ['a millionth that goes to a location that is wrong', { ...one('RM-A', 'kg', entry('0.000001')), ...wrongPlace }, { refused: 'receipt-waits' }], // prettier-ignore
    ['nothing that came', receipt(), { refused: 'receipt-empty' }],
    ['a product that is not known any more', one('NEW', 'kg', entry('1')), { errors: [{ pointer: '/lines/1', message: 'product "NEW" is not known' }] }], // prettier-ignore
    ['a unit that does not convert any more', one('RM-A', 'kg', entry('1'), entry('2', { unit: 'box' })), { errors: [{ pointer: '/lines/1', message: expect.stringMatching(/^2 box: /) }] }], // prettier-ignore
    ['a lot of what takes none any more', one('RM-A', 'kg', entry('1', { lot: 'L1' })), { errors: [{ message: 'RM-A takes no lot any more: count it again' }] }], // prettier-ignore
    ['no lot of what needs one by now', one('LOT', 'kg', entry('1')), { errors: [{ message: 'LOT needs a lot by now: count it again' }] }], // prettier-ignore
    ['two of one serial number', one('SER', 'unit', entry('2', { unit: 'unit', lot: 'S1' })), { errors: [{ message: 'a serial number of SER counts one: count it again' }] }], // prettier-ignore
    ['every line that is wrong', counted(line(1, 'LOT', '1', '1'), line(2, 'NEW', '1', '1')), { refused: 'lines-wrong', errors: [{ pointer: '/lines/1' }, { pointer: '/lines/2' }] }], // prettier-ignore
  ])('%s', (_title, of, refusal) => expect(postable(of, referenceData)).toMatchObject(refusal))
})

describe('G4 What is posted', () => {
  const posted = (of: Receipt) => {
    const found = postable(of, referenceData)
    if (isRefusal(found)) throw new Error(found.detail)
    return found
  }
  test('what goes to a location that is right, though its own is wrong', () => {
    const of = { ...one('RM-A', 'kg', elsewhere, entry('0')), ...wrongPlace }
    expect(posted(of)).toMatchObject({ receipt: { waitsFor: [], problem: null }, lines: [{ destination: elsewhere.destination }] }) // prettier-ignore
  })

  test('a serial number, and a lot with its date', () => {
    const [serial] = posted(one('SER', 'unit', entry('1', { unit: 'unit', lot: 'S1' }))).lines
    expect(serial).toMatchObject({ line: 1, sku: 'SER', quantity: '1', lot: 'S1' })
    expect(serial).not.toHaveProperty('expiresOn')
    const dates = { expiresOn: '2027-01-01', bestBefore: '2026-12-01', removeOn: '2026-11-01', alertOn: '2026-10-01' }
    const [lot] = posted(one('LOT', 'kg', entry('1', { lot: 'L1', ...dates }))).lines
    expect(lot).toMatchObject({ lot: 'L1', ...dates })
    expect(posted(one('RM-A', 'kg', entry('1'))).lines[0]).not.toHaveProperty('lot')
  })

  test('no line of a count of nothing; a millionth is something', () => {
    expect(posted(counted(line(1, 'RM-A', '1', '1'), line(2, 'NEW', '1', '0'))).lines).toHaveLength(1)
    const thirds = one('RM-A', 'third', entry('0.0015', { unit: 'third' }), entry('0', { unit: 'third' }))
    expect(posted(thirds).lines).toMatchObject([{ quantity: '0.001' }])
  })

  test('as it is counted by what is known now; lines of which that is the same are the same', () => {
    const of = counted(line(1, 'RM-A', '5', '5', { received: q('4') }), line(2, 'RM-B', '5', '5'))
    const { receipt: now } = posted(of)
    expect(now.lines[0]).toMatchObject({ received: q('5') })
    expect(now.lines[1]).toBe(of.lines[1])
  })
})

describe('G4 Lines that are published beside their entries', () => {
  const counts = (quantity: string, over: Partial<Receipt['lines'][number]> = {}) =>
    counted(line(1, 'RM-A', quantity, quantity, over))
  test.each<[string, Receipt, string[]]>([
    ['none that is as it was ordered and counted', counts('5'), []],
    ['none of which the entries sum to it', counts('5', { entries: [entry('2'), entry('3')] }), []],
    ['none of a millionth', counts('0.000001'), []],
    ['one that was not counted', counted(line(1, 'RM-A', '5')), ['1 5']],
    ['one of which nothing came', counts('0'), ['1 0']],
    ['one of which something else came', counts('5', { entries: [entry('4')] }), ['1 5']],
    ['one that was counted in another unit', counts('5', { entries: [entry('5', { unit: 'g' })] }), ['1 5']],
    ['one for another line of its order', counts('5', { orderLine: 2 }), ['1 5']],
    ['none of a receipt without an order', { ...counts('5', { orderLine: null }), orderId: null }, []],
  ])('%s', (_title, of, expected) =>
    expect(
      receiptValidated(of, []).data.differences?.map(
        ({ documentLine, expected: quantity }) => `${documentLine} ${quantity}`,
      ),
    ).toEqual(expected),
  )
})
