import { describe, expect, test } from '@jest/globals'
import { isRefusal } from '@stockline/service-kit/refusal'
import { location, q } from '../../test/builders.ts'
import { begun, referenceData, delivery, facts, line, pick } from '../../test/deliveries-builders.ts'
import { readScan } from '../scans/scan.ts'
import { goodsScanned, scanGoods, scanPlace, unitsScanned } from './delivery.scan.ts'
import type { Delivery } from './delivery.ts'

const a = 'WH/Stock/A1-03'
const b = 'WH/Stock/B2-01'
const at = (place: string, of: Delivery): Delivery => ({ ...of, scanLocation: place })

function scan(of: Delivery, code: string, quantity?: string) {
  const read = readScan(code, 2026)
  const others = [...referenceData.products.values()].filter(
    (product) =>
      of.lines.every((each) => each.sku !== product.sku) &&
      product.barcodes.some((barcode) => read.barcodes.includes(barcode.code)),
  )
  const found = goodsScanned(of, {
    scan: read,
    referenceData,
    others,
    quantity: quantity === undefined ? undefined : q(quantity),
  })
  if (isRefusal(found)) return found.detail
  return found
    .map((one) => `${one.line} ${one.location} ${'lot' in one ? String(one.lot) : ''} ${one.picked}`)
    .join('; ')
}

const goods = delivery({
  lines: [line(1, 'PX', '30', pick(a, '20', '2'), pick(b, '10')), line(2, 'RM-A', '5', pick(b, '5'))],
})
const lots = begun(
  line(1, 'LOT', '5', pick(a, '2', null, { lot: 'L1', expiresOn: '2026-12-31' }), pick(b, '3', null, { lot: 'L2' })),
)
const oneLot = begun(line(1, 'LOT', '5', pick(a, '5', null, { lot: 'L1', expiresOn: '2026-12-31' })))
const serials = begun(
  line(1, 'SER', '2', pick(a, '1', '1', { lot: 'S1' }), pick(b, '1', null, { lot: 'S2' })),
  line(2, 'PX', '1', pick(a, '1')),
)
/** Two cartons of 24 on one line, five pieces on another. */
const twoUnits = begun(
  { ...line(1, 'PX', '5', pick(a, '5')), unit: 'unit' },
  { ...line(2, 'PX', '48', pick(b, '48')), unit: 'box' },
)
/** Thirty pieces or two cartons: either line takes a carton. */
const piecesFirst = begun(
  { ...line(1, 'PX', '30', pick(a, '30')) },
  { ...line(2, 'PX', '48', pick(b, '48')), unit: 'box' },
)
const cartonsFirst = begun({ ...line(1, 'PX', '48', pick(b, '48')), unit: 'box' }, line(2, 'PX', '30', pick(a, '30')))
const twoLots = begun(
  line(1, 'LOT', '5', pick(a, '5', null, { lot: 'L1' })),
  line(2, 'LOT2', '5', pick(b, '5', null, { lot: 'L1' })),
)
const weighed = begun(line(1, 'KG', '5', pick(b, '5')))
const strange = begun(
  line(1, 'LOT', '5', pick(a, '5', null, { lot: '0104006381333931' })),
  line(2, 'STRANGE', '5', pick(b, '5')),
)
const full = begun(line(1, 'PX', '10', pick(a, '10', '10')))
const gtinPx = '04006381333931'
const gtinLot = '00036000291452'
const gtinSer = '00012345600012'

