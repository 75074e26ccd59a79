import { describe, expect, test } from '@jest/globals'
import { readScan } from './scan.ts'

const gtin = '04006381333931'
const gs = '\u001d'
const full = `01${gtin}10ABC-1${gs}1726123121SN7`
const all = { gtins: [gtin], lot: 'ABC-1', serial: 'SN7', expiresOn: '2026-12-31' }
const read = (code: string) => readScan(code, 2026)

describe('D3 X5 GS1 codes are read as scanners send them and as they are printed', () => {
  test.each([
    ['with separators', full, all],
    ['Code 128', `]C1${full}`, all],
    ['FNC1 sent before the first element', `]C1${gs}${full}`, all],
    ['printed', `(01)${gtin}(10)ABC-1(17)261231(21)SN7`, all],
    ['line end of the scanner', `]C1${full}\r\n`, all],
    ['a Digital Link', `https://id.gs1.org/01/${gtin}/10/ABC-1/21/SN7?17=261231`, all],
    ['the product alone, without prefix', `01${gtin}`, { gtins: [gtin] }],
    ['the lot alone', ']C110ONLY', { gtins: [], lot: 'ONLY' }],
    ['the serial alone', `]d221S1`, { gtins: [], serial: 'S1' }],
    ['the same twice', `]C101${gtin}10L${gs}10L`, { gtins: [gtin], lot: 'L' }],
  ])('%s', (_title, code, goods) => expect(read(code)).toMatchObject({ goods, wrong: undefined, doubt: undefined }))

  test.each([
    ['02, of a carton', `]C102${gtin}3724`],
    ['03, made to order', `]C103${gtin}`],
    ['8006, a piece', `]C18006${gtin}0102`],
    ['8026, pieces of a carton', `]C18026${gtin}0102${gs}3724`],
  ])('the GTIN is the product: %s', (_title, code) =>
    expect(read(code)).toMatchObject({ wrong: undefined, barcodes: expect.arrayContaining(['4006381333931']) }),
  )

  test.each([
    ['a wrong check digit', ']C10104006381333932', /check digit/],
    ['printed with one', '(01)04006381333932', /check digit/],
    ['too few digits', ']d2010400638133393', /\(01\) must have 14 digits/],
    ['no date', `]C101${gtin}17269931`, /is no date: "269931"/],
    ['a separator too few', `]C101${gtin}10${'X'.repeat(21)}`, /separator is missing/],
    ['no identifier', ']C1AB12', /"AB12" is no application identifier/],
    ['an identifier that nobody was given', `]C101${gtin}05123`, /"0512" is no application identifier/],
    ['a character that GS1 does not have', `]C101${gtin}10L€`, /\(10\) must not have "€"/],
    ['two lots', `]C110A${gs}10B`, /\(10\) stands there twice/],
    ['a pallet’s label', ']C100095060052601815901', /logistic unit 095060052601815901.*scan what is on it/],
    ['a pallet’s label with a lot', `]C10009506005260181590110L1`, /logistic unit 095060052601815901/],
    ['a fault behind a right GTIN, without mark', `01${gtin}17269931`, /is no date/],
    ['a count alone', ']C13724', /names no product, lot or serial/],
  ])('what cannot be right says nothing of goods, and says why: %s', (_title, code, wrong) => {
    expect(read(code)).toMatchObject({ goods: undefined, wrong: expect.stringMatching(wrong) })
    expect(read(code).barcodes).toEqual([read(code).text])
  })
})

describe('D3 X5 Plain codes', () => {
  test.each([
    ['GTIN-13', '4006381333931', ['4006381333931', '04006381333931']],
    ['GTIN-12', '036000291452', ['036000291452', '00036000291452', '0036000291452']],
    ['GTIN-13 that holds a GTIN-12', '0036000291452', ['0036000291452', '00036000291452', '036000291452']],
    ['GTIN-8', '96385074', ['96385074', '00000096385074', '0000096385074', '000096385074']],
    ['UPC-E', '04252614', ['04252614', '00042100005264', '0042100005264', '042100005264']],
    ['GTIN-14', '14006381333938', ['14006381333938']],
    ['of a box, by DataBar', `]e00114006381333938`, ['0114006381333938', '14006381333938']],
    ['EAN prefix', ']E04006381333931', ['4006381333931', '04006381333931']],
    ['EAN with an addition', ']E3400638133393112', ['400638133393112', '04006381333931', '4006381333931']],
    ['Code 128 that is no GS1', ']C0PX', ['PX']],
    ['a sku', ' RM-A\t', ['RM-A']],
  ])('%s', (_title, code, barcodes) =>
    expect(read(code)).toMatchObject({ barcodes, doubt: undefined, wrong: undefined }),
  )

  test('a number with a wrong check digit may be no GTIN at all', () =>
    expect(read('4006381333932')).toMatchObject({
      text: '4006381333932',
      barcodes: ['4006381333932'],
      wrong: undefined,
      doubt: expect.stringMatching(/check digit/),
    }))
})
