import { expect, test } from '@jest/globals'
import { formFields, percentDecoded, textOfLatin1 } from './form.ts'
import { pointer, queryPointer } from './pointer.ts'
import { storableJson, textError, textErrors, textErrorsOfJson } from './texts.ts'

const nul = 'must not contain a NUL character'
const half = 'must not contain half of a surrogate pair'

test.each([
  ['a', undefined],
  ['', undefined],
  ['Größe 😀 \u0001 \uFFFD \uFFFF', undefined],
  ['a\0', nul],
  ['\ud800', half],
  ['\udc00\ud800', half],
])('%j: %s', (text, expected) => {
  expect(textError(text)).toBe(expected)
})

test('each is named by its place, names of fields too', () => {
  const value = { a: ['x', '\0'], b: { 'c\ud800': 1, d: null, e: 5 }, f: '\udfff' }
  expect(textErrors(value)).toEqual([
    { pointer: '/a/1', message: nul },
    { pointer: '/b/c\ud800', message: half },
    { pointer: '/f', message: half },
  ])
})

test.each([
  ['"\\u0000"', 1],
  ['"\\ud800"', 1],
  ['"\\uDFFF"', 1],
  ['{"\\u0000":1}', 1],
  ['"\\ud83d\\ude00"', 0],
  ['"\\u00fc"', 0],
  ['"\\\\u0000"', 0],
  ['"😀"', 0],
])('of the JSON %s', (text, faults) => {
  expect(textErrorsOfJson(text, JSON.parse(text))).toHaveLength(faults)
})

test('what only tells of a message is made storable', () => {
  expect(storableJson([{ 'a\0': 'b\ud800', c: ['\0'], d: 1, e: null }])).toBe('[{"a�":"b�","c":["�"],"d":1,"e":null}]')
})

test.each([
  ['100%', '100%'],
  ['%C3%BC', 'ü'],
  ['%c3%bc+%zz', 'ü+%zz'],
  ['%00', '\0'],
  ['%ff', undefined],
  ['%C3', undefined],
  ['%ED%A0%80', undefined],
])('%s decoded is %j', (text, expected) => {
  expect(percentDecoded(text)).toBe(expected)
})

test('bytes of addresses and headers are UTF-8', () => {
  expect(textOfLatin1(Buffer.from('ü').toString('latin1'))).toBe('ü')
  expect(textOfLatin1('\xff')).toBeUndefined()
})

test.each<[string, unknown]>([
  ['', { fields: {} }],
  ['a=1&b=2&a=3&a=4', { fields: { a: ['1', '3', '4'], b: '2' } }],
  ['a+b=c+d&%61=&e', { fields: { 'a b': 'c d', a: '', e: '' } }],
  [
    'x=%C3%BC&__proto__=1',
    {
      fields: Object.fromEntries([
        ['x', 'ü'],
        ['__proto__', '1'],
      ]),
    },
  ],
  [
    'a=%00&b=%ff&c%00=1&d=2',
    {
      faults: [
        ['?a', nul],
        ['?b', 'must be UTF-8, with percent-encoding'],
        ['?c\0', nul],
      ],
    },
  ],
  [Array.from({ length: 1_001 }, (_, at) => `a${at}`).join('&'), { faults: [['', 'must have at most 1000 fields']] }],
])('the form %#', (text, expected) => {
  const read = formFields(text, queryPointer)
  expect('faults' in read ? { faults: read.faults.map((one) => [one.pointer, one.message]) } : read).toEqual(expected)
})

test('a pointer leads to a field', () => {
  expect(pointer(['a/b', 0, 'c~d'])).toBe('/a~1b/0/c~0d')
})
