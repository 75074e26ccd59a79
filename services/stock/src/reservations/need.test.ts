import { describe, expect, test } from '@jest/globals'
import { decideAndStore, need, place, posting, product, uuid, warehouse } from '../../test/builders.ts'
import type { Picture } from '../ledger/picture.ts'

const outcomes = (decision: ReturnType<typeof decideAndStore>) =>
  decision.outcomes.map((one) =>
    one.outcome === 'reserved' ? `reserved ${one.need.number.slice(-1)}${one.complete ? '' : ' in part'}` : one.outcome,
  )

describe('more picks than one event holds', () => {
  const scattered = (): Picture => {
    const products = [product('ML', { tracking: 'lot' }), product('SN', { tracking: 'serial' })]
    const picture = warehouse(products, [place('WH/A')])
    const lots = Array.from({ length: 2001 }, (_, index) => ({ sku: 'ML', quantity: '1', lot: `L${String(index)}` }))
    decideAndStore(picture, posting('receipt', lots))
    return picture
  }

  test('a whole delivery waits for stock that lies together, and holds nothing', () => {
    const picture = scattered()
    expect(outcomes(decideAndStore(picture, need(1, [['ML', '2001']])))).toEqual(['reserved 1 in part'])
    expect(picture.needs.get(uuid(1))?.claims).toEqual([])
    expect(outcomes(decideAndStore(picture, need(2, [['ML', '2000']])))).toEqual(['reserved 2'])
    const together = decideAndStore(
      picture,
      posting('receipt', [{ sku: 'ML', quantity: '2000', lot: 'M', expiresOn: '2026-05-01' }]),
    )
    expect(outcomes(together)).toEqual(['posted', 'reserved 1'])
    expect(picture.needs.get(uuid(1))?.claims).toMatchObject([{ quant: { lot: { code: 'M' } } }, {}])
  })

  test('one that allows part has as much as can be told', () => {
    const picture = scattered()
    const part = decideAndStore(picture, need(1, [['ML', '2001']], { allowPartial: true }))
    expect(outcomes(part)).toEqual(['reserved 1 in part'])
    expect(picture.needs.get(uuid(1))?.claims).toHaveLength(2000)
    decideAndStore(picture, posting('delivery', [{ sku: 'ML', quantity: '1', lot: 'L0' }], { documentId: uuid(1) }))
    expect(outcomes(decideAndStore(picture, need(2, [['ML', '2000']])))).toEqual(['reserved 2'])
  })

  test('serial numbers beyond it are refused at once, but where part is allowed', () => {
    const picture = scattered()
    expect(decideAndStore(picture, need(1, [['SN', '2001']])).outcomes).toMatchObject([
      { outcome: 'refused', code: 'too-many-serial-numbers' },
    ])
    const part = need(2, [['SN', '2001']], { allowPartial: true })
    expect(outcomes(decideAndStore(picture, part))).toEqual(['reserved 2 in part'])
  })
})
