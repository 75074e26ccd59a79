import { expect, test } from '@jest/globals'
import { pacer } from './pace.ts'

/** How long each call was held back, of calls that come so many milliseconds after one another. */
async function heldBack(gapsMs: readonly number[], paceMs: number): Promise<boolean[]> {
  let nowMs = 1000
  const pause = pacer(paceMs, () => nowMs)
  const held: boolean[] = []
  for (const gap of gapsMs) {
    nowMs += gap
    const began = performance.now()
    await pause()
    held.push(performance.now() - began > paceMs / 2)
  }
  return held
}

test.each<[string, readonly number[], readonly boolean[]]>([
  ['the first is served at once', [0], [false]],
  ['what follows closely is held back', [0, 1, 1], [false, true, true]],
  ['what comes after a quiet moment is served at once', [0, 1, 100, 1], [false, true, false, true]],
])('%s', async (_title, gaps, expected) => {
  expect(await heldBack(gaps, 20)).toEqual(expected)
})
