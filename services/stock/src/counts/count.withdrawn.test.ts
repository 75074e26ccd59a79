import { describe, expect, test } from '@jest/globals'
import { withdrawnCounts, type CountLine } from './count.ts'
import { counted, sheet } from '../../test/counts-builders.ts'

const eightMissing = counted(1, '42', '34')
const withPicks = { picked: 8_000_000n as CountLine['picked'] }

describe('a difference that stands no more binds whoever counted it, and whoever counted otherwise', () => {
  test.each<[string, CountLine, CountLine, string[]]>([
    ['entered as if nothing was missing', eightMissing, counted(1, '42', '42'), ['ann']],
    ['entered with less missing', eightMissing, counted(1, '42', '40'), ['ann']],
    ['entered with too much', eightMissing, counted(1, '42', '50'), ['ann']],
    ['entered so by another person', eightMissing, counted(1, '42', '42', { countedBy: 'bob' }), ['ann', 'bob']],
    ['the same by another person, who could withdraw it next', eightMissing, counted(1, '42', '34', { countedBy: 'bob' }), ['ann', 'bob']],
    ['asked again, since its place had picks', eightMissing, { ...eightMissing, state: 'again', counted: null }, ['ann']],
    ['counted again by another person', eightMissing, { ...eightMissing, state: 'recount', counted: null, countedBefore: ['ann'] }, ['ann']],
    ['explained by what is on a cart now', eightMissing, counted(1, '42', '34', withPicks), ['ann']],
    ['too much, entered as if nothing was', counted(1, '42', '50'), counted(1, '42', '42'), ['ann']],
    ['entered again as it was', eightMissing, counted(1, '42', '34', { position: '9' }), []],
    ['the same difference of what is there by now', eightMissing, counted(1, '40', '32', { position: '9' }), []],
    ['none before', counted(1, '42', '42'), eightMissing, []],
    ['none before, by what was on a cart', counted(1, '42', '34', withPicks), counted(1, '42', '42'), []],
    ['not counted before', { ...eightMissing, counted: null, countedBy: null, state: 'open' }, counted(1, '42', '42'), []],
    ['asked again before', { ...eightMissing, counted: null, state: 'again' }, counted(1, '42', '42'), []],
  ])('%s', (_title, before, after, people) =>
    expect(withdrawnCounts(sheet({ lines: [before] }), sheet({ lines: [after] }))).toEqual(
      people.map((by) => ({ sku: 'P1', location: 'WH/Stock/A/1', lot: null, status: 'available', by })),
    ),
  ) // prettier-ignore

  test('each line by itself', () => {
    const before = sheet({ lines: [eightMissing, counted(2, '10', '9'), counted(3, '5', '5')] })
    const after = sheet({ lines: [eightMissing, counted(2, '10', '10'), counted(3, '5', '4')] })
    expect(withdrawnCounts(before, after).map(({ sku }) => sku)).toEqual(['P2'])
    expect(withdrawnCounts(before, { lines: before.lines })).toEqual([])
  })
})
