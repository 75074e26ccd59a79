import { describe, expect, test } from '@jest/globals'
import { accuracyOf, accuracyOfAll } from './accuracy.ts'

describe('coverage and accuracy', () => {
  test.each([
    ['nothing is there', [0, 0, 0, 0], null, null],
    ['nothing was counted', [3, 0, 0, 0], '0.00', null],
    ['one of three, one of two is right', [3, 1, 2, 1], '33.33', '50.00'],
    ['two of three are 66.67', [3, 2, 3, 2], '66.67', '66.67'],
    ['half of a hundredth is rounded up', [20_000, 1, 20_000, 19_999], '0.01', '100.00'],
    ['all', [7, 7, 9, 9], '100.00', '100.00'],
  ] as const)('%s', (_title, [places, covered, lines, exact], coverage, accuracy) =>
    expect(accuracyOf({ places, covered, lines, exact })).toEqual({
      places,
      covered,
      coverage,
      lines,
      exact,
      accuracy,
    }),
  )

  test('classes add up', () =>
    expect(
      accuracyOfAll([
        { abcClass: 'A', places: 2, covered: 2, lines: 4, exact: 3 },
        { abcClass: 'C', places: 8, covered: 3, lines: 3, exact: 3 },
      ]),
    ).toEqual({ places: 10, covered: 5, coverage: '50.00', lines: 7, exact: 6, accuracy: '85.71' }))
})
