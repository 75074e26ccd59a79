/** A transfer has several entries, each at its own position: they follow when the ledger gives its steps others, after it fell back. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import type { InputData } from '../src/inputs/input.ts'
import { openTestBooks, uuidOf, type OpenBooks } from './books.ts'
import { story } from './story.ts'

let books: OpenBooks
beforeAll(async () => {
  books = await openTestBooks()
}, 60_000)
afterAll(() => books.close())

const { opening } = story()
/** What is lost of a transfer by one of its attempts. */
const lost = (attempt: number, position: number, quantity = String(attempt)): InputData => {
  const one = story(position - 1).lostInTransit(['A', quantity])
  if (one.kind !== 'document') throw new Error('no document')
  return { ...one, document: { ...one.document, documentId: 'transfer', number: 'WH/INT/1', attempt } }
}
const found = () =>
  books.db.query<{ is: string }>(
    sql(`select position || ' ' || total as is from entries where document_id = $1 order by id`),
    [uuidOf('transfer')],
  )
const entries = async () => (await found()).map((row) => row.is)

test('T3: each entry is kept once, at the position that its attempt has', async () => {
  await books.take(opening(['A', '20', { unitCost: '3' }]))
  await books.take(lost(1, 2), lost(2, 3), lost(3, 4))
  expect(await entries()).toEqual(['2 3.00', '3 6.00', '4 9.00'])
  // Something else has the place of the second by now. The second and the third follow, and a fourth is new.
  await books.take(story(2).gain(['A', '5']))
  await books.take(lost(2, 4), lost(3, 5), lost(4, 6))
  expect(await entries()).toEqual(['2 3.00', '4 6.00', '5 9.00', '6 12.00'])
  // Two of them change places, one after the other; what is told again changes nothing.
  await books.take(lost(3, 4))
  await books.take(lost(2, 5), lost(4, 6), lost(1, 2))
  expect(await entries()).toEqual(['2 3.00', '5 6.00', '4 9.00', '6 12.00'])
  expect(await books.rebuilt()).toMatchObject({ difference: null })
  expect(await books.offending()).toEqual({})
})
