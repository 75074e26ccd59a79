import { describe, expect, test } from '@jest/globals'
import { hasRightCheckDigit } from './scan.gs1.ts'
import { isScanFault, readScan } from './scan.ts'

const gtin = '04006381333931'
const gs = '\u001d'
const full = `01${gtin}10ABC-1${gs}1726123121SN7`
const all = { gtin, lot: 'ABC-1', serial: 'SN7', expiresOn: '2026-12-31' }
const none = { gtin: undefined, lot: undefined, serial: undefined, expiresOn: undefined }

describe('D3 X5 GS1 codes are read as scanners send them and as they are printed', () => {
  test.each([
    ['with separators', full, all],
    ['Code 128', `]C1${full}`, all],
    ['DataMatrix', `]d2${full}`, all],
    ['QR', `]Q3${full}`, all],
    ['DataBar', `]e0${full}`, all],
    ['FNC1 sent before the first element', `]C1${gs}${full}`, all],
    ['a separator after a predefined length', `]d201${gtin}${gs}10ABC-1${gs}17261231${gs}21SN7${gs}`, all],
    ['printed', `(01)${gtin}(10)ABC-1(17)261231(21)SN7`, all],
    ['printed with spaces', `(01) ${gtin} (10) ABC-1 (17) 261231 (21) SN7`, all],
    ['line end of the scanner', `]C1${full}\r\n`, all],
    ['the product alone, without prefix', `01${gtin}`, { ...none, gtin }],
    ['the lot alone', ']C110ONLY', { ...none, lot: 'ONLY' }],
    ['the serial alone', `]d221S1`, { ...none, serial: 'S1' }],
    ['no day: the last of the month', `01${gtin}17280200`, { ...none, gtin, expiresOn: '2028-02-29' }],
    ['a lot of digits that look like elements', `01${gtin}1017261231`, { ...none, gtin, lot: '17261231' }],
    ['others are passed over', `]C101${gtin}310300125011260101240XY${gs}10L`, { ...none, gtin, lot: 'L' }],
    ['the same twice', `]C101${gtin}10L${gs}10L`, { ...none, gtin, lot: 'L' }],
  ])('%s', (_title, code, gs1) => expect(readScan(code)).toMatchObject({ gs1 }))

  test.each([
    ['a wrong check digit', ']C10104006381333932', /check digit of 04006381333932 is wrong/],
    ['printed with one', '(01)04006381333932', /check digit/],
    ['too few digits', ']d2010400638133393', /\(01\) has 14 digits/],
    ['no date', `]C101${gtin}17269931`, /"269931" is no date/],
    ['no day of that month', `]C101${gtin}17260230`, /"260230" is no date/],
    ['a separator too few', `]C101${gtin}10${'X'.repeat(21)}`, /separator is missing/],
    ['no identifier', ']C1AB12', /"AB12" is no application identifier/],
    ['an identifier that nobody was given', `]C101${gtin}05123`, /"0512" is no application identifier/],
    ['a character that GS1 does not have', `]C101${gtin}10L€`, /"€" may not stand in \(10\)/],
    ['letters in a weight', `]C101${gtin}31030012X5`, /"X" may not stand in \(3103\), which has digits/],
    ['too many digits', `]C137123456789${gs}01${gtin}`, /\(37\) has at most 8 characters/],
    ['nothing behind one', `]C101${gtin}10`, /nothing stands behind \(10\)/],
    ['two lots', `]C110A${gs}10B`, /\(10\) stands in it twice/],
    ['a pallet’s label', ']C100340123450000000000', /names no product, lot or serial/],
    ['brackets that are none', '(01)04006381333931(lot)', /brackets/],
  ])('what says it is GS1 and is not, says why: %s', (_title, code, fault) => {
    const scan = readScan(code)
    expect(isScanFault(scan) && scan.fault).toMatch(fault)
  })
})

describe('D3 X5 Plain codes', () => {
  test.each([
    ['GTIN-13', '4006381333931', ['4006381333931', '04006381333931']],
    ['GTIN-12', '036000291452', ['036000291452', '00036000291452', '0036000291452']],
    ['GTIN-13 that holds a GTIN-12', '0036000291452', ['0036000291452', '00036000291452', '036000291452']],
    ['GTIN-8', '12345670', ['12345670', '00000012345670', '0000012345670', '000012345670']],
    ['GTIN-14', '14006381333938', ['14006381333938']],
    ['of a box, by DataBar', `]e00114006381333938`, ['14006381333938']],
    ['EAN prefix', ']E04006381333931', ['4006381333931', '04006381333931']],
    ['Code 128 that is no GS1', ']C0PX', ['PX']],
    ['a sku', ' RM-A\t', ['RM-A']],
  ])('%s', (_title, code, barcodes) => expect(readScan(code)).toMatchObject({ barcodes, doubt: undefined }))

  test.each([
    ['a number with a wrong check digit may be no GTIN at all', '4006381333932', /check digit/],
    ['what only begins like GS1 may be something else', '0104006381333932', /if it is a GS1 code, the check digit/],
  ])('%s', (_title, code, doubt) => {
    expect(readScan(code)).toMatchObject({ text: code, gs1: undefined, doubt: expect.stringMatching(doubt) })
    expect(readScan(code)).toMatchObject({ barcodes: expect.arrayContaining([code]) })
  })

  test.each([
    ['4006381333931', true],
    ['036000291452', true],
    ['12345670', true],
    ['12345678', false],
  ])('the check digit of %s: %s', (digits, right) => expect(hasRightCheckDigit(digits)).toBe(right))
})
