import { describe, expect, test } from '@jest/globals'
import { assignments, columnNames } from './record.ts'

const record = `id uuid, locations text[],
  price numeric`

describe('a column list', () => {
  test('gives its names', () => expect(columnNames(record)).toBe('id, locations, price'))
  test('gives what an update sets', () =>
    expect(assignments('status text, version int', 'h')).toBe('status = h.status, version = h.version'))
  test.each(['id', 'id uuid,', 'price numeric(5, 2)', 'at timestamp with time zone'])(
    'that is not read rightly is refused: %s',
    (wrong) => {
      expect(() => columnNames(wrong)).toThrow('A column is a name and a type of one word')
    },
  )
})
