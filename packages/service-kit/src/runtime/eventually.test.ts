import { expect, test } from '@jest/globals'
import { ownTime } from '../../test/own-time.ts'
import { eventually } from './eventually.ts'

test('it is tried until it succeeds, and each reason is told', async () => {
  const time = ownTime()
  const reasons: unknown[] = []
  let attempts = 0
  const tried = eventually(
    () => {
      attempts += 1
      return attempts < 3 ? Promise.reject(new Error(`attempt ${attempts}`)) : Promise.resolve('there')
    },
    (error) => reasons.push((error as Error).message),
    time,
  )
  await expect(tried.now()).rejects.toThrow('attempt 1')
  await time.pass(99)
  expect(attempts).toBe(1)
  await time.pass(1)
  expect(attempts).toBe(2)
  expect(await time.until(tried.achieved)).toBe('there')
  expect(time.now()).toBe(1_300)
  expect(await tried.now()).toBe('there')
  expect(reasons).toEqual(['attempt 1', 'attempt 2'])
  const ended: string[] = []
  await tried.stop((one) => Promise.resolve(void ended.push(one)))
  expect(ended).toEqual(['there'])
})

test('stopped, it tries no more, and does not wait for an attempt that hangs; what that brings is still ended', async () => {
  const hanging = Promise.withResolvers<string>()
  let attempts = 0
  const tried = eventually(
    () => {
      attempts += 1
      return hanging.promise
    },
    () => undefined,
  )
  const ended: string[] = []
  await tried.stop((one) => Promise.resolve(void ended.push(one)))
  expect(ended).toEqual([])
  hanging.resolve('late')
  await hanging.promise
  await new Promise(setImmediate)
  expect([attempts, ended]).toEqual([1, ['late']])
})

test('stopped between two attempts, it ends at once', async () => {
  const time = ownTime()
  let attempts = 0
  const failed = Promise.withResolvers<undefined>()
  const tried = eventually(
    () => {
      attempts += 1
      return Promise.reject(new Error('away'))
    },
    () => failed.resolve(undefined),
    time,
  )
  await failed.promise
  await tried.stop(() => Promise.reject(new Error('there is nothing to end')))
  await time.pass(10_000)
  expect(attempts).toBe(1)
})