describe('D3 A scan of goods confirms one pack of a line', () => {
  test.each<[string, Delivery, string, string]>([
    ['a sku', goods, 'RM-A', `2 ${b}  1`],
    ['a barcode, where something is open', goods, '4006381333931', `1 ${a}  3`],
    ['the barcode as GTIN-14', goods, gtinPx, `1 ${a}  3`],
    ['as GS1', goods, `]C101${gtinPx}`, `1 ${a}  3`],
    ['a box: its 24', goods, '14006381333938', `1 ${a}  26`],
    ['a unit that no line names', goods, '12345670', `1 ${a}  14`],
    ['what is not kept in lots has one printed all the same', goods, `]d201${gtinPx}10X9`, `1 ${a}  3`],
    ['at the place scanned before', at(b, goods), '4006381333931', `1 ${b}  1`],
    ['at a place that was not suggested', at('WH/Stock', goods), '4006381333931', `1 WH/Stock  1`],
    ['the next line of the product, once one is full', begun(...full.lines, line(2, 'PX', '1', pick(b, '1'))), '4006381333931', `2 ${b}  1`], // prettier-ignore
    ['the line that a box fits', begun(line(1, 'PX', '1', pick(a, '1')), line(2, 'PX', '24', pick(b, '24'))), '14006381333938', `2 ${b}  24`], // prettier-ignore
    ['a piece, of two lines that of pieces', twoUnits, '4006381333931', `1 ${a}  1`],
    ['a carton, that of cartons', twoUnits, '14006381333938', `2 ${b}  24`],
    ['a piece, though that of cartons is first', cartonsFirst, '4006381333931', `2 ${a}  1`],
    ['a carton, though that of pieces is first', piecesFirst, '14006381333938', `2 ${b}  24`],
    ['where all is picked at the first place, at the next', begun(line(1, 'PX', '30', pick(a, '20', '20'), pick(b, '10'))), 'PX', `1 ${b}  1`], // prettier-ignore
    ['a serial number that is labelled as a lot', serials, `01${gtinSer}10S2`, `1 ${b} S2 1`],
    ['what no line takes whole is spread', twoUnits, `]C102${gtinPx}3750`, `1 ${a}  5; 2 ${b}  45`],
    ['all of both', twoUnits, `]C102${gtinPx}3753`, `1 ${a}  5; 2 ${b}  48`],
    ['a lot', lots, 'L2', `1 ${b} L2 1`],
    ['a lot by GS1', lots, `(01)${gtinLot}(10)L1(17)261231`, `1 ${a} L1 1`],
    ['a lot by GS1 without product', lots, ']C110L2', `1 ${b} L2 1`],
    ['lot and serial of what is kept in lots: the lot counts', lots, `]d201${gtinLot}10L1\u001d21XYZ`, `1 ${a} L1 1`],
    ['the product alone, where the place leaves one lot', at(b, lots), '036000291452', `1 ${b} L2 1`],
    ['the product alone, where there is one lot', oneLot, '036000291452', `1 ${a} L1 1`],
    ['a suggested lot at another place', at(b, oneLot), 'L1', `1 ${b} L1 1`],
    ['a carton: as many as its label says', goods, `]C102${gtinPx}375`, `1 ${a}  7`],
    ['a weight of what is weighed', weighed, ']C10109506000134352' + '3103001500', `1 ${b}  1.5`],
    ['a weight in pounds', weighed, ']C10109506000134352' + '3201000100', `1 ${b}  4.536`],
    ['a best-before date that is the lot’s', lots, `]C101${gtinLot}15261231` + '17270630' + '10L1', `1 ${a} L1 1`],
    ['a lot that looks like a GS1 code', strange, `01${gtinPx}`, `1 ${a} 01${gtinPx} 1`],
    ['a stored barcode with brackets', strange, '(01)STORED(10)', `2 ${b}  1`],
    ['a serial number', serials, 'S2', `1 ${b} S2 1`],
    ['a serial number by GS1', serials, `01${gtinSer}21S2`, `1 ${b} S2 1`],
  ])('%s', (_title, of, code, picked) => expect(scan(of, code)).toBe(picked))

  const least = '0.000001'
  test.each<[string, Delivery, string, string]>([
    ['the last of a line', begun(line(1, 'KG', '5', pick(a, '5', '4.999999'))), least, `1 ${a}  5`],
    ['the last of a place', begun(line(1, 'KG', '5', pick(a, least), pick(b, '5'))), least, `1 ${a}  0.000001`],
    ['the rest of what no line takes whole', begun(line(1, 'KG', '3', pick(a, '3')), line(2, 'KG', '2', pick(b, '2'))), '3.000001', `1 ${a}  3; 2 ${b}  0.000001`], // prettier-ignore
    ['nothing of a third line', begun(...['3', '2', '1'].map((quantity, at) => line(at + 1, 'KG', quantity, pick(a, quantity)))), '5', `1 ${a}  3; 2 ${a}  2`], // prettier-ignore
    ['a little too much', weighed, '5.000001', 'Line 1 of WH/OUT/00042 needs only 5 kg more of KG; this would be 5.000001.'], // prettier-ignore
  ])('down to a millionth: %s', (_title, of, quantity, picked) => expect(scan(of, 'KG', quantity)).toBe(picked))

  test('a quantity may be said, in the base unit', () => {
    expect(scan(goods, 'RM-A', '2.5')).toBe(`2 ${b}  2.5`)
    expect(scan(goods, '14006381333938', '3')).toBe(`1 ${a}  5`)
    expect(scan(cartonsFirst, '14006381333938', '3')).toBe(`2 ${a}  3`)
  })
})

