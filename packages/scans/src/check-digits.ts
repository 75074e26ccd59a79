/** Check digits and characters. Pure. */

/**
 * Is the last digit the one that follows from the others, whatever their number?
 *
 * @see https://ref.gs1.org/standards/genspecs/ section 7.9.1
 */
export function hasRightCheckDigit(digits: string): boolean {
  let sum = 0
  for (let at = digits.length - 1, weight = 1; at >= 0; at -= 1, weight = 4 - weight)
    sum += (digits.charCodeAt(at) - zero) * weight
  return sum % 10 === 0
}

/** The digits with the check digit that follows from them. */
export function withCheckDigit(digits: string): string {
  for (let last = 0; last < 9; last += 1) if (hasRightCheckDigit(`${digits}${last}`)) return `${digits}${last}`
  return `${digits}9`
}

const zero = 0x30
const set82 = `!"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz`
const set32 = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
const checkPrime = 1021

/**
 * Do the last two characters follow from those before? Each is weighted by a prime number, from the right.
 *
 * @see https://ref.gs1.org/standards/genspecs/ section 7.9.5
 */
export function hasRightCheckCharacters(value: string): boolean {
  if (value.length < 2) return false
  let sum = 0
  for (let at = value.length - 3, place = 0; at >= 0; at -= 1, place += 1)
    sum += set82.indexOf(value.charAt(at)) * (primes[place] ?? 0)
  const rest = sum % checkPrime
  return value.endsWith(`${set32.charAt(rest >> 5)}${set32.charAt(rest & 31)}`)
}

/** As many as a value may have characters. */
const primes: readonly number[] = primesUpTo(509)

function primesUpTo(last: number): number[] {
  const found: number[] = []
  for (let n = 2; n <= last; n += 1) if (found.every((prime) => n % prime !== 0)) found.push(n)
  return found
}

/** ISO 13616: the account number, its first four characters put to the end and letters read as 10 to 35, is 1 modulo 97. */
export function hasRightIbanCheck(value: string): boolean {
  if (!/^[0-9A-Z]{11,34}$/.test(value)) return false
  const turned = value.slice(4) + value.slice(0, 4)
  let rest = 0
  for (const character of turned) {
    const digit = Number.parseInt(character, 36)
    rest = (rest * (digit < 10 ? 10 : 100) + digit) % 97
  }
  return rest === 1
}
