/** Numbers of trade items as retail codes carry them: EAN-8, EAN-13, UPC-A, UPC-E, ITF-14. Pure. */
import { hasRightCheckDigit } from './check-digits.ts'

/** All are read as one: a GTIN is the same however many zeros are written in front of it. */
const gtinDigits = 14

/** Has the text as many digits as an EAN, UPC or ITF-14? */
export function hasTradeNumberLength(text: string): boolean {
  return /^(?:\d{8}|\d{12,14})$/.test(text)
}

/**
 * The GTINs of 14 digits that a number can be, the likelier first: 8 digits may be an EAN-8 or a UPC-E. None where the check digit
 * is wrong.
 */
export function gtinsOf(digits: string): readonly string[] {
  if (!hasTradeNumberLength(digits)) return []
  const long = digits.length === 8 ? expandedUpcE(digits) : undefined
  return [digits, long]
    .filter((one) => one !== undefined)
    .filter((one) => hasRightCheckDigit(one))
    .map((one) => one.padStart(gtinDigits, '0'))
}

/**
 * The twelve digits of a UPC-E of eight, whose zeros were left out: the last digit before the check digit tells where.
 *
 * @see https://ref.gs1.org/standards/genspecs/ section 5.2.2.4
 */
function expandedUpcE(digits: string): string | undefined {
  const found = /^([01])(\d)(\d)(\d)(\d)(\d)(\d)(\d)$/.exec(digits)
  if (found === null) return undefined
  const [, system = '', a = '', b = '', c = '', d = '', e = '', way = '', check = ''] = found
  const body =
    way <= '2'
      ? `${a}${b}${way}0000${c}${d}${e}`
      : way === '3'
        ? `${a}${b}${c}00000${d}${e}`
        : way === '4'
          ? `${a}${b}${c}${d}00000${e}`
          : `${a}${b}${c}${d}${e}0000${way}`
  return `${system}${body}${check}`
}

/** The ways in which a barcode may be written and be the same: of a GTIN all its lengths; of anything else itself. */
export function sameBarcodes(code: string): readonly string[] {
  if (!hasTradeNumberLength(code) || !hasRightCheckDigit(code)) return [code]
  return [code, ...gtinForms(code.padStart(gtinDigits, '0')).filter((form) => form !== code)]
}

/** The ways in which a GTIN of 14 digits may be written: with 14, 13, 12 and 8, where those before are zeros. */
export function gtinForms(gtin: string): readonly string[] {
  return [14, 13, 12, 8]
    .filter((length) => /^0*$/.test(gtin.slice(0, gtinDigits - length)))
    .map((length) => gtin.slice(gtinDigits - length))
}
