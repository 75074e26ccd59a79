import { describe, expect, test } from '@jest/globals'
import { parseUnitPrice } from '@stockline/amounts'
import { counted, entry, line, receipt } from '../../test/builders.ts'
import { receiptView } from './receipt.view.ts'

const cost = parseUnitPrice('3.5')
const at = new Date('2026-04-24T08:00:00Z')

describe('a receipt as it is answered', () => {
  test('a draft: nothing is counted', () => {
    expect(receiptView.answer(receipt(), [], false)).toMatchObject({
      number: 'WH/IN/00042',
      status: 'draft',
      source: 'PO-2026-001',
      createdAt: '2026-04-20T08:00:00.000Z',
      effectiveAt: null,
      position: null,
      history: [],
      lines: [
        { line: 1, sku: 'RM-A', expected: '100', received: null, unit: 'kg', flag: null, entries: [] },
        { line: 2, received: null, entries: [] },
      ],
    })
  })

  test('counted, and posted', () => {
    const entries = [entry('60', { destination: 'WH/Stock/A1-03', lot: 'L1', expiresOn: '2027-01-01' }), entry('38')]
    const done = { ...counted(line(1, 'RM-A', '100', '98', { entries })), status: 'done', position: 17n } as const
    expect(receiptView.answer({ ...done, effectiveAt: at }, [], false)).toMatchObject({
      effectiveAt: '2026-04-24T08:00:00.000Z',
      position: '17',
      lines: [
        {
          received: '98',
          flag: 'Short 2',
          entries: [
            { quantity: '60', unit: 'kg', lot: 'L1', expiresOn: '2027-01-01', destination: 'WH/Stock/A1-03' },
            { quantity: '38', lot: null, expiresOn: null, destination: 'WH/Stock' },
          ],
        },
      ],
    })
  })

  test('zero that was counted is a count', () => {
    expect(receiptView.answer(counted(line(1, 'RM-A', '100', '0')), [], false).lines[0]).toMatchObject({
      received: '0',
    })
  })

  test('prices and costs for those alone who may see them', () => {
    const entries = [entry('1', { unitCost: cost }), entry('1')]
    const of = counted(
      line(1, 'RM-A', '2', '2', { entries, unitCost: cost }),
      line(2, 'RM-B', '1', null, { unitPrice: null }),
    )
    expect(receiptView.answer(of, [], true)).toMatchObject({
      currency: 'USD',
      lines: [
        { unitPrice: '2.50', unitCost: '3.50', entries: [{ unitCost: '3.50' }, { unitCost: null }] },
        { unitPrice: null, unitCost: null },
      ],
    })
    expect(JSON.stringify(receiptView.answer(of, [], false))).not.toMatch(/currency|unitPrice|unitCost/)
  })
})
