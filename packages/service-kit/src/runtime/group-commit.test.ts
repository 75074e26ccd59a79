import { describe, expect, test } from '@jest/globals'
import { ownTime } from '../../test/own-time.ts'
import { createLogger } from './logging.ts'
import { sleepIn } from './time.ts'
import { retryIndividually, groupCommit, type GroupCommitOptions } from './group-commit.ts'

const log = createLogger('test', 'silent')

/** Takes texts, and writes down in which company. Members with the same first letter are kept apart. */
function taker(options: Partial<GroupCommitOptions<string, string>> = {}) {
  const time = ownTime()
  const groups: string[][] = []
  const singles: string[] = []
  const take = groupCommit<string, string>(
    {
      name: 'texts',
      most: 10,
      apart: (member) => [member.charAt(0)],
      log,
      ...options,
      group: async (members) => {
        groups.push([...members])
        if (options.group !== undefined) return options.group(members)
        await sleepIn(time, 5)
        return members.map((member) => `${member}!`)
      },
      single: async (member) => {
        singles.push(member)
        if (options.single !== undefined) return options.single(member)
        await sleepIn(time, 5)
        return `${member}.`
      },
    },
    time,
  )
  return { take, groups, singles, time }
}

describe('who comes', () => {
  test('in a quiet moment is taken at once and by itself', async () => {
    const { take, groups, singles, time } = taker()
    const taken = take('a')
    await time.pass(0)
    expect([groups, singles]).toEqual([[], ['a']])
    expect(await time.until(taken)).toBe('a.')
  })

  test('in one turn is one group, and each gets its own result', async () => {
    const { take, groups, time } = taker()
    expect(await time.until(Promise.all(['a', 'b', 'c'].map(take)))).toEqual(['a!', 'b!', 'c!'])
    expect(groups).toEqual([['a', 'b', 'c']])
  })

  test('while others are worked on is the next group', async () => {
    const { take, groups, singles, time } = taker()
    const first = take('a')
    await time.pass(2)
    expect(await time.until(Promise.all([first, take('b'), take('c')]))).toEqual(['a.', 'b!', 'c!'])
    expect([groups, singles]).toEqual([[['b', 'c']], ['a']])
  })

  test('in greater number than a group may have waits for the next, in order', async () => {
    const { take, groups, singles, time } = taker({ most: 3 })
    await time.until(Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(take)))
    expect([groups, singles]).toEqual([
      [
        ['a', 'b', 'c'],
        ['d', 'e', 'f'],
      ],
      ['g'],
    ])
  })

  test('close behind others is gathered for a moment, though each may come while nobody is worked on', async () => {
    const { take, groups, time } = taker({ group: (members) => Promise.resolve(members.map(() => '!')) })
    await time.until(Promise.all(['a', 'b'].map(take)))
    const late = ['c', 'd', 'e'].map(async (member, index) => {
      await sleepIn(time, 2 * index)
      return take(member)
    })
    await time.until(Promise.all(late))
    expect(groups).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ])
  })

  test('again and again with nobody beside is not held up by its own earlier ones', async () => {
    const { take, groups, time } = taker({ single: () => Promise.resolve('.') })
    const began = time.now()
    for (let n = 0; n < 20; n += 1) await time.until(take('a'))
    expect(time.now()).toBe(began)
    expect(groups).toEqual([])
  })

  test('in turns with one other shares with it', async () => {
    const { take, groups, singles, time } = taker()
    const client = async (name: string): Promise<void> => {
      for (let n = 0; n < 20; n += 1) {
        await take(name)
        await sleepIn(time, 1)
      }
    }
    await time.until(Promise.all(['a', 'b'].map(client)))
    expect([groups.length, singles]).toEqual([20, []])
  })

  test('without end keeps nobody out: the first waits for so many others and no more', async () => {
    const { take, groups, time } = taker({ most: 1000, apart: (member) => [member] })
    await time.until(Promise.all(['a', 'b'].map(take)))
    const stream: Promise<string>[] = []
    const began = time.now()
    const first = take('first').then(() => time.now() - began)
    for (let n = 0; n < 300; n += 1) {
      await time.pass(1)
      stream.push(take(String(n)))
    }
    // Gathered for 28 ms, and worked on for 5.
    expect(await first).toBe(33)
    expect(await time.until(Promise.all(stream))).toHaveLength(300)
    expect(groups.length).toBeGreaterThan(5)
  })

  test('under a name that the group has is in the next one, before those who come later', async () => {
    const { take, groups, singles, time } = taker({ most: 2 })
    const results = await time.until(Promise.all(['a1', 'a2', 'b1', 'a3', 'c1'].map(take)))
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
  const letters = (options: Partial<GroupCommitOptions<string, string>> = {}) =>
    taker({ apart: (member) => Array.from(member), ...options })

  test('of one who is left for the next group are kept for it: nobody who shares one goes before', async () => {
    const { take, groups, singles, time } = letters()
    // `bc` must wait for `ab`, and so must `cd` for `bc`, though it has nothing in common with `ab`.
    await time.until(Promise.all(['ab', 'bc', 'cd', 'e'].map(take)))
    expect([groups, singles]).toEqual([[['ab', 'e']], ['bc', 'cd']])
  })

  test('many times the same are taken in the order in which they came, and hold up nobody else', async () => {
    const order: string[] = []
    const note = (members: readonly string[]) => {
      order.push(...members)
      return Promise.resolve(members.map(() => '!'))
    }
    const { take, time } = taker({ group: note, single: (member) => note([member]).then(() => '.') })
    await time.until(Promise.all(['a1', 'a2', 'a3', 'b1', 'a4', 'b2', 'c1'].map(take)))
    expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4'])
  })

  test('that cannot be told are the fault of their own member alone', async () => {
    const { take, time } = taker({
      apart: (member) => {
        if (member === 'bad') throw new TypeError('no name')
        return [member]
      },
    })
    const results = await time.until(Promise.allSettled(['a', 'bad', 'b'].map(take)))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await time.until(take('c'))).toBe('c.')
  })
})

