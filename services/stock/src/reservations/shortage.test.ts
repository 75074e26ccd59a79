import { describe, expect, test } from '@jest/globals'
import { formatQuantity, parseQuantity, zero } from '@stockline/amounts'
import { decideAndStore, demand, location, product, uuid, warehouse } from '../../test/builders.ts'
import { received } from '../../test/reservations-builders.ts'
import type { LedgerLot } from '../ledger/reference.ts'
import { missingOf, shortageOf, type MissingProduct, type OutOfReach, type UnreservedStock } from './shortage.ts'

const products = [product('PX'), product('PY'), product('ML', { tracking: 'lot' })]
const lot = (code: string, expiresOn: string | null = null, held: string | null = null): LedgerLot => ({
  ...{ id: code, productId: 'product-ML', code, expiresOn, held, onHand: zero.quantity },
})

/** What a delivery lacks of 5 PX at A, 3 of lot L1 and 1 of L2 at B, as `sku lot missing available`. */
type Lines = readonly (readonly [sku: string, quantity: string, lot?: string])[]

function lacking(lines: Lines): readonly string[] {
  const workingSet = warehouse(products, [location('WH/A'), location('WH/B')])
  decideAndStore(
    workingSet,
    received('PX', '5'),
    received('ML', '3', 'WH/B', { lot: 'L1' }),
    received('ML', '1', 'WH/B', { lot: 'L2' }),
    demand(1, lines),
  )
  return missingOf(workingSet, workingSet.demands.get(uuid(1))!).map(
    ({ product: { sku }, lot: of, missing, available }) =>
      [sku, of, formatQuantity(missing), formatQuantity(available)].filter((part) => part !== null).join(' '),
  )
}

describe('what a delivery lacks', () => {
  test.each<[string, Lines, string[]]>([
    ['nothing, where all is reserved', [['PX', '5']], []],
    ['what is more than there is', [['PX', '6']], ['PX 6 5']],
    ['of two lines what both ask for', [['PX', '4'], ['PX', '3']], ['PX 7 5']], // prettier-ignore
    ['not what is all there, where another product is short', [['PX', '5'], ['PY', '1']], ['PY 1 0']], // prettier-ignore
    ['a lot, where others of the product are there', [['ML', '2', 'L2']], ['ML L2 2 1']],
    ['of a lot and of any, each there, and not both', [['ML', '3', 'L1'], ['ML', '2']], ['ML L1 3 3', 'ML 2 4']], // prettier-ignore
  ])('%s', (_, lines, expected) => expect(lacking(lines)).toEqual(expected))

  test('what a delivery has in part is not missing', () => {
    const workingSet = warehouse(products, [location('WH/A')])
    decideAndStore(workingSet, received('PX', '5'), demand(1, [['PX', '6']], { allowPartial: true }))
    const [missing] = missingOf(workingSet, workingSet.demands.get(uuid(1))!)
    expect(missing).toMatchObject({ missing: parseQuantity('1'), available: 0n })
  })

  test('what is picked of it is not missing, where each is there, and not all together', () => {
    const workingSet = warehouse(products, [location('WH/A')])
    const lines: Lines = [['PX', '5'], ['ML', '3', 'L1'], ['ML', '1']] // prettier-ignore
    decideAndStore(workingSet, received('PX', '5'), received('ML', '3', 'WH/A', { lot: 'L1' }), demand(1, lines))
    const waiting = workingSet.demands.get(uuid(1))!
    const allocations = [{ line: 1, quantity: parseQuantity('5') }] as never
    expect(
      missingOf(workingSet, { ...waiting, allocations }).map(({ product: { sku }, lot: of }) => [sku, of]),
    ).toEqual([
      ['ML', 'L1'],
      ['ML', null],
    ])
  })

  test('at most 20 products', () => {
    const many = Array.from({ length: 21 }, (_, index) => product(`P${String(index)}`))
    const workingSet = warehouse(many, [location('WH/A')])
    decideAndStore(workingSet, demand(1, many.map(({ sku }) => [sku, '1']))) // prettier-ignore
    expect(missingOf(workingSet, workingSet.demands.get(uuid(1))!)).toHaveLength(20)
  })
})

