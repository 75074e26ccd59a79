import { describe, expect, test } from '@jest/globals'
import { formatQuantity } from '@stockline/amounts'
import { decideAndStore, location, posting, product, quantsOf, warehouse } from '../../test/builders.ts'
import { received } from '../../test/reservations-builders.ts'
import type { WorkingSet } from './working-set.ts'

function stocked(): WorkingSet {
  const workingSet = warehouse(
    [product('PX'), product('ML', { tracking: 'lot' }), product('SN', { tracking: 'serial' })],
    [location('WH/A'), location('WH/B'), location('WH/Minus', { allowNegative: true })],
  )
  decideAndStore(
    workingSet,
    received('PX', '10'),
    received('ML', '10', 'WH/A', { lot: 'L1', expiresOn: '2026-05-01' }),
    received('ML', '5', 'WH/A', { lot: 'L2' }),
    received('SN', '1', 'WH/A', { lot: 'S1' }),
  )
  return workingSet
}

type Line = Parameters<typeof posting>[1][number]
const split: Line = { sku: 'ML', lot: 'L1', toLot: 'L9', quantity: '4', from: 'WH/A', to: 'WH/A' }

/** What is at WH/A, by lot. */
const lots = (workingSet: WorkingSet) =>
  quantsOf(workingSet)
    .filter(({ onHand, lot, location: { code } }) => onHand !== 0n && lot !== null && code === 'WH/A')
    .map(({ lot, status, onHand }) => `${lot?.code ?? ''} ${formatQuantity(onHand)} ${status} ${lot?.expiresOn ?? ''}`)
    .sort()

describe('a document gives goods another lot', () => {
  test.each<[string, readonly Line[], readonly string[]]>([
    ['a new one, which expires with the old', [split], ['L1 6 available 2026-05-01', 'L9 4 available 2026-05-01']],
    ['one that there is, which stays as it is', [{ ...split, toLot: 'L2' }], ['L1 6 available 2026-05-01', 'L2 9 available ']], // prettier-ignore
    ['in two lines', [split, { ...split, quantity: '6' }], ['L9 10 available 2026-05-01']],
    ['as another status', [{ ...split, toStatus: 'blocked' }], ['L1 6 available 2026-05-01', 'L9 4 blocked 2026-05-01']], // prettier-ignore
  ])('%s', (_, lines, expected) => {
    const workingSet = stocked()
    expect(decideAndStore(workingSet, posting('adjustment', lines)).outcomes).toMatchObject([{ outcome: 'posted' }])
    expect(lots(workingSet)).toEqual(expect.arrayContaining([...expected]))
    const sum = quantsOf(workingSet).reduce(
      (all, { product: of, onHand }) => (of.sku === 'ML' ? all + onHand : all),
      0n,
    )
    expect(sum).toBe(0n)
  })

  test.each<[string, Line, string]>([
    ['its own', { ...split, toLot: 'L1' }, 'moves-nothing'],
    ['more than there is', { ...split, quantity: '11' }, 'not-enough-stock'],
    ['what is not there, though the place may be below zero', { ...split, from: 'WH/Minus', to: 'WH/Minus' }, 'not-enough-stock'], // prettier-ignore
    ['of a product without lots', { ...split, sku: 'PX', lot: null }, 'lot-not-tracked'],
    ['of a serial number', { ...split, sku: 'SN', lot: 'S1', quantity: '1' }, 'lot-not-tracked'],
    ['of a lot that nobody knows', { ...split, lot: 'L7' }, 'unknown-lot'],
  ])('but not %s', (_, line, code) => {
    const workingSet = stocked()
    const before = lots(workingSet)
    expect(decideAndStore(workingSet, posting('adjustment', [line])).outcomes).toMatchObject([{ outcome: 'refused', code }]) // prettier-ignore
    expect(lots(workingSet)).toEqual(before)
    expect(workingSet.lots.get('product-ML')?.has('L9')).toBe(false)
  })
})
