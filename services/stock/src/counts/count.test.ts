import { describe, expect, test } from '@jest/globals'
import { formatQuantity, parseQuantity } from '@stockline/amounts'
import { amountsOf, seesExpected, type CountLine } from './count.ts'
import { decideEnter, countedKeys, type CountEntries } from './count.enter.ts'
import { decideAssign, decideCancel, decideRecount } from './count.steps.ts'
import { decideSubmit, variancesOf } from './count.submit.ts'
import { counted, facts, person, sheet, state } from '../../test/counts-builders.ts'

const entries = (...lines: CountEntries['lines']): CountEntries => ({ lines })

/** Enters as somebody who may, with what is known of every entry. */
function enter(
  on: ReturnType<typeof sheet>,
  body: CountEntries,
  more: Partial<Parameters<typeof decideEnter>[2]> = {},
) {
  const states = countedKeys(on, body).map((key) => (key === null ? null : state()))
  return decideEnter(on, body, { ...facts('ann'), states, ...more })
}

describe('what was counted is entered', () => {
  test('with the position, and what is on hand and on the floor there', () => {
    const states = [state({ onHand: '42', picked: '8', position: 7n })]
    const decided = enter(sheet(), entries({ line: 1, counted: '34' }), { states })
    expect(decided).toMatchObject({
      document: {
        status: 'in_progress',
        workedOnBy: ['ann'],
        lines: [
          { line: 1, state: 'counted', position: '7', countedBy: 'ann', countedAt: '2026-04-20T08:00:00.000Z' },
          { line: 2, state: 'open', counted: null },
        ],
      },
      notes: [{ what: 'begun' }, { what: 'counted', why: '1 line' }],
    })
    const [line] = (decided as { document: ReturnType<typeof sheet> }).document.lines
    expect(amountsOf(line!, true)).toEqual({ expected: parseQuantity('34'), difference: 0n })
  })

  test('zero is a count, and what was not expected becomes a line', () => {
    const body = entries(
      { line: 1, counted: '0' },
      { sku: 'PZ', location: 'WH/Stock/A/9', counted: '3', reason: 'behind' },
    )
    expect(enter(sheet(), body)).toMatchObject({
      document: {
        lines: [
          { line: 1, counted: 0n, state: 'counted' },
          { line: 2, counted: null },
          {
            line: 3,
            sku: 'PZ',
            location: 'WH/Stock/A/9',
            lot: null,
            status: 'available',
            found: true,
            reason: 'behind',
          },
        ],
      },
    })
  })

  test('what names the product and place of a line is that line', () => {
    const body = entries({ sku: 'PY', location: 'WH/Stock/A/2', counted: '1' })
    expect(enter(sheet(), body)).toMatchObject({
      document: { lines: [{ line: 1 }, { line: 2, found: false, counted: 1_000_000n }] },
    })
  })

  test.each([
    ['a line that is not there', { line: 9, counted: '1' }, {}, ['/lines/0/line']],
    ['neither line nor product', { counted: '1' }, {}, ['/lines/0/sku', '/lines/0/location']],
    ['a line and another product', { line: 1, sku: 'PY', counted: '1' }, {}, ['/lines/0/sku']],
    ['outside of the zone', { sku: 'PZ', location: 'WH/Stock/B', counted: '1' }, {}, ['/lines/0/location']],
    ['below a name that only begins like the zone', { sku: 'PZ', location: 'WH/Stock/AB', counted: '1' }, {}, ['/lines/0/location']],
    ['a closed place', { sku: 'PZ', location: 'WH/Stock/A/9', counted: '1' }, { locationActive: false }, ['/lines/0/location']],
    ['an unknown place', { sku: 'PZ', location: 'WH/Stock/A/8', counted: '1' }, { locationType: null, locationActive: null }, ['/lines/0/location']],
    ['an unknown product', { sku: 'NEW', location: 'WH/Stock/A/9', counted: '1' }, { type: null, tracking: null, unit: null, unitDecimals: null }, ['/lines/0/sku']],
    ['a service', { sku: 'SVC', location: 'WH/Stock/A/9', counted: '1' }, { type: 'service' }, ['/lines/0/sku']],
    ['a lot on an untracked product', { sku: 'PZ', location: 'WH/Stock/A/9', lot: 'L', counted: '1' }, {}, ['/lines/0/lot']],
    ['none on a tracked one', { sku: 'PZ', location: 'WH/Stock/A/9', counted: '1' }, { tracking: 'lot' }, ['/lines/0/lot']],
    ['half a piece', { line: 1, counted: '0.5' }, {}, ['/lines/0/counted']],
    ['a serial twice', { sku: 'PZ', location: 'WH/Stock/A/9', lot: 'S', counted: '2' }, { tracking: 'serial' }, ['/lines/0/counted']],
    ['all at once', { sku: 'PZ', location: 'WH/Stock/B', lot: 'L', counted: '0.5' }, {}, ['/lines/0/location', '/lines/0/lot', '/lines/0/counted']],
  ] as const)('%s is refused', (_title, entry, known, pointers) => {
    const body = entries(entry)
    const states = countedKeys(sheet(), body).map((key) => (key === null ? null : state(known)))
    const decided = enter(sheet(), body, { states })
    expect(decided).toMatchObject({ refused: 'count-wrong', kind: 'content', errors: pointers.map((pointer) => ({ pointer })) })
  }) // prettier-ignore

  test('the same twice is refused, however it is named', () =>
    expect(enter(sheet(), entries({ line: 2, counted: '1' }, { sku: 'PY', location: 'WH/Stock/A/2', counted: '1' }))).toMatchObject({
      errors: [{ pointer: '/lines/1' }],
    })) // prettier-ignore

  test('no sheet grows past 5,000 lines', () => {
    const many = Array.from({ length: 5000 }, (_one, index) => ({
      sku: `S${String(index)}`,
      location: 'WH/Stock/A/9',
      counted: '1',
    }))
    expect(enter(sheet(), entries(...many))).toMatchObject({ refused: 'sheet-too-large', kind: 'content' })
  })

  test.each([
    ['who is not assigned', sheet(), facts('bob'), 'count-sheet-not-yours'],
    ['submitted', sheet({ status: 'submitted' }), facts('ann'), 'count-sheet-submitted'],
    ['done', sheet({ status: 'done' }), facts('ann'), 'count-sheet-closed'],
    ['cancelled', sheet({ status: 'cancelled' }), facts('sue', 'supervisor'), 'count-sheet-closed'],
  ] as const)('%s: refused', (_title, on, known, refused) =>
    expect(enter(on, entries({ line: 1, counted: '1' }), known)).toMatchObject({ refused }),
  )

  test('a supervisor counts on any sheet', () =>
    expect(enter(sheet({ status: 'unassigned', assignee: null }), entries({ line: 1, counted: '1' }), facts('sue', 'supervisor'))).toMatchObject({
      document: { status: 'in_progress', assignee: null },
    })) // prettier-ignore

  test('a recount is by another person', () => {
    const on = sheet({ lines: [counted(1, '42', '30', { state: 'recount', counted: null, countedBefore: ['ann'] })] })
    expect(enter(on, entries({ line: 1, counted: '30' }))).toMatchObject({
      refused: 'counted-by-you',
      kind: 'forbidden',
    })
    expect(enter(on, entries({ line: 1, counted: '30' }), facts('sue', 'supervisor'))).toMatchObject({
      document: { workedOnBy: ['sue'], lines: [{ state: 'counted', countedBy: 'sue', countedBefore: ['ann'] }] },
    })
  })
})

