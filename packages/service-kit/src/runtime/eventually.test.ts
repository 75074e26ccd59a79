import { expect, test } from '@jest/globals'
import { eventually } from './eventually.ts'

test('it is tried until it succeeds, and each reason is told', async () => {
  const reasons: unknown[] = []
  let attempts = 0
  const tried = eventually(
    () => {
      attempts += 1
      return attempts < 3 ? Promise.reject(new Error(`attempt ${attempts}`)) : Promise.resolve('there')
    },
    (error) => reasons.push((error as Error).message),
  )
  await expect(tried.now()).rejects.toThrow('attempt 1')
  expect(await tried.achieved).toBe('there')
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
  let attempts = 0
  const failed = Promise.withResolvers<undefined>()
  const tried = eventually(
    () => {
      attempts += 1
      return Promise.reject(new Error('away'))
    },
    () => failed.resolve(undefined),
  )
  await failed.promise
  await tried.stop(() => Promise.reject(new Error('there is nothing to end')))
  await new Promise((resolve) => setTimeout(resolve, 250))
  expect(attempts).toBe(1)
})
