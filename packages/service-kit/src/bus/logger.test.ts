import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { createNews } from './logger.ts'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

test('the same is news once in half a minute, another at once', () => {
  const isNews = createNews()
  const told = (what: string, afterMs: number): boolean => {
    jest.advanceTimersByTime(afterMs)
    return isNews(what)
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
  const isNews = createNews()
  const told = Array.from({ length: 1_000 }, (_, at) => isNews(at % 2 === 0 ? 'here' : 'there'))
  expect(told.filter(Boolean)).toHaveLength(2)
})

test('what is remembered does not grow without end', () => {
  const isNews = createNews()
  for (let at = 0; at < 100; at += 1) expect(isNews(`text ${at}`)).toBe(true)
  expect(isNews('text 0')).toBe(false)
  expect([isNews('one more'), isNews('text 0')]).toEqual([true, true])
})