const px: MissingProduct = {
  product: products[0]!,
  lot: null,
  missing: parseQuantity('9'),
  available: parseQuantity('1'),
}
const stock = (code: string, q: string, more: Partial<UnreservedStock> = {}): UnreservedStock => ({
  ...{ location: location(code), lot: null, status: 'available' as const, quantity: parseQuantity(q), ...more },
})
const shown = ({ quantity, why, location: at, lot: of, expiresOn, status, warehouse: other, number }: OutOfReach) =>
  [formatQuantity(quantity), why, at, of, expiresOn, status, other, number]
    .filter((part) => part !== undefined)
    .join(' ')

describe('where stock lies that it cannot have', () => {
  test.each<[string, UnreservedStock[], string | null, string[]]>([
    ['not what it could have', [stock('WH/A', '1')], null, []],
    ['a place that nothing is reserved at', [stock('WH/Out', '1', { location: location('WH/Out', { reservable: false }) })], null, ['1 not-reservable WH/Out']], // prettier-ignore
    ['a status, named', [stock('WH/A', '1', { status: 'damaged' })], null, ['1 status WH/A damaged']],
    ['a lot that has expired, with its date', [stock('WH/A', '1', { lot: lot('L1', '2026-04-19') })], null, ['1 expired WH/A L1 2026-04-19']], // prettier-ignore
    ['a lot that is held, whether it has expired or not', [stock('WH/A', '1', { lot: lot('L1', '2026-04-19', 'dirt') })], null, ['1 held WH/A L1']], // prettier-ignore
    ['the date of no lot that is good', [stock('WH/A', '1', { lot: lot('L1', '2027-01-01'), status: 'damaged' })], null, ['1 status WH/A L1 damaged']], // prettier-ignore
    ['of one size, in the order in which they are told', [stock('WH/B', '1', { status: 'damaged' }), stock('WH/A', '1', { status: 'damaged' })], null, ['1 status WH/B damaged', '1 status WH/A damaged']], // prettier-ignore
    ['not one that expires today', [stock('WH/A', '1', { lot: lot('L1', '2026-04-20') })], null, []],
    ['other lots, where one is asked for', [stock('WH/A', '1', { lot: lot('L1') }), stock('WH/A', '2', { lot: lot('L2') })], 'L2', ['1 other-lot WH/A L1']], // prettier-ignore
    ['other warehouses, each summed, the largest first', [stock('W2/A', '1'), stock('W3/A', '4'), stock('W2/B', '2')], null, ['4 other-warehouse W3', '3 other-warehouse W2']], // prettier-ignore
    [
      'another warehouse: not what could not be had there either',
      [stock('W2/A', '1', { status: 'blocked' })],
      null,
      [],
    ],
    ['another warehouse: not other lots', [stock('W2/A', '1', { lot: lot('L1') })], 'L2', []],
    [
      'not what is in no warehouse',
      [stock('Virtual/Loss', '1', { location: location('V', { warehouse: null }) })],
      null,
      [],
    ],
  ])('%s', (_, unreserved, asked, expected) => {
    const { outOfReach, more } = shortageOf({ documentId: uuid(1), warehouse: 'WH' }, { ...px, lot: asked }, unreserved, [], '2026-04-20') // prettier-ignore
    expect(outOfReach.map(shown)).toEqual(expected)
    expect(more).toBe(0)
  })

  test('what others have reserved, of the lot that is asked for; the ten largest, and how many more', () => {
    const of = (n: number, q: string, code: string | null = 'L1') => ({ documentId: uuid(n), number: `D${String(n)}`, lot: code, quantity: parseQuantity(q) }) // prettier-ignore
    const reserved = [of(1, '50'), of(2, '7', 'L2'), ...Array.from({ length: 12 }, (_, index) => of(index + 3, String(index + 1)))] // prettier-ignore
    const asked = { ...px, lot: 'L1' }
    const { outOfReach, more } = shortageOf({ documentId: uuid(1), warehouse: 'WH' }, asked, [], reserved, '2026-04-20')
    expect([shown(outOfReach[0]!), shown(outOfReach[9]!), outOfReach.length, more]).toEqual([
      '12 reserved D14',
      '3 reserved D5',
      10,
      2,
    ])
  })
})