describe('a sheet is submitted', () => {
  const calm = { ...facts('ann'), disturbed: () => false }

  test('without a difference it is done', () =>
    expect(decideSubmit(sheet({ lines: [counted(1, '42', '42')] }), calm)).toMatchObject({
      document: { status: 'done' },
      notes: [{ what: 'submitted', why: 'No difference.' }],
    }))

  test('with differences it is submitted, and they are what is adjusted', () => {
    const lines = [counted(1, '42', '40'), counted(2, '42', '33', { picked: parseQuantity('8') }), counted(3, '5', '5'), counted(4, '0', '2')]
    const decided = decideSubmit(sheet({ lines }), calm)
    expect(decided).toMatchObject({ document: { status: 'submitted' }, notes: [{ why: '3 of 4 lines differ.' }] })
    const after = (decided as { document: ReturnType<typeof sheet> }).document
    expect(variancesOf(after).map(({ sku, expected, counted: seen }) => [sku, formatQuantity(expected), formatQuantity(seen)])).toEqual([
      ['P1', '42', '40'],
      ['P2', '42', '41'],
      ['P4', '0', '2'],
    ])
  }) // prettier-ignore

  test('a line that is not counted is refused; nothing at all is no difference', () => {
    expect(decideSubmit(sheet(), calm)).toMatchObject({ refused: 'lines-not-counted', kind: 'state', detail: expect.stringContaining('line 1, 2') })
    expect(decideSubmit(sheet({ lines: [] }), calm)).toMatchObject({ document: { status: 'done' } })
  }) // prettier-ignore

  test.each([
    ['its place had a pick since', {}, { disturbed: ({ line: at }: CountLine) => at === 1 }, 'again', []],
    ['its place had one, and it shows no difference', { counted: parseQuantity('42') }, { disturbed: ({ line: at }: CountLine) => at === 1 }, 'again', []],
    ['what is missing is not posted yet', { onHand: 0n, put: parseQuantity('5'), counted: parseQuantity('2') }, {}, 'again', []],
    ['it is past the tolerance', {}, {}, 'recount', ['ann']],
  ] as const)('%s: the line is asked again', (_title, line, known, expected, before) => {
    const on = sheet({ toleranceQuantity: parseQuantity('1'), lines: [counted(1, '42', '40', line as Partial<CountLine>), counted(2, '5', '5')] })
    expect(decideSubmit(on, { ...calm, ...known })).toMatchObject({
      document: {
        status: 'in_progress',
        lines: [{ state: expected, counted: null, countedBefore: before, why: expect.any(String) }, { state: 'counted' }],
      },
      notes: [{ what: 'asked-again', why: 'Line 1.' }],
    })
  }) // prettier-ignore

  test('what another person has counted counts, past the tolerance too', () => {
    const lines = [counted(1, '42', '30', { countedBy: 'sue', countedBefore: ['ann'] })]
    expect(decideSubmit(sheet({ toleranceQuantity: parseQuantity('1'), lines }), calm)).toMatchObject({
      document: { status: 'submitted' },
    })
  })

  test.each(['submitted', 'done'] as const)('%s: a second tap is no error', (status) =>
    expect(decideSubmit(sheet({ status }), calm)).toBe('already'),
  )

  test('cancelled, and by somebody else', () => {
    expect(decideSubmit(sheet({ status: 'cancelled' }), calm)).toMatchObject({ refused: 'count-sheet-closed' })
    expect(decideSubmit(sheet(), { ...calm, ...facts('bob') })).toMatchObject({ refused: 'count-sheet-not-yours' })
  })
})

