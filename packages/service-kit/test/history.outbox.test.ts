/** Which events the outbox knows, without reading all of it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { knownToOutbox } from '../src/messaging/history/outbox.ts'
import type { Queryable } from '../src/database/transaction.ts'
import { kitDatabase, type KitDatabase } from './kit.database.ts'

const hour = 3_600_000
const now = Date.now()
const rowCount = 2_000
/** One a minute, the last one now. */
const idAt = (number: number, drift = 0) => {
  const hex = (now - (rowCount - number) * 60_000 + drift).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${String(number).padStart(12, '0')}`
}
const skewed = new Map([[700, -3 * hour]])
const idOf = (number: number) => idAt(number, skewed.get(number))
const unknown = idAt(rowCount + 1)
const disowned = '01a00000-0000-7000-8000-00000000d150'

let kit: KitDatabase
beforeAll(async () => {
  kit = await kitDatabase()
  const numbers = Array.from({ length: rowCount }, (_, index) => index + 1)
  await kit.rows(
    `insert into kit.outbox (position, id, topic, key, type, subject, sequence, value, headers, created_at)
     select position, id, 'notes', 'a', 'a', 'a', position, '', '{}', at
     from unnest($1::bigint[], $2::uuid[], $3::timestamptz[]) as given (position, id, at)`,
    numbers,
    numbers.map(idOf),
    numbers.map((number) => new Date(now - (rowCount - number) * 60_000)),
  )
  // Positions have gaps, as of transactions that were rolled back.
  await kit.rows('delete from kit.outbox where position % 7 = 3')
  await kit.rows(`insert into kit.replaced (id, position) values ($1, 1500)`, idOf(1500))
  await kit.rows(
    `insert into kit.disowned (id, type, topic, subject, sequence) values ($1, 'a', 'notes', 'a', 1)`,
    disowned,
  )
})
afterAll(() => kit.end())

async function ask(sought: Parameters<typeof knownToOutbox>[1]) {
  const asked: string[] = []
  const db: Queryable = {
    query: (statement, values) => {
      asked.push(statement.text.trim())
      return kit.db.query(statement, values)
    },
  }
  const known = await knownToOutbox(db, sought)
  return {
    known: sought.map(({ id }) => known.has(id)),
    readsAll: asked.some((text) => text.endsWith('kit.outbox where id = any($1::uuid[])')),
  }
}
const unplaced = (id: string) => ({ id, position: undefined })

test.each([
  ['at its position', [{ id: idOf(5), position: 5n }], [true], false],
  ['another one at its position', [{ id: unknown, position: 5n }], [false], false],
  ['a position that is not there yet', [{ id: unknown, position: 9_999n }], [false], false],
  ['replaced', [{ id: idOf(1500), position: 5n }], [true], false],
  ['disowned', [{ id: disowned, position: 5n }, unplaced(disowned)], [true, true], false],
  ['without a position, the first', [unplaced(idOf(1))], [true], false],
  ['without a position, the last', [unplaced(idOf(rowCount))], [true], false],
  [
    'without a position, several',
    [unplaced(idOf(400)), unplaced(idOf(401)), unplaced(idOf(1999))],
    [true, true, true],
    false,
  ],
  ['without a position, by a wrong clock', [unplaced(idOf(700))], [true], true],
  ['without a position, unknown', [unplaced(unknown), unplaced(idOf(2))], [false, true], true],
])('%s', async (_what, sought, known, readsAll) => {
  expect(await ask(sought)).toEqual({ known, readsAll })
})

test('of an empty outbox nothing', async () => {
  const empty = await kitDatabase()
  expect(await knownToOutbox(empty.db, [unplaced(unknown), { id: unknown, position: 1n }])).toEqual(new Set())
  await empty.end()
})
