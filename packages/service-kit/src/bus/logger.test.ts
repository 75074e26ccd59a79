import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { createLogThrottle } from './logger.ts'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

test('the same is due once in half a minute, another at once', () => {
  const isDue = createLogThrottle()
  const told = (what: string, afterMs: number): boolean => {
    jest.advanceTimersByTime(afterMs)
    return isDue(what)
  }
  expect([told('a', 0), told('a', 0), told('b', 1), told('a', 29_000), told('b', 0)]).toEqual([
    true,
    false,
    true,
    false,
    false,
  ])
  expect([told('a', 1_000), told('b', 0), told('a', 29_999), told('a', 1)]).toEqual([true, true, false, true])
})

test('two in turn are told as seldom as one', () => {
  const isDue = createLogThrottle()
  const told = Array.from({ length: 1_000 }, (_, at) => isDue(at % 2 === 0 ? 'here' : 'there'))
  expect(told.filter(Boolean)).toHaveLength(2)
})

test('what is remembered does not grow without end', () => {
  const isDue = createLogThrottle()
  for (let at = 0; at < 100; at += 1) expect(isDue(`text ${at}`)).toBe(true)
  expect(isDue('text 0')).toBe(false)
  expect([isDue('one more'), isDue('text 0')]).toEqual([true, true])
})
