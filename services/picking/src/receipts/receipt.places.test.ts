import { describe, expect, test } from '@jest/globals'
import { referenceData, entry, facts, line, location, receipt, taken } from '../../test/builders.ts'
import { locationKey, type Location } from '../locations/location.ts'
import { reconsiderReceipt } from './receipt.amend.ts'
import { countReceipt } from './receipt.count.ts'
import type { Entries } from './receipt.entry.ts'
import { keepingPlaces, placeFaults, placesUsed, receiptPlaces, withoutPlaces, withPlaces } from './receipt.places.ts'
import { validateReceipt } from './receipt.validate.ts'
import type { Receipt } from './receipt.ts'

const a = 'WH/Stock/A1-03'
const known = (...all: readonly Location[]) => new Map(all.map((each) => [each.code, each]))
const stock = location('WH/Stock')
const closed = location('WH/Stock', { active: false })
const sentence = 'Cannot be received: location "WH/Stock" is not in use any more.'
const key = locationKey('WH/Stock')
const wrong = withPlaces(receipt(), known(closed))

describe('G4 Where a receipt’s goods go is looked at early', () => {
  test.each<
    [what: string, of: Receipt, locations: ReadonlyMap<string, Location>, problem: string | null, keys: string[]]
  >([
    ['right', receipt(), known(stock), null, []],
    ['not known', receipt(), known(), 'Cannot be received: location "WH/Stock" is not known.', [key]],
    ['closed', receipt(), known(closed), sentence, [key]],
    [
      'of another warehouse',
      receipt(),
      known(location('WH/Stock', { warehouse: 'W2' })),
      'Cannot be received: location "WH/Stock" is not in warehouse WH.',
      [key],
    ],
    ['no stock of ours', receipt(), known(location('WH/Stock', { type: 'transit' })), 'Cannot be received: location "WH/Stock" holds no stock of ours.', [key]], // prettier-ignore
    [
      'of an entry',
      receipt({ lines: [{ ...line(1, 'RM-A', '10'), entries: [entry('10', { destination: a })] }] }),
      known(stock),
      `Cannot be received: location "${a}" is not known.`,
      [locationKey(a)],
    ],
    [
      'its own, with all counted elsewhere: nothing goes there',
      receipt({ lines: [{ ...line(1, 'RM-A', '10'), entries: [entry('10', { destination: a })] }] }),
      known(closed, location(a)),
      null,
      [],
    ],
    ['right again', wrong, known(stock), null, []],
    [
      'beside what it waits for',
      receipt({ problem: 'Waits: product "NEW" is not known.', waitsFor: ['product:NEW'] }),
      known(closed),
      `Waits: product "NEW" is not known. ${sentence}`,
      ['product:NEW', key],
    ],
  ])('%s', (_title, of, locations, problem, waitsFor) =>
    expect(withPlaces(of, locations)).toMatchObject({ problem, waitsFor }),
  )

  test('what is said is read again, taken away, and kept through changes of other things', () => {
    expect([...placeFaults(wrong)]).toEqual([['WH/Stock', 'location "WH/Stock" is not in use any more']])
    expect(withoutPlaces(wrong)).toMatchObject({ problem: null, waitsFor: [] })
    expect(keepingPlaces(wrong, { ...wrong, problem: null, waitsFor: [] })).toMatchObject({ problem: sentence })
    expect(reconsiderReceipt(wrong, referenceData)).toMatchObject({ problem: sentence, waitsFor: [key] })
    const waiting = { ...wrong, problem: `Waits: x. ${sentence}`, waitsFor: ['product:RM-A', key] }
    expect(reconsiderReceipt(waiting, referenceData)).toMatchObject({ problem: sentence, waitsFor: [key] })
    expect(placesUsed(receipt())).toEqual(['WH/Stock'])
  })

  test.each<[string, Receipt['lines'][number]['entries'], string[]]>([
    ['its own, where nothing is counted', null, ['WH/Stock']],
    ['those of entries, and its own where one has none', [entry('1'), entry('2', { destination: a })], ['WH/Stock', a]],
    ['none of a count of nothing', [entry('0', { destination: a })], []],
    ['that of a millionth', [entry('0.000001', { destination: a })], [a]],
  ])('the locations that it uses: %s', (_title, entries, used) =>
    expect(placesUsed(receipt({ lines: [{ ...line(1, 'RM-A', '10'), entries }] }))).toEqual(used),
  )

  test('of several that are wrong each keeps what is wrong with it; one that its problem does not name is named', () => {
    const lines = [line(1, 'RM-A', '10'), { ...line(2, 'RM-B', '1'), entries: [entry('1', { destination: a })] }]
    const both = withPlaces(receipt({ lines }), known(closed))
    const faults = ['location "WH/Stock" is not in use any more', `location "${a}" is not known`]
    expect([...placeFaults(both).values()]).toEqual(faults)
    expect(both.problem).toBe(`Cannot be received: ${faults.join('; ')}.`)
    expect([...placeFaults({ ...wrong, problem: 'Returned: x' })]).toEqual([['WH/Stock', 'location "WH/Stock"']])
    expect([...placeFaults({ ...wrong, problem: null })]).toEqual([])
    expect([...placeFaults({ ...wrong, waitsFor: ['product:NEW', key] }).keys()]).toStrictEqual(['WH/Stock'])
    const unchanged = receipt({ problem: 'Returned: x ' })
    expect(withoutPlaces(unchanged)).toBe(unchanged)
    expect(withPlaces(unchanged, known(closed)).problem).toBe(`Returned: x ${sentence}`)
  })

  const change = { code: 'WH/Stock', isClosed: true, wasClosed: false }
  test.each<[string, Receipt, Location, object | 'already']>([
    ['closed: it says so', receipt(), closed, { document: { problem: sentence, waitsFor: [key] }, notes: [{ what: 'place-wrong', why: sentence }] }], // prettier-ignore
    ['opened: it is right', wrong, stock, { document: { problem: null, waitsFor: [] }, notes: [{ what: 'place-right', why: null }] }], // prettier-ignore
    ['closed, which it says already', wrong, closed, 'already'],
    ['closed once it is done', receipt({ status: 'done' }), closed, 'already'],
  ])('a location is %s', (_title, of, location, led) => {
    expect([receiptPlaces.decide(of, change, known(location))]).toMatchObject([led])
    expect(receiptPlaces.placesUsed(of)).toEqual(of.status === 'done' ? [] : ['WH/Stock'])
  })
})

