import { describe, expect, test } from '@jest/globals'
import { isRefusal } from '@stockline/service-kit/refusal'
import { counted, entry, facts, line, location, q, receipt, taken } from '../../test/builders.ts'
import type { Decided, Facts } from '../documents/document.decide.ts'
import { countReceipt, placesCounted, receivedOf } from './receipt.count.ts'
import type { Entries } from './receipt.entry.ts'
import type { Receipt } from './receipt.ts'

const places = ['WH/Stock', 'WH/Stock/A1-03', 'WH/Input'].map((code) => location(code))

function decide(of: Receipt, entries: Entries[number][], over: Partial<Facts> = {}): Decided<Receipt> {
  const named = placesCounted(of, { entries })
  const locations = new Map(places.filter(({ code }) => named.includes(code)).map((place) => [place.code, place]))
  return countReceipt(of, { entries }, facts({ locations, scope: ['WH/Stock'], ...over }))
}

function enter(of: Receipt, entries: Entries[number][], over: Partial<Facts> = {}): Receipt {
  return taken(decide(of, entries, over)).document
}

describe('G2 The operator enters what came', () => {
  test('100 of 100 and 48 of 50', () => {
    const after = enter(receipt(), [
      { line: 1, quantity: '100' },
      { line: 2, quantity: '48' },
    ])
    expect(after).toMatchObject({ status: 'in_progress', countedBy: ['operator'] })
    expect(after.lines.map((each) => each.received)).toEqual([q('100'), q('48')])
  })

  test('zero is a count, and not counted is none', () => {
    const after = enter(receipt(), [{ line: 1, quantity: '0' }])
    expect(after.lines.map((each) => each.received)).toEqual([q('0'), null])
  })

  test('several entries of one line are added up in its unit', () => {
    const after = enter(receipt(), [
      { line: 1, quantity: '60', destination: 'WH/Stock/A1-03' },
      { line: 1, quantity: '500', unit: 'g' },
    ])
    expect(after.lines[0]).toMatchObject({ received: q('60.5'), entries: [{ unit: 'kg' }, { unit: 'g' }] })
  })

  test('entries replace what the named lines held, and leave the others', () => {
    const first = enter(receipt(), [
      { line: 1, quantity: '99' },
      { line: 2, quantity: '50' },
    ])
    const second = enter(first, [{ line: 1, quantity: '100' }])
    expect(second.lines.map((each) => each.received)).toEqual([q('100'), q('50')])
    expect(second.lines[1]).toBe(first.lines[1])
  })

  test('an unexpected product gets a line of its own in its base unit', () => {
    const after = enter(receipt(), [{ sku: 'PX', quantity: '2', unit: 'box' }])
    expect(after.lines[2]).toMatchObject({
      line: 3,
      sku: 'PX',
      expected: 0n,
      unit: 'unit',
      received: q('48'),
      orderLine: null,
    })
  })

  test('entered again by sku it is the same line', () => {
    const once = enter(receipt(), [{ sku: 'PX', quantity: '2' }])
    const twice = enter(once, [{ sku: 'PX', quantity: '3' }])
    expect(twice.lines).toHaveLength(3)
    expect(twice.lines[2]?.received).toBe(q('3'))
  })

  test('several entries of one unexpected product share a line', () => {
    const after = enter(receipt(), [
      { sku: 'LOT', quantity: '2', lot: 'L1' },
      { sku: 'LOT', quantity: '3', lot: 'L2', expiresOn: '2027-01-01' },
    ])
    expect(after.lines[2]).toMatchObject({ received: q('5'), entries: [{ lot: 'L1' }, { lot: 'L2' }] })
  })

  test('by sku it counts for the one line of that product', () =>
    expect(enter(receipt(), [{ sku: 'RM-A', quantity: '100' }]).lines[0]?.received).toBe(q('100')))

  test('serial numbers count one each', () => {
    const of = receipt({ lines: [line(1, 'SER', '2', null, { unit: 'unit' })] })
    const after = enter(of, [
      { line: 1, quantity: '1', lot: 'S1' },
      { line: 1, quantity: '1', lot: 'S2' },
    ])
    expect(after.lines[0]?.received).toBe(q('2'))
  })

  test('two entries may be of one lot', () =>
    expect(enter(receipt(), ['2', '3'].map((quantity) => ({ sku: 'LOT', quantity, lot: 'L1' }))).lines[2]?.received).toBe(q('5'))) // prettier-ignore

  test('it is kept as it was entered', () => {
    const dates = { expiresOn: '2027-01-01', producedOn: '2026-01-01', bestBefore: '2026-12-01', removeOn: '2026-11-01', alertOn: '2026-10-01' } // prettier-ignore
    const full = { sku: 'LOT', quantity: '2', lot: 'L1', ...dates, destination: 'WH/Stock' }
    const entries = enter(receipt(), [full, { sku: 'LOT', quantity: '500', unit: 'g', lot: 'L2' }]).lines[2]?.entries
    expect(entries).toStrictEqual([
      entry('2', { lot: 'L1', ...dates, destination: 'WH/Stock' }),
      entry('500', { unit: 'g', lot: 'L2' }),
    ])
    expect(placesCounted(receipt(), { entries: [full, { line: 1, quantity: '1' }] })).toStrictEqual(['WH/Stock'])
  })

  test('a supervisor may say when it came', () => {
    const effectiveAt = new Date('2026-04-19T08:00:00Z')
    const known = facts({ may: (right) => right === 'effective-at.set' })
    const counted = countReceipt(receipt(), { entries: [{ line: 1, quantity: '1' }], effectiveAt }, known)
    expect(taken(counted).document.effectiveAt).toBe(effectiveAt)
    expect(enter(receipt({ effectiveAt }), [{ line: 1, quantity: '1' }]).effectiveAt).toBe(effectiveAt)
  })

  test('lines are in the order of their numbers', () => {
    const of = receipt({ lines: [line(20, 'RM-A', '1'), line(10, 'RM-B', '1')] })
    expect(enter(of, [{ line: 20, quantity: '1' }]).lines.map((each) => each.line)).toEqual([10, 20])
  })

  test.each<[string, Receipt['lines'][number], string | null]>([
    ['nothing where nothing was counted', line(1, 'RM-A', '5'), null],
    ['as before, of a product that is not known', line(1, 'NEW', '5', '3'), '3'],
    ['as before, in a unit that does not convert', line(1, 'RM-A', '5', '3', { entries: [entry('1', { unit: 'box' })] }), '3'], // prettier-ignore
    ['zero, though less than a gram was expected', line(1, 'RM-A', '0.0004', '0'), '0'],
    ['nothing expected, where a millionth came', line(1, 'RM-A', '0', '0.000001'), '0'],
    ['what was expected, where it differs by less than a gram', line(1, 'RM-A', '5.0004', '5'), '5.0004'],
    ['what came, where it differs by a gram', line(1, 'RM-A', '5.001', '5'), '5'],
  ])('what was received: %s', (_title, of, received) =>
    expect(receivedOf(of, facts().referenceData)).toBe(received === null ? null : q(received)),
  )

  test('whoever counts is remembered once, and the ledger’s last reason goes', () => {
    const before = { ...counted(line(1, 'RM-A', '5', '5')), problem: 'The ledger refused: no such lot' }
    const after = enter(before, [{ line: 1, quantity: '4' }], { by: { id: 'second', name: 'Second' } })
    expect(after).toMatchObject({ countedBy: ['operator', 'second'], problem: null })
    expect(enter(after, [{ line: 1, quantity: '5' }]).countedBy).toEqual(['operator', 'second'])
  })

  test('what it waits for is still shown', () => {
    const waiting = receipt({ problem: 'Waits: …', waitsFor: ['product:NEW'] })
    expect(enter(waiting, [{ line: 1, quantity: '1' }]).problem).toBe('Waits: …')
  })

  test('a supervisor may enter a unit cost', () => {
    const after = enter(receipt(), [{ line: 1, quantity: '1', unitCost: '3.25' }], {
      may: (right) => right === 'cost.enter',
    })
    expect(after.lines[0]?.entries?.[0]?.unitCost).toBe(32_500_000_000n)
  })
})

