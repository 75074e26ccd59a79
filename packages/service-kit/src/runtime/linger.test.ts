import { expect, test } from '@jest/globals'
import { ownTime } from '../../test/own-time.ts'
import { lingerer, pauser } from './linger.ts'

/** For how long each call was held back, of calls that come so many milliseconds after one another. */
async function heldBack(gapsMs: readonly number[], lingerMs: number, sizes?: readonly number[]): Promise<number[]> {
  const time = ownTime()
  const pause = lingerer(lingerMs, time)
  const held: number[] = []
  for (const [index, gap] of gapsMs.entries()) {
    await time.pass(gap)
    const began = time.now()
    await time.until(pause(sizes?.[index]))
    held.push(time.now() - began)
  }
  return held
}

test.each<[string, readonly number[], readonly number[]]>([
  ['the first is served at once', [0], [0]],
  ['what follows closely is held back', [0, 1, 1], [0, 20, 20]],
  ['what comes after a quiet moment is served at once', [0, 1, 100, 1], [0, 20, 0, 20]],
])('%s', async (_title, gaps, expected) => {
  expect(await heldBack(gaps, 20)).toEqual(expected)
})

test.each<[string, readonly number[], readonly number[]]>([
  ['batches of one in a row gain nothing', [1, 1, 1, 1, 1], [0, 20, 20, 0, 0]],
  ['one of several begins anew', [1, 1, 1, 1, 2, 1, 1, 1, 1], [0, 20, 20, 0, 20, 20, 20, 20, 0]],
  ['larger ones are held back', [3, 1, 3, 1, 3, 1], [0, 20, 20, 20, 20, 20]],
])('%s', async (_title, sizes, expected) => {
  const gaps = sizes.map(() => 1)
  expect(await heldBack(gaps, 20, sizes)).toEqual(expected)
})

test('a pause ends by itself, or by a wake, also by one that came before', async () => {
  const time = ownTime()
  const pause = pauser(time)
  await time.until(pause.sleep(50))
  expect(time.now()).toBe(1_050)
  const cut = pause.sleep(50)
  pause.wake()
  await cut
  pause.wake()
  await pause.sleep(50)
  expect(time.now()).toBe(1_050)
  await time.until(pause.sleep(50))
  expect(time.now()).toBe(1_100)
})
