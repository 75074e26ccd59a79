import { expect, test } from '@jest/globals'
import { secondsAmong, type OfOrder } from './restore.ts'

const document = (text: string): OfOrder => {
  const [id = '', status = '', orderId = '', backorderOf] = text.split(' ')
  return { id, status, orderId: orderId === '-' ? null : orderId, backorderOf: backorderOf ?? null }
}

// Documents are written as id, status, order and what they are a backorder of.
test.each([
  ['one of the same order', ['a posting o'], ['b draft o'], 'a: b'],
  ['one of another order', ['a posting o'], ['b draft p'], ''],
  ['one that is cancelled', ['a posting o'], ['b cancelled o'], ''],
  ['a restored one that is cancelled', ['a cancelled o'], ['b draft o'], ''],
  ['one without an order', ['a posting -'], ['b draft -'], ''],
  ['one that was told of too', ['a posting o'], ['told waiting o'], ''],
  ['the one that a backorder is of', ['a posting o first'], ['first done o'], ''],
  ['another backorder of it', ['a posting o first'], ['b draft o first', 'c draft o second'], 'a: b'],
  ['several', ['a posting o', 'd waiting p'], ['b done o', 'c draft p', 'e draft p'], 'a: b, d: c, d: e'],
])('documents made anew: %s', (_what, made, others, expected) => {
  const seconds = secondsAmong(made.map(document), others.map(document), new Set(['told']))
  expect(seconds.map(({ restored, second }) => `${restored.id}: ${second.id}`).join(', ')).toBe(expected)
})
