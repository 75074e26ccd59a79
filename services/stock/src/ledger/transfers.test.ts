import { describe, expect, test } from '@jest/globals'
import { balances, decideAndStore, demand, location, posting, product, warehouse } from '../../test/builders.ts'
import type { WorkingSet } from './working-set.ts'

/** 10 of PX and of lot L1, and serial number S1, at WH/A. */
function stocked(): WorkingSet {
  const workingSet = warehouse(
    [
      product('PX', { unit: 'unit', unitDecimals: 0 }),
      product('RM'),
      product('ML', { tracking: 'lot' }),
      product('SN', { tracking: 'serial', unit: 'unit', unitDecimals: 0 }),
    ],
    [location('WH/A'), location('W2/A')],
  )
  decideAndStore(
    workingSet,
    posting('receipt', [
      { sku: 'PX', quantity: '10' },
      { sku: 'ML', quantity: '10', lot: 'L1' },
      { sku: 'SN', quantity: '1', lot: 'S1' },
    ]),
  )
  return workingSet
}

describe('T2: to the ledger a transfer is lines from here to there, as all documents are', () => {
  test('a transfer leaves for transit and arrives from there, with its lot and its serial number', () => {
    const workingSet = stocked()
    const goods = [
      { sku: 'ML', quantity: '4', lot: 'L1' },
      { sku: 'SN', quantity: '1', lot: 'S1' },
    ]
    const transfer = (way: { from: string; to: string }) =>
      posting(
        'transfer',
        goods.map((line) => ({ ...line, ...way })),
      )
    decideAndStore(workingSet, transfer({ from: 'WH/A', to: 'Virtual/Transit' }))
    expect(balances(workingSet)).toMatchObject({ 'WH/A ML L1': '6', 'Virtual/Transit ML L1': '4' })
    const { outcomes } = decideAndStore(workingSet, transfer({ from: 'Virtual/Transit', to: 'W2/A' }))
    expect(outcomes).toMatchObject([{ outcome: 'posted', moves: [{ quantityText: '4' }, { quantityText: '1' }] }])
    expect(balances(workingSet)).toMatchObject({ 'WH/A ML L1': '6', 'W2/A ML L1': '4', 'W2/A SN S1': '1' })
    expect(balances(workingSet)).not.toHaveProperty(['Virtual/Transit ML L1'])
  })

  test('a transfer leaves what is reserved for deliveries, and brings no lot that nobody knows', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, demand(1, [['PX', '8']]))
    const lines = [
      { sku: 'PX', quantity: '3', from: 'WH/A', to: 'Virtual/Transit' },
      { sku: 'ML', quantity: '1', lot: 'L9', from: 'Virtual/Transit', to: 'WH/A' },
      { sku: 'RM', quantity: '1', from: 'Virtual/Vendors', to: 'WH/A' },
    ]
    const [refused] = decideAndStore(workingSet, posting('transfer', lines)).outcomes
    expect(refused).toMatchObject({
      outcome: 'refused',
      faults: [{ code: 'reserved-for-others' }, { code: 'unknown-lot' }, { code: 'location-not-internal' }],
    })
  })
})