describe('a supervisor has lines counted again', () => {
  const lines = [counted(1, '42', '40'), counted(2, '5', '5')]
  const supervisor = { ...facts('sue', 'supervisor'), isPosted: false }

  test.each([
    ['those that differ', {}, ['recount', 'counted']],
    ['those that are named', { lines: [2] }, ['counted', 'recount']],
  ] as const)('%s', (_title, body, states) => {
    const on = sheet({ status: 'submitted', adjustments: ['x'], lines })
    expect(decideRecount(on, 'lines' in body ? { lines: [...body.lines] } : {}, supervisor)).toMatchObject({
      document: { status: 'in_progress', adjustments: [], lines: states.map((each) => ({ state: each })) },
    })
  })

  test('all, where none differs', () =>
    expect(decideRecount(sheet({ lines: [counted(1, '5', '5')] }), {}, supervisor)).toMatchObject({
      document: { lines: [{ state: 'recount', countedBefore: ['ann'] }] },
    }))

  test.each([
    ['a line that is not there', sheet({ lines }), { lines: [1, 7] }, supervisor, 'line-unknown'],
    ['none is counted', sheet(), {}, supervisor, 'nothing-to-recount'],
    [
      'one is posted',
      sheet({ status: 'submitted', lines }),
      {},
      { ...supervisor, isPosted: true },
      'adjustment-posted',
    ],
    ['done', sheet({ status: 'done', lines }), {}, supervisor, 'count-sheet-closed'],
  ] as const)('%s: refused', (_title, on, body, known, refused) =>
    expect(decideRecount(on, body as { lines?: number[] }, known)).toMatchObject({ refused }),
  )
})

describe('who counts, and the end of a sheet', () => {
  test.each([
    ['unassigned', person('bob'), 'scheduled'],
    ['scheduled', null, 'unassigned'],
    ['in_progress', person('bob'), 'in_progress'],
    ['in_progress', null, 'in_progress'],
  ] as const)('%s, for %j: %s', (status, user, after) => {
    const on = sheet({ status, assignee: status === 'unassigned' ? null : 'ann' })
    expect(decideAssign(on, user)).toMatchObject({ document: { status: after, assignee: user?.id ?? null } })
  })

  test('the same again, and what is closed', () => {
    expect(decideAssign(sheet(), person('ann'))).toBe('already')
    expect(decideAssign(sheet({ status: 'done' }), person('bob'))).toMatchObject({ refused: 'count-sheet-closed' })
    expect(decideCancel(sheet(), 'why')).toMatchObject({ document: { status: 'cancelled' }, notes: [{ why: 'why' }] })
    expect(decideCancel(sheet({ status: 'cancelled' }), 'why')).toBe('already')
    expect(decideCancel(sheet({ status: 'submitted' }), 'why')).toMatchObject({ refused: 'count-sheet-submitted' })
    expect(decideCancel(sheet({ status: 'done' }), 'why')).toMatchObject({ refused: 'count-sheet-closed' })
  })
})

describe('what is expected is seen by', () => {
  test.each([
    ['whoever counts, where it is not blind', sheet({ blind: false }), facts('ann'), true],
    ['nobody who counts blind', sheet(), facts('ann'), false],
    ['no other user', sheet(), facts('bob'), false],
    ['a supervisor', sheet(), facts('sue', 'supervisor'), true],
    ['no supervisor who counts', sheet({ assignee: 'sue' }), facts('sue', 'supervisor'), false],
    ['none who has counted', sheet({ workedOnBy: ['sue'], status: 'submitted' }), facts('sue', 'supervisor'), false],
    ['everybody, once it is done', sheet({ status: 'done' }), facts('ann'), true],
    ['nobody who counted, where it is cancelled', sheet({ status: 'cancelled' }), facts('ann'), false],
  ] as const)('%s', (_title, on, known, sees) => expect(seesExpected(on, known)).toBe(sees))
})