describe('when a group', () => {
  test('leaves a member alone, it is taken by itself', async () => {
    const { take, singles, time } = taker({
      group: (members) => Promise.resolve(members.map((member) => (member === 'b' ? retryIndividually : `${member}!`))),
    })
    expect(await time.until(Promise.all(['a', 'b', 'c'].map(take)))).toEqual(['a!', 'b.', 'c!'])
    expect(singles).toEqual(['b'])
  })

  test('says nothing of a member, that one fails: what was done for it is not known, and is not done twice', async () => {
    const { take, singles, time } = taker({ group: (members) => Promise.resolve(members.slice(1).map(() => '!')) })
    const results = await time.until(Promise.allSettled(['a', 'b', 'c'].map(take)))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(singles).toEqual([])
  })

  test('leaves one alone that hangs, the others have their results, and who comes later is not held up', async () => {
    const { take, time } = taker({
      group: (members) => Promise.resolve(members.map((member) => (member === 'a' ? retryIndividually : '!'))),
      single: (member) => (member === 'a' ? new Promise(() => undefined) : Promise.resolve('.')),
    })
    void take('a')
    expect(await time.until(take('b'))).toBe('!')
    const began = time.now()
    expect(await time.until(take('c'))).toBe('.')
    // Held up for 50 ms, and gathered for 4.
    expect(time.now() - began).toBe(54)
  })

  test('fails by a bug, its members are taken one by one, and only the bad one fails', async () => {
    const { take, time } = taker({
      group: () => Promise.reject(new TypeError('oops')),
      single: (member) => (member === 'b' ? Promise.reject(new TypeError('oops')) : Promise.resolve(`${member}.`)),
    })
    const results = await time.until(Promise.allSettled(['a', 'b', 'c'].map(take)))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  test('fails by a fault, it fails for all, and nothing is tried again', async () => {
    const fault = Object.assign(new Error('terminating connection'), { code: '57P01' })
    const { take, singles, time } = taker({ group: () => Promise.reject(fault) })
    const results = await time.until(Promise.allSettled(['a', 'b'].map(take)))
    expect(results).toEqual([
      { status: 'rejected', reason: fault },
      { status: 'rejected', reason: fault },
    ])
    expect(singles).toEqual([])
  })

  test('is undone by a deadlock, its members are taken one by one: it may be the doing of one', async () => {
    const conflict = Object.assign(new Error('deadlock detected'), { code: '40P01' })
    const { take, singles, time } = taker({
      group: () => Promise.reject(conflict),
      single: (member) => (member === 'b' ? Promise.reject(conflict) : Promise.resolve(`${member}.`)),
    })
    const results = await time.until(Promise.allSettled(['a', 'b', 'c'].map(take)))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(singles).toEqual(['a', 'b', 'c'])
  })

  test('fails after it was given up as late, its members are told all the same', async () => {
    const fault = Object.assign(new Error('terminating connection'), { code: '57P01' })
    const { take, time } = taker({
      group: async (members) => {
        if (!members.includes('a')) return members.map(() => '!')
        await sleepIn(time, 120)
        throw fault
      },
    })
    const late = Promise.allSettled(['a', 'b'].map(take))
    await time.pass(2)
    expect(await time.until(Promise.all(['c', 'd'].map(take)))).toEqual(['!', '!'])
    expect(await time.until(late)).toEqual([
      { status: 'rejected', reason: fault },
      { status: 'rejected', reason: fault },
    ])
  })

  test('of one member hangs, others are held up for a moment and not for ever', async () => {
    const { take, time } = taker({
      single: (member) => (member === 'a' ? new Promise(() => undefined) : Promise.resolve('.')),
    })
    void take('a')
    await time.pass(2)
    const began = time.now()
    expect(await time.until(take('b'))).toBe('.')
    expect(time.now() - began).toBe(48)
  })

  test('hangs, others are held up for a moment and not for ever', async () => {
    const { take, time } = taker({
      group: (members) =>
        members.includes('a') ? new Promise(() => undefined) : Promise.resolve(members.map((member) => `${member}!`)),
    })
    void take('a')
    void take('b')
    await time.pass(2)
    const began = time.now()
    expect(await time.until(Promise.all([take('c'), take('d')]))).toEqual(['c!', 'd!'])
    // Held up for 50 ms less the two that had passed, and gathered for 4.
    expect(time.now() - began).toBe(52)
  })
})

test('who is to meet others waits for them first, and they are one group', async () => {
  const others = Promise.withResolvers<undefined>()
  const { take, groups, time } = taker({ meet: () => others.promise })
  const taken = Promise.all(['a', 'b'].map(take))
  await time.pass(1_000)
  expect(groups).toEqual([])
  others.resolve(undefined)
  expect(await time.until(taken)).toEqual(['a!', 'b!'])
  expect(groups).toEqual([['a', 'b']])
})
