import { describe, expect, test } from '@jest/globals'
import { q, taken } from '../../test/builders.ts'
import { facts, line, transfer } from '../../test/transfers-builders.ts'
import type { Facts } from '../documents/document.decide.ts'
import { amendTransferLines, relocationByHand, transferByHand } from './transfer.hand.ts'

const known = (over: Partial<Facts> = {}) => ({ id: 'new id', ...facts(over) })
const ends = { source: 'WH/Stock', destination: 'W2/Stock' }
const ten = { sku: 'PX', quantity: '10' }
const fault = (pointer: string, message: string) => ({ pointer, message })

describe('T1 What is wrong with a new transfer is named at once, by field', () => {
  test.each([
    ['an unknown source', { source: 'WH/None' }, ['/source', 'location "WH/None" is not known']],
    ['an unknown destination', { destination: 'WH/None' }, ['/destination', 'location "WH/None" is not known']],
    ['a closed place', { source: 'WH/Closed' }, ['/source', 'location "WH/Closed" is not in use any more']],
    ['a place of customers', { destination: 'WH/Customers' }, ['/destination', 'location "WH/Customers" holds no stock of ours']], // prettier-ignore
    ['one place twice', { destination: 'WH/Stock' }, ['/destination', 'must be another place than the source']],
    ['a source within the destination', { source: 'WH/Stock/A1-03', destination: 'WH/Stock' }, ['/destination', 'has the source in it, so that nothing would leave: relocate it']], // prettier-ignore
  ])('%s', (_title, given, [pointer, message]) =>
    expect(transferByHand({ ...ends, ...given, lines: [ten] }, known())).toMatchObject({
      refused: 'transfer-wrong',
      kind: 'content',
      errors: [fault(pointer!, message!)],
    }),
  )

  test.each([
    ['an unknown product', { sku: 'NONE', quantity: '1' }, ['sku', 'product "NONE" is not known']],
    ['a service', { sku: 'SVC', quantity: '1' }, ['sku', 'SVC is a service: there is nothing to transfer']],
    [
      'a unit that does not convert',
      { ...ten, unit: 'kg' },
      ['unit', 'PX is kept in unit; "kg" does not convert to it'],
    ],
    ['a part of a piece', { ...ten, quantity: '0.5' }, ['quantity', 'is too precise: "unit" is counted with no decimals']], // prettier-ignore
    ['nothing', { ...ten, quantity: '0' }, ['quantity', 'must be above zero']],
    ['nothing of a line that is not there', { ...ten, line: 3, quantity: '0' }, ['quantity', 'must be above zero']],
    ['a lot of what has none', { ...ten, lot: 'L' }, ['lot', 'PX is not tracked by lot or serial number']],
    ['two of one serial number', { sku: 'SER', quantity: '2', lot: 'S1' }, ['quantity', 'a serial number counts one unit, not 2']], // prettier-ignore
  ])('%s', (_title, given, [field, message]) =>
    expect(transferByHand({ ...ends, lines: [ten, given] }, known())).toMatchObject({
      errors: [fault(`/lines/1/${field!}`, message!)],
    }),
  )

  test('a line twice, and all the rest', () => {
    const lines = [{ ...ten, line: 1 }, { ...ten, line: 1 }, { sku: 'NONE', quantity: '1' }] // prettier-ignore
    expect(transferByHand({ source: 'X', destination: 'X', lines }, known())).toMatchObject({
      detail: 'It cannot be transferred so.',
      errors: [
        fault('/source', 'location "X" is not known'),
        fault('/destination', 'location "X" is not known'),
        fault('/destination', 'must be another place than the source'),
        fault('/lines/2/sku', 'product "NONE" is not known'),
        fault('/lines/1/line', 'line 1 stands here twice'),
      ],
    })
  })

  test.each([
    ['source', ['W2/Stock'], 'WH/Stock'],
    ['destination', ['WH/Stock'], 'W2/Stock'],
  ] as const)('a %s out of scope is as if it were not there', (end, scope, code) =>
    expect(transferByHand({ ...ends, lines: [ten] }, known({ scope }))).toMatchObject({
      errors: [fault(`/${end}`, `location "${code}" is not known`)],
    }),
  )
})

