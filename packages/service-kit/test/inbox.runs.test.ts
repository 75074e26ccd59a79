/** Runs of events that one batch reaction takes in one call, and says of each what came of it. */
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Event } from '@stockline/contracts/envelope'
import { openInbox } from '../src/messaging/inbox.ts'
import { batchReaction, isWait, waitFor, type ReactionResult } from '../src/messaging/reactions.ts'
import { refuse } from '../src/refusal.ts'
import type { Tx } from '../src/database/transaction.ts'
import { erased, noted } from './kit.contracts.ts'
import { kitDatabase, message, ours, silent, theirs, writeNote, type KitDatabase } from './kit.database.ts'

type Note = Event<{ readonly text: string }>

let kit: KitDatabase
let runs: string[][]
beforeEach(async () => {
  kit = await kitDatabase()
  runs = []
})
afterEach(() => kit.end())

/** A text says what comes of it; the first letter is the key. */
async function came(tx: Tx, { data: { text } }: Note): Promise<ReactionResult> {
  if (text.includes('waits')) return waitFor(`Nothing for ${text}.`, `key of ${text}`)
  if (text.includes('late')) return refuse('note-late', 'state', 'It came too late.')
  if (text.includes('wrong')) return refuse('note-wrong', 'content', 'It is wrong.')
  await tx.query(writeNote, [text])
  return undefined
}

const key = (text: string): string => text.charAt(0)

/** @param careful keeps those of a key back behind one that waits, as it must */
function inboxOf(careful = true) {
  const reaction = batchReaction({
    contracts: [noted],
    parkBy: ({ data }) => key(data.text),
    react: async (tx: Tx, events) => {
      runs.push(events.map(({ data }) => data.text))
      const results: ReactionResult[] = []
      const waiting = new Map<string, ReactionResult>()
      for (const one of events) {
        const before = careful ? waiting.get(key(one.data.text)) : undefined
        const result = before ?? (await came(tx, one))
        if (isWait(result)) waiting.set(key(one.data.text), result)
        results.push(result)
      }
      return results
    },
  })
  const other = batchReaction({
    contracts: [erased],
    parkBy: ({ data }) => key(data.text),
    react: async (tx: Tx, events) => {
      for (const { data } of events) await tx.query(writeNote, [`erased ${data.text}`])
    },
  })
  return openInbox(kit.db, [reaction, other], silent)
}

const set = async () =>
  (
    await kit.rows<{ state: string; text: string; wait_key: string | null }>(
      `select state, wait_key, event::json -> 'data' ->> 'text' as text from kit.parked order by position`,
    )
  ).map(({ state, text, wait_key }) => `${state} ${text}${wait_key === null ? '' : ` for ${wait_key}`}`)

test('each has what was said of it: done, refused, wrong, waiting, or behind one that waits', async () => {
  await inboxOf().handle(
    ['a one', 'b waits', 'c late', 'b two', 'd wrong', 'a two', 'b late'].map((text) => message(theirs(text))),
  )
  expect(runs).toHaveLength(1)
  expect(await kit.notes()).toEqual(['a one', 'a two'])
  expect(await set()).toEqual(['waiting b waits for key of b waits', 'behind b two', 'behind b late'])
  expect(await kit.rows('select id, outcome from kit.inbox where outcome is not null order by id')).toEqual([
    { id: 'theirs-c late', outcome: 'note-late' },
    { id: 'theirs-d wrong', outcome: 'note-wrong' },
  ])
  expect(await kit.rows('select reason from kit.quarantine')).toEqual([{ reason: 'note-wrong' }])
})

test('what stands behind one that waits is not given to the reaction any more, nor to another one of the key', async () => {
  const inbox = inboxOf()
  await inbox.handle([message(theirs('a waits')), message(theirs('b one'))])
  await inbox.handle([
    message(theirs('a two')),
    message(theirs('b two')),
    message(theirs('a three', { type: erased.type })),
    message(theirs('b three', { type: erased.type })),
  ])
  expect(runs).toEqual([['a waits', 'b one'], ['b two']])
  expect(await kit.notes()).toEqual(['b one', 'b two', 'erased b three'])
  expect(await set()).toEqual(['waiting a waits for key of a waits', 'behind a two', 'behind a three'])
})

test('an event that was applied although an earlier one of its key waits is a bug: they are taken one by one', async () => {
  await inboxOf(false).handle(['a waits', 'a two', 'b one'].map((text) => message(theirs(text))))
  expect(runs).toEqual([['a waits', 'a two', 'b one'], ['a waits'], ['b one']])
  expect(await kit.notes()).toEqual(['b one'])
  expect(await set()).toEqual(['waiting a waits for key of a waits', 'behind a two'])
})

test('in a run of numbered events those that are early or known are left out, and the rest is one call', async () => {
  const inbox = inboxOf()
  await inbox.handle([message(ours('a one', 1))])
  await inbox.handle([
    message(ours('a one', 1)),
    message(ours('a two', 2)),
    message(theirs('b one')),
    message(ours('a four', 4)),
    message(theirs('b one')),
    message(ours('a three', 3)),
  ])
  expect(runs).toEqual([['a one'], ['a two', 'b one', 'a three']])
  expect(await set()).toEqual(['gap a four'])
})
