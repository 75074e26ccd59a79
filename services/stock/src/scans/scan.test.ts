import { describe, expect, test } from '@jest/globals'
import { ratio } from '@stockline/amounts'
import type { ScannedPackage } from '../packages/package.ts'
import { meaningOfScan, ratiosOf, readScans, totalsBySku, textsOf, type CodedProduct, type KnownCodes } from './scan.ts'

const gtin = '09506000134352'
const one = ratio(1n, 1n)
const coded = (sku: string, unit: string, unitDecimals: number, ...ratios: [string, ReturnType<typeof ratio>][]) =>
  ({
    sku,
    name: `Product ${sku}`,
    unit,
    unitDecimals,
    ratios: new Map([[unit, one], ...ratios]),
  }) satisfies CodedProduct

const px = coded('PX', 'unit', 0, ['carton', ratio(24n, 1n)])
const kg = coded('KG', 'kg', 3, ['g', ratio(1n, 1000n)])
const pallet: ScannedPackage = {
  ...{ sscc: '095060052601815901', number: 'WH/PAC/00001', status: 'closed', document: 'WH/OUT/00042', more: 0 },
  contents: [{ documentLine: 1, sku: 'PX', lot: null, quantity: '4', unit: 'unit' }],
}
const known: KnownCodes = {
  locations: new Map([
    ['WH/A', 'WH/A'],
    ['BOTH', 'WH/B'],
  ]),
  products: new Map([
    ['PX', { product: px, unit: null }],
    ['BOTH', { product: px, unit: null }],
    ['4006381333931', { product: px, unit: null }],
    ['14006381333938', { product: px, unit: 'carton' }],
    ['PALLET', { product: px, unit: 'pallet' }],
    [gtin, { product: kg, unit: null }],
  ]),
  lots: new Map([
    ['L1', [{ product: kg, code: 'L1', expiresOn: '2027-01-31' }]],
    ['L0', [{ product: kg, code: 'L0', expiresOn: null }]],
    ['TWO', [kg, px].map((product) => ({ product, code: 'TWO', expiresOn: null }))],
    ['SAME', [kg, kg].map((product) => ({ product, code: 'SAME', expiresOn: null }))],
    ['PX', [{ product: kg, code: 'PX', expiresOn: null }]],
  ]),
  packages: new Map([['095060052601815901', pallet]]),
}
const meaning = (code: string) => meaningOfScan(readScans([code], 2026)[0]!, known)
const shownPx = { sku: 'PX', name: 'Product PX', unit: 'unit', packQuantity: '1' }

describe('what a code means, by the first that it literally is', () => {
  test.each([
    ['a place', 'WH/A', { kind: 'location', location: 'WH/A' }],
    ['a package by its label', ']C100095060052601815901', { kind: 'package', sscc: pallet.sscc, document: pallet.document, elements: [{ identifier: '00' }] }], // prettier-ignore
    ['a package by its digits', '095060052601815901', { kind: 'package', sscc: pallet.sscc, package: { number: pallet.number, contents: pallet.contents } }], // prettier-ignore
    ['a package that is not known', ']C100095060000000000015', { kind: 'gs1', sscc: '095060000000000015' }],
    ['a place before a product', 'BOTH', { kind: 'location', location: 'WH/B' }],
    ['a product before a lot', 'PX', { kind: 'product', product: shownPx }],
    ['with space around it', ' PX ', { kind: 'product', product: shownPx }],
    ['a barcode, with its GTIN', '4006381333931', { kind: 'product', product: shownPx, gtin: '04006381333931' }],
    ['a pack', '14006381333938', { kind: 'product', product: { packQuantity: '24' } }],
    ['a pack of a unit that it has no more', 'PALLET', { kind: 'product', product: { packQuantity: '1' } }],
    ['a lot', 'L1', { kind: 'lot', lot: 'L1', expiresOn: '2027-01-31', product: { sku: 'KG' } }],
    ['nothing that is known', 'NOBODY', { kind: 'unknown', problems: [] }],
  ])('%s', (_title, code, expected) => {
    expect(meaning(code)).toMatchObject({ problems: [], ...expected })
  })

  test('a lot that does not expire says nothing of it', () => {
    expect(meaning('L0')).not.toHaveProperty('expiresOn')
  })

  test('a lot of two products confirms neither', () => {
    const expected = { kind: 'lot', lot: 'TWO', problems: ['"TWO" may be of KG or of PX.'] }
    expect(meaning('TWO')).toEqual({ code: 'TWO', ...expected })
    expect(meaning('SAME')).toMatchObject({ problems: ['"SAME" may be of KG.'] })
  })
})

