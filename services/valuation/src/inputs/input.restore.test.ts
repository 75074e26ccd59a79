import { expect, test } from '@jest/globals'
import { compareEntries, type Caused } from './input.restore.ts'

const entry = (text: string): Caused => {
  const [cause = '', number = '', value = ''] = text.split(' ')
  return { cause: cause === '-' ? undefined : cause, data: { number, value } as Caused['data'] }
}
const texts = (entries: readonly Caused[]) => entries.map(({ data }) => data.number)

// Entries are written as cause, number and value.
test.each([
  ['all the same', ['a 1 x', 'b 2 y'], ['a 1 x', 'b 2 y'], {}],
  ['made in another order', ['a 1 x', 'b 2 y'], ['b 2 y', 'a 1 x'], {}],
  ['one more at the end', ['a 1 x'], ['a 1 x', 'b 2 y'], { untold: ['2'] }],
  ['one more at the beginning', ['b 2 y'], ['a 1 x', 'b 2 y'], { untold: ['1'] }],
  ['one more of the same cause', ['a 1 x'], ['a 1 x', 'a 2 y'], { untold: ['2'] }],
  ['another value', ['a 1 x', 'b 2 y'], ['a 1 x', 'b 2 z'], { different: ['2'] }],
  ['one that is not made', ['a 1 x', 'a 2 y', 'b 3 z'], ['a 1 x', 'b 3 z'], { different: ['2'] }],
  [
    'one by hand, behind which all have other numbers',
    ['a 1 x', '- 2 h', 'b 3 y'],
    ['a 1 x', 'b 2 y'],
    { byHand: ['2'], renumbered: ['3'] },
  ],
  ['nothing told', [], ['a 1 x'], { untold: ['1'] }],
  ['nothing made', ['a 1 x'], [], { different: ['1'] }],
])('entries are compared by what led to them: %s', (_what, told, made, expected) => {
  const { different, byHand, renumbered, untold } = compareEntries(told.map(entry), made.map(entry))
  const found = { different: texts(different), byHand: texts(byHand), untold: texts(untold) }
  expect({ ...found, renumbered: texts(renumbered.map((one) => one.told)) }).toEqual({
    ...{ different: [], byHand: [], untold: [], renumbered: [] },
    ...expected,
  })
})