describe('G2 Counting at a receipt whose place is wrong', () => {
  const decide = (...entries: Entries[number][]) =>
    countReceipt(wrong, { entries }, facts({ locations: known(location(a)) }))
  const enter = (...entries: Entries[number][]) => taken(decide(...entries)).document

  test('an entry that would go there is refused by name; a count of nothing goes nowhere', () => {
    expect(decide({ line: 1, quantity: '1' })).toMatchObject({
      refused: 'entries-wrong',
      errors: [{ pointer: '/entries/0/destination', message: 'location "WH/Stock" is not in use any more: name another destination' }], // prettier-ignore
    })
    expect(enter({ line: 1, quantity: '0' })).toMatchObject({ status: 'in_progress', problem: sentence })
  })

  test('with another destination all is well, once no line would go there', () => {
    const first = enter({ line: 1, quantity: '100', destination: a })
    expect(first).toMatchObject({ problem: sentence })
    const both = enter({ line: 1, quantity: '100', destination: a }, { line: 2, quantity: '50', destination: a })
    expect(both).toMatchObject({ problem: null, waitsFor: [] })
  })

  test('what was counted elsewhere is validated, though what did not come would go there', () => {
    const half = enter({ line: 1, quantity: '100', destination: a })
    expect(validateReceipt(half, {}, facts())).toMatchObject({
      document: { status: 'in_review', waitsFor: [], problem: null },
    })
    const there = { ...wrong, lines: [{ ...line(1, 'RM-A', '100', '100') }] }
    expect(validateReceipt(there, {}, facts())).toMatchObject({ refused: 'receipt-waits', detail: expect.stringContaining(sentence) }) // prettier-ignore
  })
})
