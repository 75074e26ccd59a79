import { describe, expect, test } from '@jest/globals'
import { parseQuantity } from '@stockline/amounts'
import { isRefusal } from '@stockline/service-kit/refusal'
import type { Balance } from '../ledger/balances.actions.ts'
import {
  dispositionOf,
  ledgerRefusal,
  dispositionPosting,
  type AskedLine,
  type DispositionFacts,
} from './disposition.ts'

const balance = (over: Partial<Balance> = {}): Balance => ({
  ...{ type: 'stockable', tracking: 'none', unit: 'kg', unitDecimals: 3, productActive: true },
  ...{ locationType: 'internal', warehouse: 'WH', locationActive: true, lotKnown: false },
  ...{ onHand: parseQuantity('10'), position: 1n },
  ...over,
})
const held = (over: Partial<AskedLine> = {}): AskedLine => ({
  ...{ sku: 'RM', location: 'WH/A', lot: null, status: 'available', toStatus: 'quarantine', quantity: '4' },
  ...over,
})
const known = (balances: readonly Balance[], over: Partial<DispositionFacts> = {}): DispositionFacts => ({
  ...{ balances, scope: ['WH'], isReason: true, countedBy: new Map() },
  ...over,
})
const decide = (
  lines: readonly AskedLine[],
  balances = lines.map(() => balance()),
  over: Partial<DispositionFacts> = {},
) => dispositionOf('damage', lines, known(balances, over))
const faultsOf = (decided: ReturnType<typeof decide>) =>
  isRefusal(decided) ? (decided.errors ?? []).map(({ pointer, message }) => `${pointer}: ${message}`) : []

describe('A2: what is decided of goods', () => {
  test('has a warehouse, and its lines by their numbers', () => {
    expect(decide([held(), held({ location: 'WH/B', toStatus: null })])).toMatchObject({
      warehouse: 'WH',
      lines: [
        { line: 1, quantity: parseQuantity('4'), unit: 'kg', toStatus: 'quarantine' },
        { line: 2, location: 'WH/B', toStatus: null },
      ],
    })
  })

  test.each<[string, AskedLine, Partial<Balance>, string]>([
    ['a product that nobody knows', held(), { type: null }, '/sku: product "RM" is not known'],
    ['a service', held(), { type: 'service' }, '/sku: RM is a service: it has no stock'],
    ['a place that nobody knows', held(), { locationType: null, warehouse: null }, '/location: location "WH/A" is not known'],
    ['a place outside of the scope', held({ location: 'W2/A' }), { warehouse: 'W2' }, '/location: location "W2/A" is not known'],
    ['a virtual place', held({ location: 'Virtual/Loss' }), { locationType: 'loss', warehouse: null }, '/location: location "Virtual/Loss" holds no stock of ours'],
    ['a place that is closed', held(), { locationActive: false }, '/location: location "WH/A" is not in use any more'],
    ['the status that it has', held({ toStatus: 'available' }), {}, '/to: is available already'],
    ['a lot of what has none', held({ lot: 'L1' }), {}, '/lot: RM is not tracked by lot: leave it out'],
    ['no lot of what has one', held(), { tracking: 'lot' }, '/lot: RM is tracked: its lot is missing'],
    ['no serial number', held(), { tracking: 'serial' }, '/lot: RM is tracked: its serial number is missing'],
    ['a lot that nobody knows', held({ lot: 'L1' }), { tracking: 'lot' }, '/lot: RM has no lot "L1"'],
    ['too precise', held({ quantity: '0.0001' }), {}, '/quantity: RM is counted to 3 decimals of kg'],
    ['more than is there', held({ quantity: '11' }), {}, '/quantity: 10 kg of RM are there as available'],
  ])('but not %s', (_title, line, over, fault) =>
    expect(faultsOf(decide([line], [balance(over)]))).toEqual([`/lines/0${fault}`]),
  ) // prettier-ignore

  test('not of two lines together more than is there, nor in two warehouses', () => {
    expect(faultsOf(decide([held({ quantity: '6' }), held({ quantity: '6' })]))).toEqual([
      '/lines/1/quantity: 4 kg of RM are there as available',
    ])
    const elsewhere = held({ location: 'W2/A' })
    expect(faultsOf(decide([held(), elsewhere], [balance(), balance({ warehouse: 'W2' })], { scope: null }))).toEqual([
      '/lines/1/location: location "W2/A" is not in warehouse WH, as those before it are',
    ])
  })

  test('all that is wrong is named at once', () => {
    const wrong = decide([held({ toStatus: 'available', quantity: '0.0001' }), held()], [balance({ locationActive: false }), balance({ type: null })], { isReason: false }) // prettier-ignore
    expect(faultsOf(wrong).map((fault) => fault.split(':')[0])).toEqual([
      '/reason',
      '/lines/0/location',
      '/lines/0/to',
      '/lines/0/quantity',
      '/lines/1/sku',
    ])
  })

  test('not by who counted it on an adjustment that is open', () =>
    expect(decide([held(), held()], undefined, { countedBy: new Map([[1, 'WH/ADJ/00007']]) })).toMatchObject({
      refused: 'poster-counted',
      kind: 'forbidden',
      detail: expect.stringMatching(/line 2 is about, on WH\/ADJ\/00007/),
    }))
})

describe('what the ledger is asked to post', () => {
  const document = (line: AskedLine) => {
    const judged = decide([line])
    if (isRefusal(judged)) throw new Error(judged.detail)
    const head = { id: 'id', number: 'WH/STS/00001', status: 'submitted', version: 1, createdAt: new Date(0) } as const
    return { ...head, ...judged, reason: 'damage', note: null, submittedBy: 'x', problem: null, position: null }
  }
  test.each<[string, AskedLine, object]>([
    ['another status at the same place', held(), { from: 'WH/A', to: 'WH/A', status: 'available', toStatus: 'quarantine' }],
    ['scrap, as what it was', held({ status: 'damaged', toStatus: null }), { from: 'WH/A', to: 'Virtual/Scrap', status: 'damaged', toStatus: undefined }],
  ])('%s', (_title, line, posted) =>
    expect(dispositionPosting(document(line), 5)).toMatchObject({ kind: 'adjustment', number: 'WH/STS/00001', effectiveAt: 5, lines: [posted] }),
  ) // prettier-ignore

  test('its refusal names the line', () =>
    expect(ledgerRefusal('code', 'All.', [{ line: 2, code: 'x', message: 'm' }, { line: null, code: 'y', message: 'n' }])).toMatchObject({
      refused: 'code',
      errors: [{ pointer: '/lines/1', message: 'm' }, { pointer: '', message: 'n' }],
    })) // prettier-ignore
})
