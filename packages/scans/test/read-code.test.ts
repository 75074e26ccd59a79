import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readCode } from '../src/index.ts'

const gs = '\u001d'
const gtin = '09506000134352'
const read = (code: string) => readCode(code, 2026)
const gtins = (...list: string[]) => ({ gtins: list })

describe('what a code is', () => {
  test.each([
    ['EAN-13, as scanners mark it', ']E04006381333931', 'trade-number', gtins('04006381333931')],
    ['UPC-A', ']E00036000291452', 'trade-number', gtins('00036000291452')],
    ['EAN-13 with an addition of five', ']E3400638133393151999', 'trade-number', gtins('04006381333931')],
    ['EAN-13 with an addition of two', ']E3400638133393112', 'trade-number', gtins('04006381333931')],
    ['EAN-8', ']E496385074', 'trade-number', gtins('00000096385074')],
    ['ITF-14', ']I114006381333938', 'trade-number', gtins('14006381333938')],
    ['UPC-E, which is no EAN-8', '04252614', 'trade-number', gtins('00042100005264')],
    ['eight digits that may be either', '01234565', 'trade-number', gtins('00000001234565', '00012345000065')],
    ['EAN-13 that begins like an identifier', '4012345678901', 'trade-number', gtins('04012345678901')],
    ['ITF of another length', ']I0123456', 'text', gtins()],
    ['Code 128 that is no GS1', ']C00109506000134352', 'text', gtins()],
    ['a QR code that is no GS1', ']Q1(01)09506000134352', 'text', gtins()],
    ['a sku', 'RM-A', 'text', gtins()],
    ['nothing', '', 'text', gtins()],
    ['another address', 'https://example.org/products/7', 'text', gtins()],
    ['an address with a key that is none', 'https://example.org/10/ABC', 'text', gtins()],
  ] as const)('%s', (_title, code, kind, goods) => {
    expect(read(code)).toMatchObject({ kind, elements: [], problems: [], goods })
  })
})

describe('what it says of goods', () => {
  test.each([
    ['lot and expiry', `]d201${gtin}10L1${gs}17271231`, { gtins: [gtin], lot: 'L1', expiresOn: '2027-12-31' }],
    ['production before both', `]d201${gtin}112612311527063017271231`, { producedOn: '2026-12-31', bestBefore: '2027-06-30', expiresOn: '2027-12-31' }], // prettier-ignore
    ['best before beside it', `]d201${gtin}1527063017271231`, { bestBefore: '2027-06-30', expiresOn: '2027-12-31' }],
    ['no day: the last of the month', `]d201${gtin}17280200`, { expiresOn: '2028-02-29' }],
    ['49 years back', `]d201${gtin}17770101`, { expiresOn: '1977-01-01' }],
    ['50 years ahead', `]d201${gtin}17760101`, { expiresOn: '2076-01-01' }],
    ['a carton of another product', `]C102${gtin}3724${gs}10L1${gs}00095060052601815901`, { gtins: [gtin], isContent: true, lot: 'L1', sscc: '095060052601815901', quantities: [{ value: '24', unit: 'pieces' }] }], // prettier-ignore
    ['a weight', `]C101${gtin}3103012500`, { quantities: [{ value: '12.5', unit: 'kg' }] }],
    ['pounds', `]C101${gtin}3201000015`, { quantities: [{ value: '1.5', unit: 'lb' }] }],
    ['less than one', `]C101${gtin}3105000250`, { quantities: [{ value: '0.0025', unit: 'kg' }] }],
    ['a count', `]C101${gtin}3012`, { quantities: [{ value: '12', unit: 'pieces' }] }],
    ['a piece of a trade item', `]C18006${gtin}0102`, { gtins: [gtin] }],
    ['a Digital Link', `https://shop.example/p/01/9506000134352/10/A%2FB/21/S?17=271231&x=1`, { gtins: [gtin], lot: 'A/B', serial: 'S', expiresOn: '2027-12-31' }], // prettier-ignore
    ['capitals and a port', `HTTPS://SHOP.EXAMPLE:8443/01/${gtin}/`, { gtins: [gtin] }],
    ['brackets within a lot', `(01)${gtin}(10)A(2)B(17)271231`, { lot: 'A(2)B', expiresOn: '2027-12-31' }],
  ] as const)('%s', (_title, code, goods) => expect(read(code)).toMatchObject({ problems: [], goods }))

  test.each([
    ['a wrong check digit', `]C1010950600013435310L1`],
    ['no date', `]C101${gtin}17269931`],
    ['two lots', `]C101${gtin}10A${gs}10B`],
    ['a fault behind a right GTIN, without mark', `01${gtin}17269931`],
  ])('nothing where the code is not to be trusted: %s', (_title, code) => {
    const { kind, problems, goods } = read(code)
    expect([kind, problems.length > 0, goods]).toEqual(['gs1', true, { gtins: [] }])
  })

  test('what is only without its companion is read, and says what is missing', () => {
    expect(read(']C110L1')).toMatchObject({
      goods: { gtins: [], lot: 'L1' },
      problems: [{ kind: 'companion', identifier: '10', message: '(10) needs (01), or (02), or (03), or (8006), or (8026) beside it.' }], // prettier-ignore
    })
  })
})

describe('what is wrong is said', () => {
  test.each([
    [
      'a check digit',
      ']C10109506000134353',
      '(01) has a wrong check digit: it was misread or misprinted: "09506000134353".',
    ],
    ['too few digits', ']C1010950600013435', '(01) must have 14 digits, not "0950600013435".'],
    ['a letter', `]C101${gtin}31030012X5`, '(3103) must not have "X": it has digits alone.'],
    ['a character that GS1 does not have', `]C101${gtin}10L€`, '(10) must not have "€".'],
    ['a separator too few', `]C101${gtin}10${'X'.repeat(21)}`, '(10) has at most 20 characters: "XXXXXXXXXXXXXXXXXXXXX" is too long, or a separator is missing.'], // prettier-ignore
    ['no value', `]C101${gtin}10`, '(10) has no value.'],
    ['what must not stand together', `]C101${gtin}3724`, '(01) and (37) must not stand together.'],
    ['qualifiers in another order', `https://id.example/01/${gtin}/21/S/10/L`, '(21), (10) may not follow (01) in a Digital Link, or not in this order.'], // prettier-ignore
    [
      'what is no attribute',
      `https://id.example/01/${gtin}?21=S`,
      '"21" may not stand in the query of a Digital Link.',
    ],
    ['a percent sign alone', `https://id.example/01/${gtin}/10/%zz`, '(10) has a % that encodes nothing.'],
    ['a misread number that begins like an identifier', '4006381333932', 'If 4006381333932 is the number of a trade item, it was misread or misprinted: its check digit is wrong.'], // prettier-ignore
    ['nothing behind the mark', ']d2', 'The code has no application identifier.'],
  ])('%s', (_title, code, message) => expect(read(code).problems.map((problem) => problem.message)).toContain(message))
})

test('whatever is scanned is read, and never throws', () => {
  const marks = fc.constantFrom(
    '',
    ']C1',
    ']d2',
    ']Q1',
    ']E0',
    ']E3',
    '(01)',
    'https://a/01/',
    '8110',
    ']C18112',
    ']C1253',
  )
  fc.assert(
    fc.property(
      marks,
      fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9()%\u001d]{0,60}$/)),
      (mark, rest) => {
        const { kind, elements } = read(mark + rest)
        expect(kind === 'gs1' || kind === 'digital-link' || elements.length === 0).toBe(true)
      },
    ),
    { numRuns: 2_000 },
  )
})
