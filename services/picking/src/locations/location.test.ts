import { describe, expect, test } from '@jest/globals'
import { location } from '../../test/builders.ts'
import { mayAct, maySee, locationFault } from './location.ts'

describe('R4 The location scope', () => {
  test('seeing needs one location inside, acting needs all', () => {
    const places = ['WH/Stock', 'WH/Input']
    expect(maySee(['WH/Input'], places)).toBe(true)
    expect(mayAct(['WH/Input'], places)).toBe(false)
    expect(mayAct(['WH'], places)).toBe(true)
    expect(maySee(['Y'], places)).toBe(false)
    expect(mayAct(null, places)).toBe(true)
  })
})

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
