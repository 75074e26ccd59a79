import { describe, expect, test } from '@jest/globals'
import { epochCache, versionedCache } from './versioned-cache.ts'

const numbersAt = () => epochCache({ empty: () => new Set<number>(), sizeOf: (kept) => kept.size, most: 3 })

describe('a cache of an epoch', () => {
  test('keeps what it has as long as the epoch stands, and loses it with that', () => {
    const at = numbersAt()
    at('a').add(1)
    expect([...at('a')]).toEqual([1])
    expect([...at('b')]).toEqual([])
  })

  test('begins anew when it holds too much', () => {
    const at = numbersAt()
    for (const number of [1, 2, 3]) at('a').add(number)
    expect([...at('a')]).toEqual([])
    at('a').add(4)
    expect([...at('a')]).toEqual([4])
  })

  test('is kept for four stamps, the latest made', () => {
    const at = numbersAt()
    for (const stamp of ['a', 'b', 'c', 'd']) at(stamp).add(1)
    expect(at('a').size).toBe(1)
    at('e')
    expect([at('b').size, at('e').size]).toEqual([1, 0])
    expect(at('a').size).toBe(0)
  })

  test.each([undefined, ''])('%j is no epoch: a statement gave it under another name', (epoch) => {
    expect(() => numbersAt()(epoch as string)).toThrow('is no epoch')
  })
})

describe('what is remembered by id', () => {
  const letters = () => versionedCache<string>({ sizeOf: (kept) => kept.length, most: 6 })

  test('is there at its version', () => {
    const memory = letters()
    memory.keep('a', '1', 'one')
    expect([memory.knows('a'), memory.at('a', '1')]).toEqual([true, 'one'])
    expect([memory.knows('b'), memory.at('b', '1')]).toEqual([false, undefined])
  })

  test('is forgotten when it turns out to be of another version', () => {
    const memory = letters()
    memory.keep('a', '1', 'one')
    expect([memory.at('a', '2'), memory.knows('a')]).toEqual([undefined, false])
  })

  test('gives way to what is kept of it later', () => {
    const memory = letters()
    memory.keep('a', '1', 'one')
    memory.keep('a', '2', 'two')
    expect(memory.at('a', '2')).toBe('two')
  })

  test('goes when there is too much: the longest unused first, and what is too large by itself at once', () => {
    const memory = letters()
    memory.keep('a', '1', 'one')
    memory.keep('b', '1', 'two')
    expect(memory.at('a', '1')).toBe('one')
    memory.keep('c', '1', 'six')
    expect(['a', 'b', 'c'].map(memory.knows)).toEqual([true, false, true])
    memory.keep('a', '2', 'seventh')
    expect(['a', 'c'].map(memory.knows)).toEqual([false, true])
  })
})
