import { describe, expect, test } from '@jest/globals'
import { nextCheckAt } from './metrics.ts'

describe('when an invariant is asked again', () => {
  test.each([
    ['in every round while it is quick', 300, 1000],
    ['after 200 times as long as it took, once that is longer than a round', 301, 1000 + 301 + 60_200],
    ['as rarely as history makes it slow: 20 s, then an hour and more', 20_000, 1000 + 20_000 + 4_000_000],
  ])('%s', (_title, tookMs, at) => {
    expect(nextCheckAt(1000, 1000 + tookMs, 60_000)).toBe(at)
  })
})
