/** Turns good values into bad ones. */
import type { Choice } from './choice.ts'

/** A JSON text that stands here as it is, once written: numbers and escapes that no value of ours becomes. */
const raw = (text: string): string => `@@${text}@@`
const rawText = /"@@((?:[^"\\]|\\.)*)@@"/g

const replacements: readonly (() => unknown)[] = [
  () => null,
  () => '',
  () => ' ',
  () => 0,
  () => -1,
  () => 1.5,
  () => true,
  () => [],
  () => ({}),
  () => [null],
  () => 'x'.repeat(10_000),
  () => '\u0000',
  () => 'a\u0000b',
  () => raw('\\ud800'),
  () => '\u202e\u200b\ufeff',
  () => 'NaN',
  () => '-1',
  () => '1e400',
  () => '1E+2',
  () => '0.0000001',
  () => '١٢',
  () => '2026-02-30',
  () => '2026-04-23T25:00:00Z',
  () => '+292278994-08-17T07:12:55Z',
  () => Number.MAX_SAFE_INTEGER,
  () => 9_007_199_254_740_993,
  () => 2_147_483_648,
  () => raw('1e400'),
  () => raw('-0'),
  () => raw('1E+2'),
  () => nested(60),
  () => Array.from({ length: 1_500 }, (_, index) => index),
  () => ({ __proto__: null, constructor: { prototype: 1 }, toString: 1 }),
  () => raw('{"__proto__":{"x":1},"constructor":1}'),
  () => "'; select pg_sleep(1); --",
  () => '00000000-0000-0000-0000-000000000000',
]

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

/** The JSON of a value with one to three things in it made wrong. */
export function mutatedJson(value: unknown, choice: Choice): string {
  let mutated = value
  for (let times = 1 + choice.below(3); times > 0; times -= 1) mutated = mutate(mutated, choice)
  return JSON.stringify(mutated).replaceAll(rawText, (_all, text: string) => unquoted(text))
}

/** A text that is to be an escape within quotes, or no text at all. */
function unquoted(text: string): string {
  const plain = JSON.parse(`"${text}"`) as string
  return plain.startsWith('\\u') ? `"${plain}"` : plain
}

function mutate(value: unknown, choice: Choice): unknown {
  if (typeof value === 'object' && value !== null && !choice.oneIn(5)) {
    if (Array.isArray(value)) return mutatedList(value as unknown[], choice)
    return mutatedObject(value as Record<string, unknown>, choice)
  }
  return choice.of(replacements)()
}

function mutatedList(list: readonly unknown[], choice: Choice): unknown {
  if (list.length === 0 || choice.oneIn(6)) return [...list, choice.of(replacements)()]
  const at = choice.below(list.length)
  if (choice.oneIn(6)) return [...list, list[at]]
  return list.map((item, index) => (index === at ? mutate(item, choice) : item))
}

function mutatedObject(object: Readonly<Record<string, unknown>>, choice: Choice): unknown {
  const names = Object.keys(object)
  if (names.length === 0 || choice.oneIn(6)) return { ...object, [choice.of(strangeNames)]: choice.of(replacements)() }
  const name = choice.of(names)
  if (choice.oneIn(5)) return Object.fromEntries(Object.entries(object).filter(([other]) => other !== name))
  return { ...object, [name]: mutate(object[name], choice) }
}

const strangeNames = ['unknown', '', 'a/b~c', 'constructor', 'toString', 'a\u0000b', 'x'.repeat(5_000), 'Ünïcödé']

/** Bodies that are no JSON of the wanted kind at all. */
export const strangeBodies: readonly (() => Buffer)[] = [
  () => Buffer.from('{'),
  () => Buffer.from('[]'),
  () => Buffer.from('null'),
  () => Buffer.from('"text"'),
  () => Buffer.from('{"a":1}{"a":2}'),
  () => Buffer.from('\ufeff{}'),
  () => Buffer.from('{}', 'utf16le'),
  () => Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  () => Buffer.from('['.repeat(8_000) + ']'.repeat(8_000)),
  () => Buffer.from(`${'{"a":'.repeat(8_000)}1${'}'.repeat(8_000)}`),
  () => Buffer.from(`{${Array.from({ length: 20_000 }, (_, index) => `"f${String(index)}":0`).join(',')}}`),
  () => Buffer.from(`{"a":"${'x'.repeat(1_048_600)}"}`),
  () => Buffer.from('a=1&b=2'),
  () => Buffer.from('<xml/>'),
]

/** Texts for queries, forms and headers. */
export const strangeTexts: readonly string[] = [
  '',
  ' ',
  '0',
  '-1',
  '201',
  '1e2',
  'true',
  'null',
  'NaN',
  '%00',
  '%ff',
  '%',
  '%zz',
  '%ed%a0%80',
  '%F0%9F%98%80',
  '%C3%BC',
  'a%00b',
  "'%20or%201=1--",
  '..%2f..%2fetc',
  '*',
  '"',
  '\\',
  'x'.repeat(300),
  'x'.repeat(7_000),
  '2026-02-30',
  '2026-04-23T08:00:00Z',
  '9'.repeat(30),
  'undefined',
  '[object Object]',
  '__proto__',
]

/** Cursors, in the form of ours and not. */
export function strangeCursor(choice: Choice): string {
  const values: readonly unknown[] = [
    [],
    ['x'],
    ['\u0000'],
    [1],
    [null, null],
    ['x', 'y', 'z', 'x', 'y'],
    {},
    'x',
    [9e99],
  ]
  const wanted: unknown = choice.of([...values, ['999999999999999999999'], ['x', choice.uuid()], [choice.uuid()]])
  const text = Buffer.from(JSON.stringify(wanted)).toString('base64url')
  return choice.oneIn(4) ? text.slice(0, choice.below(text.length + 1)) : text
}
