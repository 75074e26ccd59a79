import { expect, test } from '@jest/globals'
import { listed } from './document.text.ts'

test.each([
  [0, ''],
  [1, '0'],
  [2, '0, 1'],
  [3, '0, 1, 2'],
  [4, '0, 1, 2 and 1 more'],
  [6, '0, 1, 2 and 3 more'],
])('%d texts are listed, three at most', (count, expected) => {
  expect(listed(Array.from({ length: count }, (_, index) => String(index)), 3)).toBe(expected) // prettier-ignore
})

test('separated and ended as the sentence needs it', () => {
  expect(listed(['a', 'b', 'c'], 2, '; ', (more) => `; and ${more} more`)).toBe('a; b; and 1 more')
})