describe('what a GS1 code says', () => {
  const gs = '\u001d'
  test('goods by their number in any length, with lot, dates and what the label weighs', () => {
    const found = meaning(`]C101${gtin}31030012501727013110AB-1${gs}21S9`)
    expect(found).toMatchObject({
      kind: 'gs1',
      gtin,
      lot: 'AB-1',
      serial: 'S9',
      expiresOn: '2027-01-31',
      quantity: '1.25',
      product: { sku: 'KG', packQuantity: '1' },
      problems: [],
    })
    expect(found.elements?.map(({ identifier }) => identifier)).toEqual(['01', '3103', '17', '10', '21'])
    expect(found).not.toHaveProperty('sscc')
    expect(found).not.toHaveProperty('bestBefore')
  })

  test('a label in another unit than the product is kept in is a problem, and no quantity', () => {
    const found = meaningOfScan(readScans([`01${gtin}3103001250`], 2026)[0]!, {
      ...known,
      products: new Map([[gtin, { product: px, unit: null }]]),
    })
    expect(found).not.toHaveProperty('quantity')
    expect(found.problems).toEqual([expect.stringMatching(/^The label says 1\.25.*; PX is kept in unit\.$/)])
  })

  test('goods that nobody knows are a problem; a number alone too, and it has no elements', () => {
    expect(meaning('0104012345678901')).toMatchObject({ problems: ['No product has the GTIN 04012345678901.'] })
    const number = meaning('4012345678901')
    expect(number).toMatchObject({ kind: 'unknown', problems: [expect.stringMatching(/^No product has the GTIN/)] })
    expect(number).not.toHaveProperty('elements')
  })

  test('an SSCC is no goods: nothing is missed', () => {
    expect(meaning(']C100106141412345678908')).toMatchObject({ kind: 'gs1', sscc: '106141412345678908', problems: [] })
  })
})

test('texts to look for are the codes, and numbers in all their lengths, each once', () => {
  const texts = textsOf(readScans(['PX', 'PX', '4006381333931'], 2026))
  expect(texts.filter((text) => text === 'PX')).toHaveLength(1)
  expect(texts).toEqual(expect.arrayContaining(['4006381333931', '04006381333931']))
})

describe('what codes add up to', () => {
  test('what the label says, else a pack each; nothing of what has a problem', () => {
    const meanings = ['PX', '14006381333938', `01${gtin}3103001250`, 'TWO', 'WH/A', 'NOBODY'].map(meaning)
    expect(totalsBySku(meanings)).toEqual([
      { sku: 'PX', quantity: '25' },
      { sku: 'KG', quantity: '1.25' },
    ])
  })
})

describe('how many base units a unit is', () => {
  const units = [
    { code: 'kg', reference: 'kg', ratio: one },
    { code: 'g', reference: 'kg', ratio: ratio(1n, 1000n) },
    { code: 't', reference: 'kg', ratio: ratio(1000n, 1n) },
    { code: 'unit', reference: 'unit', ratio: one },
  ]
  const shown = (base: string, own: Parameters<typeof ratiosOf>[2] = []) =>
    [...ratiosOf(base, units, own)].map(
      ([code, { numerator, denominator }]) => `${code} ${String(numerator)}/${String(denominator)}`,
    )

  test.each([
    ['the reference', 'kg', ['kg 1/1', 'g 1/1000', 't 1000/1']],
    ['another of the family', 'g', ['g 1/1', 'kg 1000/1', 't 1000000/1']],
    ['one that nobody knows', 'roll', ['roll 1/1']],
  ])('%s', (_title, base, expected) => expect(shown(base).sort()).toEqual([...expected].sort()))

  test('its own units go before', () => {
    const own = [
      { unit: 'box', ratio: ratio(24n, 1n) },
      { unit: 'g', ratio: ratio(7n, 1n) },
    ]
    expect(shown('unit', own)).toEqual(['unit 1/1', 'box 24/1', 'g 7/1'])
  })
})