describe('D3 The wrong thing is refused and says why', () => {
  test.each<[string, Delivery, string, RegExp]>([
    ['another expiry of what had no lot when it was suggested', begun(line(1, 'LOT', '5', pick(a, '5', null, { expiresOn: '2026-12-31' }))), `]C101${gtinLot}17270131`, /^Lot {2}expires on 2026-12-31/], // prettier-ignore
    ['another product', goods, '036000291452', /^LOT is not on WH\/OUT\/00042: it wants PX, RM-A\.$/],
    ['another product by GS1', goods, `]C101${gtinLot}`, /^LOT is not on/],
    [
      'what nobody knows',
      goods,
      'WHAT',
      /^Nothing on WH\/OUT\/00042 is known by the code "WHAT": it wants PX, RM-A\.$/,
    ],
    ['a misread number', goods, '4006381333932', /misread or misprinted: its check digit is wrong\.$/],
    ['a separator is shown', goods, ']C110L2\u001d21S', /"10L2<GS>21S"/],
    ['what cannot be right', lots, `]C101${gtinLot}17269931`, /^"01000360002914521726.*" cannot be right: \(17\) is no date: "269931"\.$/], // prettier-ignore
    ['a carton of another product with a lot of the same number', lots, `]C102${gtinPx}17270331` + '3724\u001d10L1', /^PX is not on WH\/OUT\/00042: it wants LOT\.$/], // prettier-ignore
    ['another product by 03', lots, `]C103${gtinPx}10L1`, /^PX is not on/],
    ['another product by 8006', lots, `]C18006${gtinPx}0102\u001d10L1`, /^PX is not on/],
    ['another product by 8026', lots, `]C18026${gtinPx}0102\u001d3724\u001d10L1`, /^PX is not on/],
    ['a pallet with a lot', lots, ']C10009506005260181590110L1', /logistic unit/],
    ['more than both lines need', twoUnits, `]C102${gtinPx}3754`, /^All lines of WH\/OUT\/00042 need only 53 unit more of PX; this would be 54\.$/], // prettier-ignore
    ['one lot number of two products', twoLots, 'L1', /^"L1" may be of LOT or of LOT2: scan the product\.$/],
    ['the same by GS1', twoLots, ']C110L1', /^"10L1" may be of LOT or of LOT2/],
    ['a weight of what is counted', goods, `]C101${gtinPx}3103012500`, /^The label says 12\.5 kg: PX is kept in unit; "kg" does not convert to it\. Say the quantity in unit\.$/], // prettier-ignore
    ['another best before', lots, `]C101${gtinLot}1527013110L1`, /^Lot L1 expires on 2026-12-31; the label says best before 2027-01-31\.$/], // prettier-ignore
    ['a carton too much', goods, `]C10214006381333938` + '372', /needs only 28 unit more of PX; this would be 48/],
    ['nothing of a line of which the demand is not known', begun({ ...line(1, 'PX', '5', pick(a, '5')), needed: null }), 'PX', /^All PX/], // prettier-ignore
    ['all is picked', full, '4006381333931', /^All PX for WH\/OUT\/00042 is picked\.$/],
    ['a box too much', full.lines.length > 0 ? begun(line(1, 'PX', '10', pick(a, '10', '1'))) : full, '14006381333938', /^Line 1 of WH\/OUT\/00042 needs only 9 unit more of PX; this would be 24\.$/], // prettier-ignore
    ['a pack of an unknown content', goods, 'CRATE', /^How much of PX is in a crate is not known\.$/],
    ['which lot is meant', lots, '036000291452', /^LOT is kept by lot: scan the lot, or first the place; take it from WH\/Stock\/A1-03, L1 or WH\/Stock\/B2-01, L2\.$/], // prettier-ignore
    ['the wrong lot', lots, `]C101${gtinLot}10L9`, /^LOT of lot L9 is not the one: take it from/],
    ['the wrong lot at the right place', at(a, lots), `]C101${gtinLot}10L9`, /^LOT of lot L9 is not the one/],
    ['another expiry', lots, `]C101${gtinLot}17270131` + '10L1', /^Lot L1 expires on 2026-12-31; the label says expiry 2027-01-31\.$/], // prettier-ignore
    ['a serial number twice', serials, 'S1', /^Serial number S1 of SER is picked already\.$/],
    ['the wrong serial number', serials, `01${gtinSer}21S9`, /^SER of serial number S9 is not the one: take it from/],
    ['a tracked product at a place where none of it is', at('WH/Stock', oneLot), '036000291452', /scan the lot/],
    ['a serial number of what had none when it was picked', begun(line(1, 'SER', '2', pick(a, '1', '1'))), `01${gtinSer}`, /^Serial number {2}of SER is picked already\.$/], // prettier-ignore
    ['another expiry of a lot at another place', at(b, oneLot), `]C101${gtinLot}17270131` + '10L1', /^Lot L1 expires on 2026-12-31/], // prettier-ignore
    [
      'another lot, of the one that is suggested',
      oneLot,
      `]C101${gtinLot}10L9`,
      /: take it from WH\/Stock\/A1-03, L1\.$/,
    ],
    [
      'a lot of which nothing is suggested',
      begun(line(1, 'LOT', '5')),
      '036000291452',
      /; nothing of it is reserved\.$/,
    ],
    ['which of six lots', begun(line(1, 'LOT', '6', ...['1', '2', '3', '4', '5', '6'].map((lot) => pick(a, '1', null, { lot })))), '036000291452', /, 4 or WH\/Stock\/A1-03, 5\.$/], // prettier-ignore
    ['a product that is not known', begun(line(1, 'NEW', '1', pick(a, '1'))), 'NEW', /^Nothing on WH\/OUT\/00042 is known by that code\.$/], // prettier-ignore
    ['what a carton of nothing known is, for a label with two quantities', goods, `]C101${gtinPx}3103012500\u001d3203001000`, /^The label says 12\.5 kg, 1 lb: PX is kept in unit; "kg" does not convert to it\. Say/], // prettier-ignore
    ['nothing suggested of a millionth', begun(line(1, 'KG', '0.000001')), 'KG', /^No place is suggested for KG/],
    ['what is picked is not wanted', begun(...full.lines, line(2, 'KG', '0.000001')), 'WHAT', /: it wants KG\.$/],
    ['nothing more is wanted', full, 'WHAT', /: it wants nothing more\.$/],
    ['of six that are wanted five are named', begun(...['A', 'B', 'C', 'D', 'E', 'F'].map((sku, at) => line(at + 1, sku, '1'))), 'WHAT', /: it wants A, B, C, D, E\.$/], // prettier-ignore
    ['nothing suggested and no place', begun(line(1, 'PX', '2')), 'PX', /^No place is suggested for PX: scan the place first\.$/], // prettier-ignore
  ])('%s', (_title, of, code, why) => expect(scan(of, code)).toMatch(why))

  test('too much says which field', () => {
    const found = goodsScanned(goods, { scan: readScan('RM-A', 2026), referenceData, others: [], quantity: q('6') })
    expect(found).toMatchObject({ refused: 'scan-wrong', kind: 'content', errors: [{ pointer: '/quantity' }] })
  })

  test.each(['draft', 'waiting', 'posting', 'done', 'cancelled'] as const)('%s: nothing can be scanned', (status) => {
    const of = delivery({ status })
    const goodsGiven = { scan: readScan('PX', 2026), referenceData, others: [], quantity: undefined }
    for (const found of [goodsScanned(of, goodsGiven), scanPlace(of, location(a), null)])
      expect(found).toMatchObject({ refused: 'delivery-not-ready', kind: 'state' })
  })
})

