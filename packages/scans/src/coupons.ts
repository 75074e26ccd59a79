/**
 * North American coupon codes, AI (8110), and positive offer files, AI (8112): digits whose parts tell their own length. Pure.
 *
 * @see https://www.gs1us.org/ North American Coupon Application Guideline Using GS1 DataBar Expanded Symbols
 */
import { isDate } from './dates.ts'

const noCoupon = 'is no coupon code'
/** A company prefix of GS1 has at least four digits. */
const prefix = /^\d{4}/
/** In the place of a company prefix's length: that of the coupon itself holds. */
const noCompany = '9'

/** Takes digits from the left; what is not there fails, and everything after it. */
interface Taker {
  /** So many digits. */
  digits(count: number): string | undefined
  /** One digit, of these. */
  oneOf(allowed: string): string | undefined
  /** Digits after one that tells how many: of these, with so many added. */
  counted(allowed: string, added: number): string | undefined
  readonly next: () => string
  readonly isDone: () => boolean
}

function takerOf(text: string): Taker {
  let at = 0
  const digits = (count: number): string | undefined => {
    const part = text.slice(at, at + count)
    at += count
    return part.length === count ? part : undefined
  }
  const oneOf = (allowed: string): string | undefined => {
    const one = digits(1)
    return one !== undefined && allowed.includes(one) ? one : undefined
  }
  return {
    digits,
    oneOf,
    counted: (allowed, added) => {
      const count = oneOf(allowed)
      if (count === undefined) return undefined
      return digits(Number(count) + added)
    },
    next: () => text.charAt(at),
    isDone: () => at === text.length,
  }
}

/** What is wrong with a coupon code. */
export function couponFault(value: string): string | undefined {
  return /^\d*$/.test(value) && isCoupon(takerOf(value)) ? undefined : noCoupon
}

/** What is wrong with a positive offer file's code. */
export function positiveOfferFault(value: string): string | undefined {
  const taker = takerOf(value)
  const isOffer =
    /^\d*$/.test(value) &&
    taker.oneOf('01') !== undefined &&
    taker.counted('0123456', 6) !== undefined &&
    taker.digits(6) !== undefined &&
    taker.counted('0123456789', 6) !== undefined &&
    taker.isDone()
  return isOffer ? undefined : noCoupon
}

function isCoupon(taker: Taker): boolean {
  const funder = taker.counted('0123456', 6)
  if (funder === undefined || !prefix.test(funder)) return false
  if (taker.digits(6) === undefined || taker.counted('12345', 0) === undefined) return false
  return isPurchase(taker) && areOptions(taker) && taker.isDone()
}

/** How much is to be bought, in what unit, of which family. */
function isPurchase(taker: Taker): boolean {
  return taker.counted('12345', 0) !== undefined && taker.oneOf('012349') !== undefined && taker.digits(3) !== undefined
}

function isFurtherPurchase(taker: Taker): boolean {
  if (!isPurchase(taker)) return false
  if (taker.next() === noCompany) return taker.digits(1) !== undefined
  return prefix.test(taker.counted('0123456', 6) ?? '')
}

/** Each begins with its number, in rising order. */
function areOptions(taker: Taker): boolean {
  let expiry: string | undefined
  const date = (): string | undefined => {
    const digits = taker.digits(6)
    return digits !== undefined && isDate(`20${digits}`, 'day') ? digits : undefined
  }
  const options: readonly (readonly [string, () => boolean])[] = [
    ['1', () => taker.oneOf('0123') !== undefined && isFurtherPurchase(taker)],
    ['2', () => isFurtherPurchase(taker)],
    ['3', () => (expiry = date()) !== undefined],
    [
      '4',
      () => {
        const start = date()
        return start !== undefined && (expiry === undefined || start <= expiry)
      },
    ],
    ['5', () => taker.counted('0123456789', 6) !== undefined],
    ['6', () => prefix.test(taker.counted('1234567', 6) ?? '')],
    ['9', () => ['01256', '012', '0123456789', '01'].every((allowed) => taker.oneOf(allowed) !== undefined)],
  ]
  return options.every(([number, holds]) => {
    if (taker.next() !== number) return true
    taker.digits(1)
    return holds()
  })
}