describe('G2 An entry is refused', () => {
  const twice = receipt({
    lines: [line(1, 'RM-A', '5'), line(2, 'RM-A', '6'), line(3, 'LOT', '5'), line(4, 'NEW', '5')],
  })
  test.each<[string, Receipt, Entries[number], string, RegExp]>([
    ['on a line of somebody else’s document', receipt(), { line: 9, quantity: '1' }, '/entries/0/line', /no line 9/],
    [
      'with a sku that is not the line’s',
      receipt(),
      { line: 1, sku: 'PX', quantity: '1' },
      '/entries/0/sku',
      /is RM-A/,
    ],
    ['with neither line nor sku', receipt(), { quantity: '1' }, '/entries/0', /line or a sku/],
    ['for a product that nobody knows', receipt(), { sku: 'NEW', quantity: '1' }, '/entries/0/sku', /not known/],
    ['on a line whose product is not known yet', twice, { line: 4, quantity: '1' }, '/entries/0/line', /not known/],
    ['for a service', receipt(), { sku: 'SVC', quantity: '1' }, '/entries/0/sku', /service/],
    ['for one of two lines of its product', twice, { sku: 'RM-A', quantity: '1' }, '/entries/0/sku', /lines 1, 2/],
    [
      'in a unit that does not convert',
      receipt(),
      { line: 1, quantity: '1', unit: 'box' },
      '/entries/0/unit',
      /convert/,
    ],
    [
      'in a known unit, on a line in one that converts to nothing',
      receipt({ lines: [{ ...line(1, 'RM-A', '5'), unit: 'pallet' }] }),
      { line: 1, quantity: '1', unit: 'kg' },
      '/entries/0/line',
      /^line 1 cannot be counted yet: unit "pallet" does not convert to the kg in which RM-A is kept\. A manager says what/,
    ],
    [
      'on a line in a unit of something else',
      receipt({ lines: [{ ...line(1, 'RM-A', '5'), unit: 'unit' }] }),
      { line: 1, quantity: '1', unit: 'kg' },
      '/entries/0/line',
      /in which RM-A is kept$/,
    ],
    [
      'with an expiry date and no lot',
      twice,
      { line: 3, quantity: '0', expiresOn: '2027-01-01' },
      '/entries/0/expiresOn',
      /^needs the lot of which it is$/,
    ],
    [
      'with a date that is after its expiry',
      twice,
      { line: 3, quantity: '1', lot: 'L1', expiresOn: '2027-01-01', bestBefore: '2027-01-02' },
      '/entries/0/bestBefore',
      /^must not be after expiresOn, which is 2027-01-01$/,
    ],
    [
      'with an alert for an untracked one',
      receipt(),
      { line: 1, quantity: '1', alertOn: '2027-01-01' },
      '/entries/0/alertOn',
      /^RM-A is not tracked, so it has no alert date$/,
    ],
    ['too precise', receipt(), { line: 1, quantity: '0.0001' }, '/entries/0/quantity', /3 decimals/],
    [
      'as a fraction of a whole-unit product',
      receipt(),
      { sku: 'PX', quantity: '0.1', unit: 'dozen' },
      '/entries/0/quantity',
      /fraction/,
    ],
    [
      'with a lot for an untracked product',
      receipt(),
      { line: 1, quantity: '1', lot: 'L' },
      '/entries/0/lot',
      /not tracked/,
    ],
    [
      'with an expiry date for an untracked one',
      receipt(),
      { line: 1, quantity: '1', expiresOn: '2027-01-01' },
      '/entries/0/expiresOn',
      /not tracked/,
    ],
    ['without the lot of a tracked one', twice, { line: 3, quantity: '1' }, '/entries/0/lot', /needs a lot$/],
    [
      'without the lot of one of which a lot was announced',
      { ...twice, details: { order: {}, lines: { 3: { lot: 'L1' } } } },
      { line: 3, quantity: '1' },
      '/entries/0/lot',
      /needs a lot: L1 was announced$/,
    ],
    ['without its serial number', receipt(), { sku: 'SER', quantity: '1' }, '/entries/0/lot', /needs a serial number/],
    [
      'with a serial number that counts two',
      receipt(),
      { sku: 'SER', quantity: '2', lot: 'S' },
      '/entries/0/quantity',
      /counts one/,
    ],
    [
      'into a place nobody knows',
      receipt(),
      { line: 1, quantity: '1', destination: 'WH/Nowhere' },
      '/entries/0/destination',
      /not known/,
    ],
  ])('%s', (_title, of, given, pointer, message) => {
    const after = decide(of, [given])
    expect(after).toMatchObject({ kind: 'content', errors: [{ pointer, message: expect.stringMatching(message) }] })
  })

  test('nothing counted needs no lot', () =>
    expect(enter(twice, [{ line: 3, quantity: '0' }]).lines[2]?.received).toBe(0n))

  test('together with all others that are wrong', () => {
    const after = decide(receipt(), [
      { line: 9, quantity: '1' },
      { line: 1, quantity: '1' },
      { line: 2, quantity: '0.0001', lot: 'L' },
    ])
    expect(isRefusal(after) && after.errors?.map((each) => each.pointer)).toEqual([
      '/entries/0/line',
      '/entries/2/quantity',
      '/entries/2/lot',
    ])
  })

  test('when the sum of its line is too large', () => {
    const most = { line: 1, quantity: '99999999999999' }
    expect(decide(receipt(), [most, most])).toMatchObject({ errors: [{ pointer: '/entries' }] })
  })

  test('when a serial number is on the receipt already', () => {
    const of = receipt({
      lines: [
        line(1, 'SER', '2', null, { unit: 'unit' }),
        line(2, 'SER', '1', '1', { unit: 'unit', entries: [entry('1', { unit: 'unit', lot: 'S1' })] }),
      ],
    })
    expect(decide(of, [{ line: 1, quantity: '1', lot: 'S1' }])).toMatchObject({
      errors: [{ pointer: '/entries/0/lot', message: expect.stringMatching(/twice/) }],
    })
  })

  test('though not for what was counted before the product was kept by serial number', () => {
    const before = (lot: string | null) => entry('1', { unit: 'unit', lot })
    const entries = [before('S1'), before('S1'), before(null), before(null)]
    const of = receipt({
      lines: [line(1, 'SER', '4', '4', { unit: 'unit', entries }), line(2, 'SER', '2', null, { unit: 'unit' })],
    })
    expect(enter(of, [{ line: 2, quantity: '0' }]).lines[1]?.received).toBe(0n)
    const [first, second] = [1, 2].map((number) => line(number, 'SER', '1', null, { unit: 'unit' }))
    const one = { quantity: '1', lot: 'S1' }
    const none = enter(receipt({ lines: [first!, second!] }), [
      { line: 1, ...one },
      { line: 2, ...one, quantity: '0' },
    ])
    expect(none.lines.map((each) => each.received)).toEqual([q('1'), q('0')])
    expect(enter(of, [{ line: 2, quantity: '1', unit: 'unit', lot: 'S2' }]).status).toBe('in_progress')
  })

  test('when the receipt would have more than 1,000 lines and entries', () => {
    const many = Array.from({ length: 1000 }, () => ({ line: 1, quantity: '1' }))
    expect(decide(receipt(), many)).toMatchObject({ errors: [{ pointer: '/entries' }] })
    expect(isRefusal(decide(receipt(), many.slice(1)))).toBe(false)
  })

  test.each([
    ['a unit cost by an operator', { line: 1, quantity: '1', unitCost: '1' }, 'cost-forbidden', 'forbidden'],
    ['a place outside the scope', { line: 1, quantity: '1', destination: 'WH/Input' }, 'location-unknown', 'unknown'],
  ])('%s', (_title, given, refused, kind) => expect(decide(receipt(), [given])).toMatchObject({ refused, kind }))

  test.each([
    ['in_review', 'receipt-in-review'],
    ['posting', 'receipt-closed'],
    ['done', 'receipt-closed'],
    ['cancelled', 'receipt-closed'],
  ] as const)('while the receipt is %s', (status, refused) =>
    expect(decide(receipt({ status }), [{ line: 1, quantity: '1' }])).toMatchObject({
      refused,
      kind: 'state',
    }),
  )

  test.each<[string, string[], string | undefined]>([
    ['an operator', [], 'effective-at-forbidden'],
    ['a supervisor', ['effective-at.set'], 'effective-at-future'],
  ])('by %s who says that it came tomorrow', (_who, rights, refused) => {
    const effectiveAt = new Date('2026-04-21T08:00:00Z')
    const known = facts({ may: (right) => rights.includes(right) })
    expect(countReceipt(receipt(), { entries: [{ line: 1, quantity: '1' }], effectiveAt }, known)).toMatchObject({
      refused,
    })
  })

  test('the history tells the first ten entries', () => {
    const entries = Array.from({ length: 12 }, (_, n) =>
      n === 0 ? { sku: 'PX', quantity: '1' } : { line: 1, quantity: '2' },
    )
    const told = `PX: 1, ${Array.from({ length: 9 }, () => 'line 1: 2').join(', ')} and 2 more`
    expect(taken(decide(receipt(), entries)).notes).toEqual([{ what: 'counted', why: told }])
  })
})
