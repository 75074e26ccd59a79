import { describe, expect, test } from '@jest/globals'
import { location } from '../../test/builders.ts'
import { locationFault } from './location.ts'

describe('G4 Where goods can be received', () => {
  test.each([
    [undefined, /not known/],
    [location('WH/Stock', { warehouse: 'W2' }), /not in warehouse WH/],
    [location('WH/Stock', { type: 'vendor' }), /no stock of ours/],
    [location('WH/Stock', { active: false }), /not in use/],
  ])('%#', (known, fault) => expect(locationFault('WH', 'WH/Stock', known)).toMatch(fault))
  test('an internal one of the warehouse', () =>
    expect(locationFault('WH', 'WH/Stock', location('WH/Stock'))).toBeUndefined())
})
