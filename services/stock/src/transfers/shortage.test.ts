import { describe, expect, test } from '@jest/globals'
import { formatQuantity, parseQuantity, zero } from '@stockline/amounts'
import { decideAndStore, demand, location, product, transfer, uuid } from '../../test/builders.ts'
import { stocked } from '../../test/transfer-builders.ts'
import type { LedgerLot } from '../ledger/reference.ts'
import type { UnreservedStock } from '../reservations/shortage.ts'
import { missingOfTransfer, transferShortage } from './shortage.ts'
import type { Transfer } from './transfer.ts'

type Lines = Parameters<typeof transfer>[1]

describe('T2: what a transfer that waits lacks', () => {
  test.each<[string, Lines, string[]]>([
    ['what is more than there is below its source', [['PX', '16']], ['PX 16 15']],
    ['of two lines what both ask for', [['PX', '9'], ['PX', '7']], ['PX 16 15']], // prettier-ignore
    ['not what is all there, where another product is short', [['PX', '15'], ['RM', '1']], ['RM 1 0']], // prettier-ignore
    ['no lot that has expired, where any will do', [['ML', '8']], ['ML 8 7']],
    ['one that is named has it', [['ML', '3', 'L3']], ['ML L3 3 2']],
    ['a lot, where others of the product are there', [['ML', '5', 'L1']], ['ML L1 5 4']],
    ['of a lot and of any, each there, and not both', [['ML', '4', 'L1'], ['ML', '4']], ['ML L1 4 4', 'ML 4 7']], // prettier-ignore
  ])('%s', (_, lines, expected) => {
    const workingSet = stocked()
    decideAndStore(workingSet, transfer(1, lines))
    const missing = missingOfTransfer(workingSet, workingSet.transfers.get(uuid(1))!)
    expect(
      missing.map(({ product: { sku }, lot, ...one }) =>
        [sku, ...(lot === null ? [] : [lot]), formatQuantity(one.missing), formatQuantity(one.available)].join(' '),
      ),
    ).toEqual(expected)
  })

  test('nothing that is reserved is there for it', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, demand(9, [['PX', '14']]), transfer(1, [['PX', '2']]))
    const [missing] = missingOfTransfer(workingSet, workingSet.transfers.get(uuid(1))!)
    expect(missing).toMatchObject({ missing: parseQuantity('2'), available: parseQuantity('1') })
  })
})

describe('T2: where stock lies that a transfer lacks and cannot take', () => {
  const waits = { documentId: uuid(1), warehouse: 'WH', source: 'WH/Stock', destination: 'WH/Stock/Shop' } as Transfer
  const lot = (code: string, more: Partial<LedgerLot> = {}): LedgerLot => ({
    ...{ id: code, productId: 'product-ML', code, expiresOn: null, held: null, onHand: zero.quantity },
    ...more,
  })
  const [old, held] = [lot('L1', { expiresOn: '2026-04-19' }), lot('L1', { held: 'dirt' })]
  const stock = (code: string, more: Partial<UnreservedStock> = {}): UnreservedStock => ({
    ...{ location: location(code), lot: null, status: 'available', quantity: parseQuantity('1') },
    ...more,
  })
  const at = (code: string, more: Parameters<typeof location>[1]) => stock(code, { location: location(code, more) })

  test.each<[string, UnreservedStock, string | null, string[]]>([
    ['not what it could take', stock('WH/Stock/A'), null, []],
    ['nor from where deliveries reserve nothing', at('WH/Stock/A', { reservable: false }), null, []],
    ['outside of its source', stock('WH/Input'), null, ['outside-source WH/Input']],
    ['whatever it is there', stock('WH/Input', { status: 'damaged', lot: old }), null, ['outside-source WH/Input L1']],
    ['at its destination, within the source', stock('WH/Stock/Shop/1'), null, ['outside-source WH/Stock/Shop/1']],
    ['in a closed place', at('WH/Stock/A', { active: false }), null, ['location-inactive WH/Stock/A']],
    ['in another status', stock('WH/Stock/A', { status: 'damaged' }), null, ['status WH/Stock/A damaged']],
    ['what has expired', stock('WH/Stock/A', { lot: old }), null, ['expired WH/Stock/A L1 2026-04-19']],
    ['what is held', stock('WH/Stock/A', { lot: held }), null, ['held WH/Stock/A L1']],
    ['not so where the lot is named', stock('WH/Stock/A', { lot: held }), 'L1', []],
    ['nor what has expired', stock('WH/Stock/A', { lot: old }), 'L1', []],
    ['the named lot in another status', stock('WH/Stock/A', { lot: held, status: 'damaged' }), 'L1', ['status WH/Stock/A L1 damaged']], // prettier-ignore
    ['another lot than the named one', stock('WH/Stock/A', { lot: lot('L1') }), 'L2', ['other-lot WH/Stock/A L1']],
    ['not one that could not be taken anyway', stock('WH/Stock/A', { lot: held }), 'L2', []],
    ['nor one outside of the source', stock('WH/Input', { lot: lot('L1') }), 'L2', []],
    ['in another warehouse', stock('W2/Stock'), null, ['other-warehouse W2']],
  ])('%s', (_, one, asked, expected) => {
    const missing = { product: product('ML'), lot: asked, missing: parseQuantity('1'), available: zero.quantity }
    const { outOfReach } = transferShortage(waits, missing, [one], [], '2026-04-20')
    expect(
      outOfReach.map((told) =>
        [told.why, told.location, told.lot, told.expiresOn, told.status, told.warehouse]
          .filter((part) => part !== undefined)
          .join(' '),
      ),
    ).toEqual(expected)
  })

  test('what deliveries have reserved', () => {
    const missing = { product: product('PX'), lot: null, missing: parseQuantity('1'), available: zero.quantity }
    const reserved = [{ documentId: uuid(2), number: 'WH/OUT/00002', lot: null, quantity: parseQuantity('3') }]
    expect(transferShortage(waits, missing, [], reserved, '2026-04-20').outOfReach).toEqual([
      { quantity: parseQuantity('3'), why: 'reserved', number: 'WH/OUT/00002' },
    ])
  })
})
