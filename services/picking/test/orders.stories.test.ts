/** Stories of orders made up by chance: told in batches they come to the same as told event by event. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { IncomingMessage } from '@stockline/service-kit'
import { invariants } from '../src/invariants.ts'
import { openFloor, type Floor } from './floor.ts'
import { inboxOn, messagesOf, settled, story, triedAgain, warehouseTold, whatCameOf } from './orders-stories.ts'

let floor: Floor
beforeAll(async () => {
  floor = await openFloor()
}, 60_000)
afterAll(() => floor.stop())

describe('G5 What orders come to does not depend on how they are batched', () => {
  test.each(Array.from({ length: 60 }, (_, seed) => seed))('G5 story %d', async (seed) => {
    const warnings: string[] = []
    const inbox = inboxOn(floor, warnings)
    const oneByOne = async (messages: readonly IncomingMessage[]): Promise<void> => {
      for (const message of messages) {
        await inbox.handle([message])
        await settled(floor)
      }
    }
    const far = `F${seed}`
    const { before, told } = story(seed, far)
    const [single, batched] = [`/one/${seed}/`, `/all/${seed}/`]
    await oneByOne(messagesOf(single, [...before, ...told]))
    await oneByOne(messagesOf(batched, before))
    await inbox.handle(messagesOf(batched, told, before.length))
    await settled(floor)
    await triedAgain(floor, [single, batched])
    expect(await whatCameOf(floor, batched)).toEqual(await whatCameOf(floor, single))

    await warehouseTold(floor, far)
    await settled(floor)
    expect(await whatCameOf(floor, batched)).toEqual(await whatCameOf(floor, single))
    expect(warnings).toEqual([])
  })
})

test('G5 every invariant holds after all that', async () => {
  for (const { statement } of invariants) expect(await floor.service.db.survey(statement)).toEqual([])
})
