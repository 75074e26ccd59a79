/** SSCCs: extension digit, company prefix, serial reference and check digit, 18 digits in all. Pure. */
import { withCheckDigit } from '@stockline/scans'

/** What a company prefix of GS1 looks like. */
export const companyPrefix = /^\d{4,12}$/

/** Extension digit, prefix and serial reference. */
const digitsBeforeCheck = 17

/**
 * The SSCC of the n-th logistic unit of a company, from 1. The extension digit is the first digit of the serial number, so that it is
 * raised once all references below it are given. Undefined where all are given.
 */
export function ssccOf(prefix: string, serial: bigint): string | undefined {
  const length = digitsBeforeCheck - prefix.length
  const digits = serial.toString().padStart(length, '0')
  if (digits.length > length) return undefined
  return withCheckDigit(`${digits.slice(0, 1)}${prefix}${digits.slice(1)}`)
}

/** The serial number of an SSCC under the prefix; undefined where it has another one. */
export function serialOf(prefix: string, sscc: string): bigint | undefined {
  if (!sscc.startsWith(prefix, 1)) return undefined
  return BigInt(sscc.slice(0, 1) + sscc.slice(1 + prefix.length, digitsBeforeCheck))
}
