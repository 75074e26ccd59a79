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
    const taken = take('a')
    // No timer comes first.
    await new Promise(setImmediate)
    expect([groups, singles]).toEqual([[], ['a']])
    expect(await taken).toBe('a.')
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

  test('in greater number than a group may have waits for the next, in order', async () => {
    const { take, groups, singles } = taker({ most: 3 })
    await Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(take))
    expect([groups, singles]).toEqual([
      [
        ['a', 'b', 'c'],
        ['d', 'e', 'f'],
      ],
      ['g'],
    ])
  })

  test('close behind others is gathered for a moment, though each may come while nobody is worked on', async () => {
    const { take, groups } = taker({ group: (members) => Promise.resolve(members.map(() => '!')) })
    await Promise.all(['a', 'b'].map(take))
    const late = ['c', 'd', 'e'].map(async (member, index) => {
      await delay(2 * index)
      return take(member)
    })
    await Promise.all(late)
    expect(groups.flat()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(groups.length).toBeLessThan(4)
  })

  test('again and again with nobody beside is not held up by its own earlier ones', async () => {
    const { take, groups } = taker({ single: () => Promise.resolve('.') })
    const times: number[] = []
    for (let n = 0; n < 20; n += 1) {
      const began = performance.now()
      await take('a')
      times.push(performance.now() - began)
    }
    expect(Math.min(...times.slice(1))).toBeLessThan(3)
    expect(groups).toEqual([])
  })

  test('in turns with one other shares with it', async () => {
    const { take, groups, singles } = taker()
    const client = async (name: string): Promise<void> => {
      for (let n = 0; n < 20; n += 1) {
        await take(name)
        await delay(1)
      }
    }
    await Promise.all(['a', 'b'].map(client))
    expect(groups.length).toBeGreaterThan(singles.length)
  })

  test('without end keeps nobody out: the first waits for so many others and no more', async () => {
    const { take, groups } = taker({ most: 1000, apart: (member) => [member] })
    await Promise.all(['a', 'b'].map(take))
    const stream: Promise<string>[] = []
    const began = performance.now()
    const first = take('first').then(() => performance.now() - began)
    for (let n = 0; n < 300; n += 1) {
      await delay(1)
      stream.push(take(String(n)))
    }
    expect(await first).toBeLessThan(200)
    expect(await Promise.all(stream)).toHaveLength(300)
    expect(groups.length).toBeGreaterThan(2)
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

describe('names', () => {
  /** Members that are their own names, one a letter. */
  const letters = (options: Partial<TogetherOptions<string, string>> = {}) =>
    taker({ apart: (member) => Array.from(member), ...options })

  test('of one who is left for the next group are kept for it: nobody who shares one goes before', async () => {
    const { take, groups, singles } = letters()
    // `bc` must wait for `ab`, and so must `cd` for `bc`, though it has nothing in common with `ab`.
    await Promise.all(['ab', 'bc', 'cd', 'e'].map(take))
    expect([groups, singles]).toEqual([[['ab', 'e']], ['bc', 'cd']])
  })

  test('many times the same are taken in the order in which they came, and hold up nobody else', async () => {
    const order: string[] = []
    const note = (members: readonly string[]) => {
      order.push(...members)
      return Promise.resolve(members.map(() => '!'))
    }
    const { take } = taker({ group: note, single: (member) => note([member]).then(() => '.') })
    await Promise.all(['a1', 'a2', 'a3', 'b1', 'a4', 'b2', 'c1'].map(take))
    expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4'])
  })

  test('that cannot be told are the fault of their own member alone', async () => {
    const { take } = taker({
      apart: (member) => {
        if (member === 'bad') throw new TypeError('no name')
        return [member]
      },
    })
    const results = await Promise.allSettled(['a', 'bad', 'b'].map(take))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await take('c')).toBe('c.')
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

  test('says nothing of a member, that one fails: what was done for it is not known, and is not done twice', async () => {
    const { take, singles } = taker({ group: (members) => Promise.resolve(members.slice(1).map(() => '!')) })
    const results = await Promise.allSettled(['a', 'b', 'c'].map(take))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(singles).toEqual([])
  })

  test('leaves one alone that hangs, the others have their results, and who comes later is not held up', async () => {
    const { take } = taker({
      group: (members) => Promise.resolve(members.map((member) => (member === 'a' ? alone : '!'))),
      single: (member) => (member === 'a' ? new Promise(() => undefined) : Promise.resolve('.')),
    })
    void take('a')
    expect(await take('b')).toBe('!')
    const began = performance.now()
    expect(await take('c')).toBe('.')
    expect(performance.now() - began).toBeLessThan(200)
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

  test('is undone by a deadlock, its members are taken one by one: it may be the doing of one', async () => {
    const conflict = Object.assign(new Error('deadlock detected'), { code: '40P01' })
    const { take, singles } = taker({
      group: () => Promise.reject(conflict),
      single: (member) => (member === 'b' ? Promise.reject(conflict) : Promise.resolve(`${member}.`)),
    })
    const results = await Promise.allSettled(['a', 'b', 'c'].map(take))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(singles).toEqual(['a', 'b', 'c'])
  })

  test('fails after it was given up as late, its members are told all the same', async () => {
    const fault = Object.assign(new Error('terminating connection'), { code: '57P01' })
    const { take } = taker({
      group: async (members) => {
        if (!members.includes('a')) return members.map(() => '!')
        await delay(120)
        throw fault
      },
    })
    const late = Promise.allSettled(['a', 'b'].map(take))
    await delay(2)
    expect(await Promise.all(['c', 'd'].map(take))).toEqual(['!', '!'])
    expect(await late).toEqual([
      { status: 'rejected', reason: fault },
      { status: 'rejected', reason: fault },
    ])
  })

  test('of one member hangs, others are held up for a moment and not for ever', async () => {
    const { take } = taker({
      single: (member) => (member === 'a' ? new Promise(() => undefined) : Promise.resolve('.')),
    })
    void take('a')
    await delay(2)
    const began = performance.now()
    expect(await take('b')).toBe('.')
    expect(performance.now() - began).toBeLessThan(200)
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
