import { expect, test } from '@jest/globals'
import { stepOf, whoIs } from './history.ts'

const at = new Date('2026-04-20T08:00:00Z')
const [actor, other] = [
  { id: 'a', name: 'Actor' },
  { id: 'o', name: 'Other' },
]

test.each([
  ['the one who acts', { what: 'picked', why: null }, { who: actor, mark: null }],
  ['who is named', { what: 'picked', why: 'x', who: other }, { who: other, why: 'x' }],
  ['nobody, where the system is named', { what: 'picked', why: null, who: null }, { who: null }],
  ['a mark', { what: 'picked', why: null, mark: 'forced' as const }, { who: actor, mark: 'forced' }],
])('a step shows %s', (_title, note, expected) =>
  expect(stepOf(note, at, actor)).toMatchObject({ at: '2026-04-20T08:00:00.000Z', what: 'picked', ...expected }),
)

test('people are named by id and name alone', () => {
  expect(whoIs({ ...actor, groups: ['x'] } as never)).toEqual(actor)
})