describe('T1 A new transfer', () => {
  test('is a draft in the warehouse of its source, in the units that are given, or the product’s', () => {
    const lines = [
      { ...ten, line: 5, unit: 'box' },
      { sku: 'LOT', quantity: '2.5', lot: 'L1' },
      { sku: 'SER', quantity: '1', lot: 'S1' },
      { sku: 'LOT', quantity: '1' },
    ]
    const body = { ...ends, scheduledDate: '2026-05-01', note: 'soon', lines }
    const none = { fromLocation: null, toLocation: null, moves: [] }
    expect(transferByHand(body, known())).toEqual({
      ...{ id: 'new id', createdAt: new Date('2026-04-20T08:00:00Z'), version: 1, warehouse: 'WH', ...ends },
      ...{ status: 'draft', problem: null, scheduledDate: '2026-05-01', note: 'soon', effectiveAt: null },
      ...{ confirmedAt: null, attempt: 0, position: null, asked: null },
      lines: [
        { line: 5, sku: 'PX', quantity: q('10'), unit: 'box', lot: null, baseUnit: 'unit', ...none },
        { line: 6, sku: 'LOT', quantity: q('2.5'), unit: 'kg', lot: 'L1', baseUnit: 'kg', ...none },
        { line: 7, sku: 'SER', quantity: q('1'), unit: 'unit', lot: 'S1', baseUnit: 'unit', ...none },
        { line: 8, sku: 'LOT', quantity: q('1'), unit: 'kg', lot: null, baseUnit: 'kg', ...none },
      ],
    })
  })

  test('may go from a place to one below it, and have neither date nor note', () =>
    expect(transferByHand({ source: 'WH/Stock', destination: 'WH/Stock/A1-03', lines: [ten] }, known())).toMatchObject({
      destination: 'WH/Stock/A1-03',
      scheduledDate: null,
      note: null,
    }))
})

describe('T1 Changing the lines of a draft, every refusal in order of precedence', () => {
  test.each([
    ['one that waits keeps them, whatever is given', transfer({ status: 'waiting' }), [{ sku: 'NONE', quantity: '1' }], { refused: 'transfer-confirmed', kind: 'state', detail: 'WH/INT/00042 is waiting: its lines stay.' }], // prettier-ignore
    ['all faults of lines', transfer(), [{ sku: 'NONE', quantity: '1' }, { ...ten, lot: 'L' }], { refused: 'lines-wrong', kind: 'content', errors: [{ pointer: '/lines/0/sku' }, { pointer: '/lines/1/lot' }] }], // prettier-ignore
    ['nothing of a line that is not there', transfer(), [{ ...ten, line: 3, quantity: '0' }], { errors: [fault('/lines/0/quantity', 'must be above zero')] }], // prettier-ignore
    ['no line left', transfer(), [1, 2].map((line) => ({ ...ten, line, quantity: '0' })), { refused: 'lines-wrong', errors: [fault('/lines', 'must leave a line')] }], // prettier-ignore
    ['too many lines', transfer(), Array.from({ length: 999 }, () => ten), { errors: [fault('/lines', 'must leave 1,000 lines at most')] }], // prettier-ignore
  ])('%s', (_title, of, lines, expected) => expect(amendTransferLines(of, { lines }, facts())).toMatchObject(expected))

  test('one is replaced, one taken off, one added: in order, and what stood in the way is to be looked at again', () => {
    const before = transfer({
      problem: 'The ledger refused: x',
      lines: [...transfer().lines, line(4, 'RM-B', '1')],
    })
    const lines = [
      { sku: 'CON', quantity: '3' },
      { sku: 'LOT', quantity: '2', line: 4, lot: 'L' },
      { ...ten, line: 2, quantity: '0' },
    ]
    expect(amendTransferLines(before, { lines }, facts())).toMatchObject({
      document: {
        status: 'draft',
        problem: null,
        lines: [
          { line: 1, sku: 'PX' },
          { line: 4, sku: 'LOT', quantity: q('2'), lot: 'L' },
          { line: 5, sku: 'CON', quantity: q('3') },
        ],
      },
      notes: [{ what: 'lines-changed', why: null }],
    })
  })

  test('lines given by number stand in their order, and a thousand may be left', () => {
    const more = Array.from({ length: 998 }, (_, at) => ({ ...ten, line: 1000 - at }))
    const { document } = taken(amendTransferLines(transfer(), { lines: more }, facts()))
    expect(document.lines.map(({ line: number }) => number)).toEqual(Array.from({ length: 1000 }, (_, at) => at + 1)) // prettier-ignore
  })
})

