import { describe, expect, test } from '@jest/globals'
import { rememberedAt } from './remembered.ts'

const numbersAt = () => rememberedAt({ empty: () => new Set<number>(), sizeOf: (kept) => kept.size, most: 3 })

describe('what is remembered at a stamp', () => {
  test('is there as long as the stamp stands, and gone with it', () => {
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
})
