/**
 * What a value must be beside its characters and length, by the names of the Syntax Dictionary. Each rule says what is wrong, as
 * the end of a sentence that begins with the value, or nothing. Pure.
 *
 * @see https://ref.gs1.org/tools/gs1-barcode-syntax-resource/syntax-tests/
 */
import { countries, countryLetters, currencies, packageTypes } from './code-lists.ts'
import { couponFault, positiveOfferFault } from './coupons.ts'
import { hasRightCheckCharacters, hasRightCheckDigit, hasRightIbanCheck } from './check-digits.ts'
import { isDate, isTime } from './dates.ts'

type Rule = (value: string) => string | undefined

const unless =
  (holds: (value: string) => boolean, wrong: string): Rule =>
  (value) =>
    holds(value) ? undefined : wrong
const matches = (pattern: RegExp, wrong: string): Rule => unless((value) => pattern.test(value), wrong)

/** The shortest company prefix that GS1 has given out has four digits. */
const companyPrefix = 'does not begin with a company prefix of GS1'

const rules = {
  csum: unless(hasRightCheckDigit, 'has a wrong check digit: it was misread or misprinted'),
  csumalpha: unless(hasRightCheckCharacters, 'has wrong check characters: it was misread or misprinted'),
  gcppos1: matches(/^\d{4}/, companyPrefix),
  gcppos2: matches(/^.\d{4}/, companyPrefix),
  yymmdd: unless((value) => isDate(`20${value}`, 'day'), 'is no date'),
  yymmd0: unless((value) => isDate(`20${value}`, 'month'), 'is no date'),
  yyyymmdd: unless((value) => isDate(value, 'day'), 'is no date'),
  hhmi: unless((value) => isTime(value.slice(0, 2), value.slice(2)), 'is no time of day'),
  hh: unless((value) => isTime(value, '00'), 'is no hour'),
  mi: unless((value) => isTime('00', value), 'is no minute'),
  ss: unless((value) => isTime('00', value), 'is no second'),
  iso3166: unless((value) => countries.has(value), 'is no country'),
  iso3166999: unless((value) => value === '999' || countries.has(value), 'is no country'),
  iso3166alpha2: unless((value) => countryLetters.has(value), 'is no country'),
  iso4217: unless((value) => currencies.has(value), 'is no currency'),
  iso5218: matches(/^[0129]$/, 'is none of 0, 1, 2 and 9'),
  iban: unless(
    (value) => countryLetters.has(value.slice(0, 2)) && hasRightIbanCheck(value),
    'is no account number (IBAN)',
  ),
  packagetype: unless((value) => packageTypes.has(value), 'is no type of package'),
  mediatype: matches(/^(?:0[1-9]|10|[89]\d)$/, 'is no type of medium'),
  couponcode: couponFault,
  couponposoffer: positiveOfferFault,
  pcenc: matches(/^(?:[^%]|%[0-9A-Fa-f]{2})*$/, 'has a % that encodes nothing'),
  latitude: unless((value) => Number(value) <= 1_800_000_000, 'is no latitude'),
  longitude: unless((value) => Number(value) <= 3_600_000_000, 'is no longitude'),
  yesno: matches(/^[01]$/, 'is neither 0 nor 1'),
  hyphen: matches(/^-+$/, 'is no minus sign'),
  importeridx: matches(/^[-0-9A-Z_a-z]$/, 'is no importer index'),
  winding: matches(/^[019]$/, 'is no winding direction'),
  zero: matches(/^0+$/, 'is not 0'),
  nonzero: matches(/[^0]/, 'is 0'),
  nozeroprefix: matches(/^(?!0)/, 'begins with 0'),
  hasnondigit: matches(/\D/, 'has only digits'),
  pieceoftotal: unless(isPieceOfTotal, 'is no piece of a whole'),
  posinseqslash: unless(isPlaceInSequence, 'is no place in a sequence'),
} satisfies Record<string, Rule>

/** A rule by its name in the dictionary. */
export type RuleName = keyof typeof rules

/** Is there such a rule? */
export function isRule(name: string): name is RuleName {
  return Object.hasOwn(rules, name)
}

/** What is wrong by this rule, as the end of a sentence; undefined when nothing is. */
export function ruleFault(name: RuleName, value: string): string | undefined {
  return rules[name](value)
}

/** `0203`: the second of three. */
function isPieceOfTotal(value: string): boolean {
  const half = value.length / 2
  const [piece, total] = [Number(value.slice(0, half)), Number(value.slice(half))]
  return Number.isInteger(half) && piece >= 1 && piece <= total
}

/** `2/3`: the second of three. */
function isPlaceInSequence(value: string): boolean {
  const [, place, end] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(value) ?? []
  return place !== undefined && Number(place) <= Number(end)
}
