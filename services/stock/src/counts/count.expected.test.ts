import { describe, expect, test } from '@jest/globals'
import { formatQuantity, parseQuantity } from '@stockline/amounts'
import { correctedOnHand, differenceAt, expectedAt, isPastTolerance, type PlaceState } from './count.expected.ts'

const state = ([onHand, picked, put]: readonly [string, string, string]): PlaceState => ({
  onHand: parseQuantity(onHand),
  picked: parseQuantity(picked),
  put: parseQuantity(put),
})

describe('what is expected at a place, and what was counted', () => {
  test.each([
    ['nothing moves', ['42', '0', '0'], '40', '42', '-2', '40'],
    ['8 are on a cart', ['42', '8', '0'], '34', '34', '0', '42'],
    ['8 are on a cart, one is missing', ['42', '8', '0'], '33', '34', '-1', '41'],
    ['a receipt that is not posted has put 5', ['10', '0', '5'], '15', '15', '0', '10'],
    ['both, and one too many', ['42', '8', '5'], '40', '39', '1', '43'],
    ['all is on the cart', ['3', '3', '0'], '0', '0', '0', '3'],
    ['what was put is not there', ['0', '0', '5'], '2', '5', '-3', '-3'],
    ['to a millionth', ['0.000003', '0.000001', '0'], '0', '0.000002', '-0.000002', '0.000001'],
  ] as const)('%s', (_title, at, counted, expected, difference, corrected) => {
    const [place, seen] = [state(at), parseQuantity(counted)]
    expect(formatQuantity(expectedAt(place))).toBe(expected)
    expect(formatQuantity(differenceAt(place, seen))).toBe(difference)
    expect(formatQuantity(correctedOnHand(place, seen))).toBe(corrected)
  })
})

describe('a second person counts what is past the tolerance', () => {
  test.each([
    ['no tolerance is given', '100', '0', null, null, false],
    ['as much as allowed', '100', '98', '2', null, false],
    ['one step more', '100', '97.999999', '2', null, true],
    ['too many, too', '100', '103', '2', null, true],
    ['as many percent as allowed', '40', '38', null, '5', false],
    ['more percent', '40', '37.999999', null, '5', true],
    ['a quantity of zero allows none', '40', '39', '0', null, true],
    ['each bound counts: the percent', '10', '8', '5', '10', true],
    ['each bound counts: the quantity', '1000', '990', '5', '10', true],
    ['nothing was expected', '0', '1', null, '50', true],
    ['nothing differs', '10', '10', '0', '0', false],
  ] as const)('%s', (_title, onHand, counted, quantity, percent, is) => {
    const bounds = {
      quantity: quantity === null ? null : parseQuantity(quantity),
      percent: percent === null ? null : parseQuantity(percent),
    }
    expect(isPastTolerance(state([onHand, '0', '0']), parseQuantity(counted), bounds)).toBe(is)
  })
})
