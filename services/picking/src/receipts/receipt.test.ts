import { describe, expect, test } from '@jest/globals'
import { referenceData, counted, entry, line, receipt } from '../../test/builders.ts'
import { discrepancies, flagOf, isEmpty, locationsOfReceipt, namesOn, nextLineNumber } from './receipt.ts'
import { receiptView } from './receipt.view.ts'

describe('G2 A line is flagged', () => {
  test.each([
    ['100', '100', 'in_progress', 'OK'],
    ['50', '48', 'in_progress', 'Short 2'],
    ['50', '53', 'in_progress', 'Over 3'],
    ['50', '49.75', 'in_progress', 'Short 0.25'],
    ['0', '7', 'in_progress', 'Unexpected'],
    ['50', '0', 'in_progress', 'Short 50'],
    ['50', null, 'draft', null],
    ['50', null, 'in_progress', null],
    ['50', null, 'cancelled', null],
    ['50', null, 'in_review', 'Short 50'],
    ['50', null, 'posting', 'Short 50'],
    ['50', null, 'done', 'Short 50'],
  ] as const)('%s expected, %s received, %s: %s', (expected, received, status, flag) =>
    expect(flagOf(line(1, 'RM-A', expected, received), status)).toBe(flag),
  )
})

describe('G2 A line of which another lot came than was announced is flagged', () => {
  test.each([
    ['none announced', '10', ['L2'], null, 'OK'],
    ['the one that was announced', '10', ['L1'], 'L1', 'OK'],
    ['another', '10', ['L2'], 'L1', 'Other lot'],
    ['another beside it', '10', ['L1', 'L2'], 'L1', 'Other lot'],
    ['another, and less', '9', ['L2'], 'L1', 'Short 1, other lot'],
    ['of what is not kept in lots', '10', [null], 'L1', 'OK'],
    ['not counted, on a line that is', '10', null, 'L1', 'OK'],
    ['not counted', null, [], 'L1', null],
  ])('%s', (_what, received, lots, announced, flag) => {
    const entries = lots?.map((lot) => entry('1', { lot })) ?? null
    expect(flagOf(line(1, 'LOT', '10', received, { entries }), 'in_progress', announced)).toBe(flag)
  })

  test('and needs no review for that alone', () => {
    const other = line(1, 'LOT', '10', '10', { entries: [entry('10', { lot: 'L2' })] })
    expect(
      discrepancies({ ...counted(other), details: { order: {}, lines: { 1: { lot: 'L1' } } } }, referenceData),
    ).toEqual([])
  })
})

describe('G3 What needs a supervisor', () => {
  test.each([
    ['nothing that is right', line(1, 'RM-A', '100', '100'), false],
    ['short', line(1, 'RM-A', '100', '99.999'), true],
    ['over', line(1, 'RM-A', '100', '100.001'), true],
    ['unexpected', line(1, 'RM-A', '0', '1'), true],
    ['an unexpected product of which nothing came after all', line(1, 'RM-A', '0', '0'), false],
    ['what was not counted', line(1, 'RM-A', '100'), true],
    ['by a millionth', line(1, 'RM-A', '100', '100.000001'), true],
    ['of a product that is not known', line(1, 'NEW', '100', '99.999999'), true],
    ['of the least, by as much as its tolerance', line(1, 'RM-T', '0.00004', '0.000039'), false],
    ['exactly as much as is tolerated', line(1, 'RM-T', '100', '97.5'), false],
    ['more than is tolerated', line(1, 'RM-T', '100', '97.499'), true],
    ['over within the tolerance', line(1, 'RM-T', '100', '102.5'), false],
    ['over by more', line(1, 'RM-T', '100', '102.501'), true],
    ['unexpected, which no tolerance covers', line(1, 'RM-T', '0', '0.001'), true],
  ])('%s', (_title, one, expected) => expect(discrepancies(counted(one), referenceData).length > 0).toBe(expected))
})

describe('G2 A receipt', () => {
  test('is empty until something came', () => {
    expect(isEmpty(receipt())).toBe(true)
    expect(isEmpty(counted(line(1, 'RM-A', '100', '0')))).toBe(true)
    expect(isEmpty(counted(line(1, 'RM-A', '100', '0'), line(2, 'RM-B', '50', '1')))).toBe(false)
  })

  test('touches its destination and those of its entries', () => {
    const entries = line(1, 'RM-A', '5', '5').entries?.map((each) => ({ ...each, destination: 'WH/Stock/A1-03' })) ?? []
    expect(locationsOfReceipt(counted(line(1, 'RM-A', '5', '5', { entries })))).toEqual(['WH/Stock', 'WH/Stock/A1-03'])
  })

  test('touches its destination alone until something is counted', () => {
    expect(locationsOfReceipt(receipt())).toEqual(['WH/Stock'])
    expect(locationsOfReceipt(counted(line(1, 'RM-A', '5', '5')))).toEqual(['WH/Stock'])
  })

  test('names products and units, also those of entries', () => {
    const of = counted(line(1, 'RM-A', '5'), line(2, 'RM-B', '1', '1', { entries: [entry('1', { unit: 'g' })] }))
    expect(namesOn(of)).toEqual([
      { sku: 'RM-A', unit: 'kg' },
      { sku: 'RM-B', unit: 'kg' },
      { sku: 'RM-B', unit: 'g' },
    ])
  })

  test('numbers a new line after all others', () => {
    expect(nextLineNumber([])).toBe(1)
    expect(nextLineNumber([{ line: 10 }, { line: 20 }])).toBe(21)
  })
})

describe('R4 Prices and costs are not shown to everybody', () => {
  const shown = counted(line(1, 'RM-A', '100', '100'))
  test('to those who may see them', () => {
    const view = receiptView.answer(shown, [], true)
    expect(view).toMatchObject({ currency: 'USD', lines: [{ unitPrice: '2.50', unitCost: null }] })
    expect(view.lines[0]?.entries[0]).toMatchObject({ unitCost: null })
  })
  test('and not to others', () =>
    expect(JSON.stringify(receiptView.answer(shown, [], false))).not.toMatch(/unitPrice|unitCost|currency|"2\.50"/))
  test('a list shows none', () => expect(JSON.stringify(receiptView.summary(shown))).not.toMatch(/"2\.50"|lines/))
})
