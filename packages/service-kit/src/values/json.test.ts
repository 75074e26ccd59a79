import { describe, expect, test } from '@jest/globals'
import { itemsOfList, jsonLimits, readJson, readJsonBytes, type JsonError } from './json.ts'

const { depth, values, bytes } = jsonLimits
const nested = (levels: number, [open, close]: readonly [string, string] = ['[', ']']) =>
  open.repeat(levels) + close.repeat(levels)
const wrongOf = (text: string | Buffer): JsonError | undefined => {
  const read = typeof text === 'string' ? readJson(text) : readJsonBytes(text)
  return 'wrong' in read ? read.wrong : undefined
}

describe('what is read of JSON', () => {
  test.each<[string, string | Buffer, JsonError | undefined]>([
    ['the deepest', nested(depth), undefined],
    ['one level deeper', nested(depth + 1), 'too-deep'],
    ['objects one level deeper', `${'{"a":'.repeat(depth + 1)}1${'}'.repeat(depth + 1)}`, 'too-deep'],
    ['8,000 brackets within an object', `{"note":${nested(8_000)}}`, 'too-deep'],
    ['a million brackets that are never closed', '['.repeat(1_000_000), 'too-deep'],
    ['brackets within a text', JSON.stringify({ note: nested(8_000) }), undefined],
    ['brackets within a text, after a quote in it', JSON.stringify({ note: `\\"${nested(100)}"\\` }), undefined],
    ['many lists beside each other', `[${Array.from({ length: 1_000 }, () => '[{}]').join()}]`, undefined],
    ['as many items as may be', `[${Array.from({ length: values - 1 }, () => '1').join()}]`, undefined],
    ['more items', `[${Array.from({ length: values + 1 }, () => '1').join()}]`, 'too-many'],
    ['more fields', `{${Array.from({ length: values + 1 }, (_, at) => `"${at}":1`).join()}}`, 'too-many'],
    ['more objects', `[${Array.from({ length: values }, () => '{}').join()}]`, 'too-many'],
    ['bytes as many as may be', Buffer.from(`"${'a'.repeat(bytes - 2)}"`), undefined],
    ['one more byte', Buffer.from(`"${'a'.repeat(bytes - 1)}"`), 'too-large'],
    ['half a value', '{"a":', 'not-json'],
    ['a text without its end', '{"a":"', 'not-json'],
    ['a backslash at the end', '{"a":"\\', 'not-json'],
    ['nothing', '', 'not-json'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), 'not-json'],
    ['half of a surrogate pair as bytes', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'not-json'],
  ])('%s', (_what, given, expected) => {
    expect(wrongOf(given)).toBe(expected)
  })

  test('a byte order mark is passed over', () => {
    expect(readJsonBytes(Buffer.from('\uFEFF{"a":1}'))).toEqual({ value: { a: 1 }, text: '{"a":1}' })
  })
})

test.each<[string, string[] | undefined]>([
  ['[]', []],
  [' [ ] ', []],
  ['[{"a":1},{"b":[1,2]}]', ['{"a":1}', '{"b":[1,2]}']],
  ['[ {"a":"],[\\""} , 2 ]', ['{"a":"],[\\""}', '2']],
  ['["ü",1.50]', ['"ü"', '1.50']],
  ['[1,,2]', ['1', '', '2']],
  ['[1] [2]', undefined],
  ['[1]]', undefined],
  ['{"a":1}', undefined],
  ['[1', undefined],
  ['', undefined],
])('the items of %s', (text, items) => {
  expect(itemsOfList(Buffer.from(text))).toEqual(items)
})
