/** Stories of orders made up by chance: told in batches they come to the same as told event by event. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { IncomingMessage } from '@stockline/service-kit'
import { invariants } from '../src/invariants.ts'
import { openHarness, type Harness } from './harness.ts'
import { inboxOn, messagesOf, settled, story, triedAgain, warehouseTold, whatCameOf } from './orders-stories.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

describe('G5 What orders come to does not depend on how they are batched', () => {
  test.each(Array.from({ length: 60 }, (_, seed) => seed))('G5 story %d', async (seed) => {
    const warnings: string[] = []
    const inbox = inboxOn(harness, warnings)
    const oneByOne = async (messages: readonly IncomingMessage[]): Promise<void> => {
      for (const message of messages) {
        await inbox.handle([message])
        await settled(harness)
      }
    }
    const far = `F${seed}`
    const { before, told } = story(seed, far)
    const [single, batched] = [`/one/${seed}/`, `/all/${seed}/`]
    await oneByOne(messagesOf(single, [...before, ...told]))
    await oneByOne(messagesOf(batched, before))
    await inbox.handle(messagesOf(batched, told, before.length))
    await settled(harness)
    await triedAgain(harness, [single, batched])
    expect(await whatCameOf(harness, batched)).toEqual(await whatCameOf(harness, single))

    await warehouseTold(harness, far)
    await settled(harness)
    expect(await whatCameOf(harness, batched)).toEqual(await whatCameOf(harness, single))
    expect(warnings).toEqual([])
  })
})

test('G5 every invariant holds after all that', async () => {
  for (const { statement } of invariants) expect(await harness.service.db.queryWholeTables(statement)).toEqual([])
})