describe('D3 A scan of goods enters picks', () => {
  const scanned = (picked: string) =>
    scanGoods(goods, [{ line: 1, location: a, picked }], readScan(`]C101${gtinPx}3012345`, 2026), facts())
  test('the history tells the code and what it picked', () =>
    expect(scanned('4')).toMatchObject({
      document: { status: 'in_progress' },
      notes: [{ what: 'picked', why: expect.stringMatching(/^scanned .*: line 1: 4 at WH\/Stock\/A1-03$/) }],
    }))
  test('what is refused for the whole delivery is refused so', () =>
    expect(scanGoods(delivery({ status: 'done' }), [], readScan('PX', 2026), facts())).toMatchObject({
      refused: 'delivery-not-ready',
    }))
  test('what cannot be picked is said of the code or of the quantity', () =>
    expect(scanned('99')).toMatchObject({
      refused: 'scan-wrong',
      errors: [{ pointer: '/quantity', message: 'This cannot be picked: the quantity is more than line 1 needs' }],
    }))
})

describe('D3 The units that a scan counts in', () => {
  const px = referenceData.products.get('PX')!
  test.each<[string, string, readonly string[]]>([
    ['the product’s own', 'PX', ['unit']],
    ['that of its barcode', '14006381333938', ['box']],
    ['those on its label, too', `]C101${gtinPx}3103012500`, ['unit', 'kg']],
    ['none more of a label without a quantity', `]C101${gtinPx}`, ['unit']],
  ])('%s', (_title, code, units) => expect(unitsScanned(px, readScan(code, 2026))).toEqual(units))
})

describe('D3 A scan of a place sets it for what follows', () => {
  test('inside the warehouse', () =>
    expect(scanPlace(goods, location('WH/Stock'), ['WH'])).toMatchObject({ document: { scanLocation: 'WH/Stock', lines: goods.lines }, notes: [] })) // prettier-ignore

  test.each([
    ['outside the scope', location(a), ['WH/Stock/B2-01'], /not among your locations/],
    ['another warehouse', location('W2/S', { warehouse: 'W2' }), null, /not in warehouse WH/],
    ['no stock of ours', location('Vendors', { type: 'vendor' }), null, /no stock of ours/],
  ])('%s: refused', (_title, place, scope, why) =>
    expect(scanPlace(goods, place, scope)).toMatchObject({
      refused: 'scan-wrong',
      detail: expect.stringMatching(why),
    }),
  )
})
