/**
 * GS1's application identifiers, and what may stand behind each. Pure.
 *
 * @see https://ref.gs1.org/ai/
 */

/** A part of an element's value: so many characters of a kind. */
export interface Component {
  /** `N` digits, `X` and `Y` the two sets of characters for text, `Z` that of encoded files. */
  readonly kind: 'N' | 'X' | 'Y' | 'Z'
  readonly least: number
  readonly most: number
  /** It may be left out. */
  readonly optional: boolean
  /** `check`: its last digit follows from the others; `date`: YYMMDD, where the day may be 00; `day`: where it may not, the
   * year perhaps with four digits. */
  readonly rule: 'check' | 'date' | 'day' | undefined
}

/**
 * Identifiers and their values. `x` in an identifier is any digit, `0-5` one of those. `N6` is six digits, `X..20` one to twenty
 * characters, in brackets what may be left out.
 */
const table = `
00 N18check
01 02 03 N14check
04 N16
10 21 22 X..20
11 12 13 15 16 17 N6date
20 N2
235 X..28
240 241 250 251 400 401 403 X..30
242 N..6
243 254 X..20
253 N13check [X..17]
255 N13check [N..12]
30 37 N..8
31(0-6)(0-5) 32(0-9)(0-5) 33(0-7)(0-5) 34(0-9)(0-5) 35(0-7)(0-5) 36(0-9)(0-5) N6
390x 392x N..15
391x 393x N3 N..15
394(0-3) N4
395(0-5) N6
402 N17check
41(0-7) N13check
420 X..20
421 N3 X..9
422 424 426 N3
423 425 N3 [N3] [N3] [N3] [N3]
427 X..3
4300 4301 4310 4311 4320 X..35
4302 4303 4304 4305 4306 4312 4313 4314 4315 4316 X..70
4307 4317 X2
4308 4319 X..30
4309 N20
4318 X..20
4321 4322 4323 N1
4324 4325 N6date N4
4326 N6day
433(0-3) N6 [X1]
7001 N13
7002 X..30
7003 N6day N4
7004 N..4
7005 X..12
7006 N6day
7007 N6day [N6day]
7008 X..3
7009 X..10
7010 X..2
7011 N6day [N4]
7020 7021 7022 X..20
7023 X..30
703x N3 X..27
7040 N1 X3
7041 X..4
71(0-7) X..20
723x X2 X..28
7240 X..20
7241 N2
7242 X..25
7250 N8day
7251 N8day N4
7252 N1
7253 7254 7259 X..40
7255 X..10
7256 X..90
7257 X..70
7258 X3
8001 N14
8002 X..20
8003 N14 [X..16]
8004 X..30
8005 N6
8006 8026 N14check N4
8007 X..34
8008 N8 [N..4]
8009 X..50
8010 Y..30
8011 N..12
8012 X..20
8013 X..25
8014 X..25
8017 8018 N18check
8019 N..10
8020 X..25
8030 Z..90
8040 8041 N15
8042 N32
8043 N18 [N..2]
8110 8112 8200 X..70
8111 N4
90 X..30
9(1-9) X..90
`

/** What stands behind each identifier. */
export const identifiers: ReadonlyMap<string, readonly Component[]> = new Map(
  table
    .trim()
    .split('\n')
    .flatMap((line) => {
      const words = line.split(' ')
      const components = words.filter((word) => /^\[?[NXYZ]/.test(word)).map(componentOf)
      return words
        .filter((word) => /^\d/.test(word))
        .flatMap(expanded)
        .map((identifier) => [identifier, components] as const)
    }),
)

/** First two digits of identifiers whose value has a predefined length, and needs no separator after it; and that length. */
export const predefinedLengths: ReadonlyMap<string, number> = new Map([
  ['00', 18],
  ...['01', '02', '03'].map((prefix) => [prefix, 14] as const),
  ['04', 16],
  ...['11', '12', '13', '14', '15', '16', '17', '18', '19'].map((prefix) => [prefix, 6] as const),
  ['20', 2],
  ...['31', '32', '33', '34', '35', '36'].map((prefix) => [prefix, 6] as const),
  ['41', 13],
])

const sets = {
  N: /^\d*$/,
  X: /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*$/,
  Y: /^[#\-/0-9A-Z]*$/,
  Z: /^[A-Za-z0-9\-_=]*$/,
}

/** Are all characters of the kind? */
export function isOfKind(value: string, kind: Component['kind']): boolean {
  return sets[kind].test(value)
}

function componentOf(word: string): Component {
  const [, bracket, kind, free, length, rule] = /^(\[?)([NXYZ])(\.\.)?(\d+)(check|date|day)?\]?$/.exec(word) ?? []
  return {
    kind: kind as Component['kind'],
    least: free === undefined ? Number(length) : 1,
    most: Number(length),
    optional: bracket === '[',
    rule: rule as Component['rule'],
  }
}

/** `31(0-6)x` to all that it stands for. */
function expanded(pattern: string): readonly string[] {
  const [whole, from, to] = /x|\((\d)-(\d)\)/.exec(pattern) ?? []
  if (whole === undefined) return [pattern]
  const [first, last] = [Number(from ?? 0), Number(to ?? 9)]
  return Array.from({ length: last - first + 1 }, (_, digit) => pattern.replace(whole, String(first + digit))).flatMap(
    expanded,
  )
}
