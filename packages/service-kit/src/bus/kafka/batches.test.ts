import { expect, test } from '@jest/globals'
import { joinBatches } from './batches.ts'
import type { IncomingMessage } from '../bus.ts'

function message(partition: number, offset: bigint): IncomingMessage {
  return { topic: 'orders', partition, offset, key: null, value: null, headers: {} }
}

test('what comes in one turn is one batch, and a full batch leaves the rest for the next', async () => {
  const sizes: number[] = []
  const join = joinBatches((messages) => {
    sizes.push(messages.length)
    return Promise.resolve()
  }, 3)
  await Promise.all([1, 2, 3, 4].map((partition) => join([message(partition, 1n)])))
  await join([1n, 2n, 3n, 4n, 5n].map((offset) => message(1, offset)))
  expect(sizes).toEqual([3, 1, 5])
})

test('never two at a time', async () => {
  let running = 0
  let most = 0
  const join = joinBatches(async () => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setTimeout(resolve, 5))
    running -= 1
  }, 1)
  await Promise.all([1, 2, 3].map((partition) => join([message(partition, 1n)])))
  expect(most).toBe(1)
})

test('when a batch fails its parts are tried alone, and only the bad one rejects', async () => {
  const tried: number[][] = []
  const join = joinBatches((messages) => {
    tried.push(messages.map(({ partition }) => partition))
    return messages.some(({ partition }) => partition === 2) ? Promise.reject(new TypeError('bad')) : Promise.resolve()
  }, 10)
  const results = await Promise.allSettled([1, 2, 3].map((partition) => join([message(partition, 1n)])))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(tried).toEqual([[1, 2, 3], [1], [2], [3]])
})
