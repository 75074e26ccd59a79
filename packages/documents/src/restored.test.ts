import { expect, test } from '@jest/globals'
import { madeAt } from './restored.ts'

test.each([
  ['01a22a6e-7ab5-729d-9863-911465e08929', '2026-01-01T00:00:00Z', new Date(0x01a22a6e7ab5)],
  ['01a22a6e-7ab5-429d-9863-911465e08929', '2026-01-01T00:00:00Z', new Date('2026-01-01T00:00:00Z')],
  ['01a22a6e-7ab5-429d-9863-911465e08929', undefined, new Date(0)],
])('document %s published at "%s" was made then', (id, time, expected) => {
  expect(madeAt(id, time)).toEqual(expected)
})
