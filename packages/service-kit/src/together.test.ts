import { describe, expect, test } from '@jest/globals'
import { setTimeout as delay } from 'node:timers/promises'
import { createLogger } from './logging.ts'
import { alone, takenTogether, type TogetherOptions } from './together.ts'

const log = createLogger('test', 'silent')

/** Takes texts, and writes down in which company. Members with the same first letter are kept apart. */
function taker(options: Partial<TogetherOptions<string, string>> = {}) {
  const groups: string[][] = []
  const singles: string[] = []
  const take = takenTogether<string, string>({
    name: 'texts',
    most: 10,
    apart: (member) => [member.charAt(0)],
    log,
    ...options,
    group: async (members) => {
      groups.push([...members])
      if (options.group !== undefined) return options.group(members)
      await delay(5)
      return members.map((member) => `${member}!`)
    },
    single: async (member) => {
      singles.push(member)
      if (options.single !== undefined) return options.single(member)
      await delay(5)
      return `${member}.`
    },
  })
  return { take, groups, singles }
}

describe('who comes', () => {
  test('in a quiet moment is taken at once and by itself', async () => {
    const { take, groups, singles } = taker()
    const began = performance.now()
    expect(await take('a')).toBe('a.')
    expect(performance.now() - began).toBeLessThan(40)
    expect([groups, singles]).toEqual([[], ['a']])
  })

  test('in one turn is one group, and each gets its own result', async () => {
    const { take, groups } = taker()
    expect(await Promise.all(['a', 'b', 'c'].map(take))).toEqual(['a!', 'b!', 'c!'])
    expect(groups).toEqual([['a', 'b', 'c']])
  })

  test('while others are worked on is the next group', async () => {
    const { take, groups, singles } = taker()
    const first = take('a')
    await delay(2)
    expect(await Promise.all([first, take('b'), take('c')])).toEqual(['a.', 'b!', 'c!'])
    expect([groups, singles]).toEqual([[['b', 'c']], ['a']])
  })

  test('under a name that the group has is in the next one, before those who come later', async () => {
    const { take, groups, singles } = taker({ most: 2 })
    const results = await Promise.all(['a1', 'a2', 'b1', 'a3', 'c1'].map(take))
    expect(results).toEqual(['a1!', 'a2!', 'b1!', 'a3.', 'c1!'])
    expect([groups, singles]).toEqual([
      [
        ['a1', 'b1'],
        ['a2', 'c1'],
      ],
      ['a3'],
    ])
  })
})

describe('when a group', () => {
  test('leaves a member alone, it is taken by itself', async () => {
    const { take, singles } = taker({
      group: (members) => Promise.resolve(members.map((member) => (member === 'b' ? alone : `${member}!`))),
    })
    expect(await Promise.all(['a', 'b', 'c'].map(take))).toEqual(['a!', 'b.', 'c!'])
    expect(singles).toEqual(['b'])
  })

  test('fails by a bug, its members are taken one by one, and only the bad one fails', async () => {
    const { take } = taker({
      group: () => Promise.reject(new TypeError('oops')),
      single: (member) => (member === 'b' ? Promise.reject(new TypeError('oops')) : Promise.resolve(`${member}.`)),
    })
    const results = await Promise.allSettled(['a', 'b', 'c'].map(take))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  test('fails by a fault, it fails for all, and nothing is tried again', async () => {
    const fault = Object.assign(new Error('terminating connection'), { code: '57P01' })
    const { take, singles } = taker({ group: () => Promise.reject(fault) })
    const results = await Promise.allSettled(['a', 'b'].map(take))
    expect(results).toEqual([
      { status: 'rejected', reason: fault },
      { status: 'rejected', reason: fault },
    ])
    expect(singles).toEqual([])
  })

  test('hangs, others are held up for a moment and not for ever', async () => {
    const { take } = taker({
      group: (members) =>
        members.includes('a') ? new Promise(() => undefined) : Promise.resolve(members.map((member) => `${member}!`)),
    })
    void take('a')
    void take('b')
    await delay(2)
    const began = performance.now()
    expect(await Promise.all([take('c'), take('d')])).toEqual(['c!', 'd!'])
    expect(performance.now() - began).toBeLessThan(500)
  })
})
