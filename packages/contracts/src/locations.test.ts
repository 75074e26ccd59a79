import { describe, expect, test } from '@jest/globals'
import { inPickOrder, isAtOrBelow, isOwned, isWithin, mayAct, maySee, scopedCode } from './locations.ts'

describe('R4: the location scope', () => {
  test.each([
    [null, 'WH/Stock', true],
    [[], 'WH/Stock', false],
    [['WH'], 'WH', true],
    [['WH'], 'WH/Stock/A1-03', true],
    [['WH'], 'WH2/Stock', false],
    [['WH/Stock/A'], 'WH/Stock/A1-03', false],
    [['WH/Stock/A1-03'], 'WH/Stock', false],
    [['X', 'WH/Stock'], 'WH/Stock/A1-03', true],
  ])('%j and %s: %s', (scope, code, inside) => expect(isWithin(scope, code)).toBe(inside))

  test.each([
    ['WH/A', 'WH', true],
    ['WH', 'WH', true],
    ['WH/AB', 'WH/A', false],
    ['WH', 'WH/A', false],
  ])('%s is at or below %s: %s', (code, top, is) => expect(isAtOrBelow(code, top)).toBe(is))

  test.each([
    ['WH/Stock', 'WH/Stock'],
    ['Virtual/Transit/W2', 'W2'],
    ['Virtual/Transit', ''],
    ['Virtual/Customers', 'Virtual/Customers'],
  ])('%s is in or out of a scope as %s', (code, as) => expect(scopedCode(code)).toBe(as))
})

describe('what the company owns', () => {
  test.each([
    ['internal', true],
    ['transit', true],
    ['vendor', false],
    ['customer', false],
    ['production', false],
    ['scrap', false],
  ] as const)('at a location of type %s: %s', (type, owned) => expect(isOwned(type)).toBe(owned))
})

describe('D2: picks', () => {
  const pick = (
    location: string,
    pickSequence: number,
    lot: string | null = null,
    expiresOn: string | null = null,
  ) => ({
    ...{ location, pickSequence, lot, expiresOn },
  })

  test('go by the way, then the location, then what expires first, then the lot', () => {
    const ordered = [
      pick('C', 0),
      pick('Z', 1),
      pick('A', 2),
      pick('B', 2, 'L3', '2026-05-01'),
      pick('B', 2, 'L2', '2026-06-01'),
      pick('B', 2, 'L1'),
      pick('B', 2, 'L4'),
    ]
    expect(inPickOrder(ordered.toReversed())).toEqual(ordered)
    expect(inPickOrder(ordered)).toEqual(ordered)
  })
})

describe('R4: the places of a document', () => {
  test('seeing needs one location inside, acting needs all', () => {
    const places = ['WH/Stock', 'WH/Input']
    expect(maySee(['WH/Input'], places)).toBe(true)
    expect(mayAct(['WH/Input'], places)).toBe(false)
    expect(mayAct(['WH'], places)).toBe(true)
    expect(maySee(['Y'], places)).toBe(false)
    expect(mayAct(null, places)).toBe(true)
  })
})