describe('T1 What is wrong with a relocation is named at once, by field', () => {
  const bins = { from: 'WH/Stock/A1-03', to: 'WH/Stock/B2-01' }

  test.each([
    ['an unknown product', { sku: 'NONE' }, ['sku', 'product "NONE" is not known']],
    ['no lot of what is tracked by lot', { sku: 'LOT' }, ['lot', 'LOT needs its lot']],
    ['no serial number', { sku: 'SER' }, ['lot', 'SER needs its lot']],
    ['a lot of what has none', { lot: 'L' }, ['lot', 'PX is not tracked by lot or serial number']],
    ['several of one serial number', { sku: 'SER', lot: 'S1', quantity: '2' }, ['quantity', 'a serial number counts one unit, not 2']], // prettier-ignore
    ['from an unknown place', { from: 'WH/None' }, ['from', 'location "WH/None" is not known']],
    ['from another warehouse', { from: 'W2/Stock' }, ['from', 'location "W2/Stock" is not in warehouse WH']],
    ['to another warehouse', { to: 'W2/Stock' }, ['to', 'location "W2/Stock" is not in warehouse WH']],
    ['to a closed place', { to: 'WH/Closed' }, ['to', 'location "WH/Closed" is not in use any more']],
    ['to where it lies', { to: bins.from }, ['to', 'must be another place than `from`']],
  ])('%s', (_title, given, [field, message]) => {
    const lines = [{ ...ten, ...bins }, { sku: 'PX', quantity: '1', ...bins, ...given }] // prettier-ignore
    expect(relocationByHand({ warehouse: 'WH', lines }, known())).toMatchObject({
      refused: 'relocation-wrong',
      kind: 'content',
      errors: [fault(`/lines/1/${field!}`, message!)],
    })
  })

  test('out of scope is as if it were not there', () =>
    expect(
      relocationByHand({ warehouse: 'WH', lines: [{ ...ten, ...bins }] }, known({ scope: [bins.from] })),
    ).toMatchObject({ errors: [fault('/lines/0/to', `location "${bins.to}" is not known`)] }))
})

describe('T1 A relocation', () => {
  const [a, b, c] = ['WH/Stock/A1-03', 'WH/Stock/B2-01', 'WH/Stock']

  test('is asked of the ledger at once, with its bins', () => {
    const effectiveAt = new Date('2026-04-19T08:00:00Z')
    const lines = [{ sku: 'SER', quantity: '1', lot: 'S1', from: a, to: b }, { ...ten, unit: 'box', from: a, to: b }] // prettier-ignore
    const [now, none] = [new Date('2026-04-20T08:00:00Z'), { moves: [] }]
    expect(relocationByHand({ warehouse: 'WH', note: 'tidy', effectiveAt, lines }, known())).toEqual({
      ...{ id: 'new id', createdAt: now, version: 1, warehouse: 'WH', source: a, destination: b },
      ...{ status: 'posting', asked: 'relocate', attempt: 1, confirmedAt: now, effectiveAt, note: 'tidy' },
      ...{ problem: null, scheduledDate: null, position: null },
      lines: [
        { line: 1, sku: 'SER', quantity: q('1'), unit: 'unit', lot: 'S1', baseUnit: 'unit', fromLocation: a, toLocation: b, ...none }, // prettier-ignore
        { line: 2, sku: 'PX', quantity: q('10'), unit: 'box', lot: null, baseUnit: 'unit', fromLocation: a, toLocation: b, ...none }, // prettier-ignore
      ],
    })
  })

  test.each([
    [
      'to several places',
      [
        [a, b],
        [a, c],
      ],
      [a, 'WH'],
    ],
    [
      'from several places',
      [
        [a, c],
        [b, c],
      ],
      ['WH', c],
    ],
  ])('%s has its warehouse at that end', (_title, bins, [source, destination]) => {
    const lines = bins.map(([from, to]) => ({ ...ten, from: from!, to: to! }))
    expect(relocationByHand({ warehouse: 'WH', lines }, known())).toMatchObject({
      ...{ source, destination, effectiveAt: null, note: null },
    })
  })
})
