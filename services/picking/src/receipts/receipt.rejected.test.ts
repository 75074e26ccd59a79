import { describe, expect, test } from '@jest/globals'
import { isRefusal } from '@stockline/service-kit/refusal'
import {
  counted,
  entry,
  facts,
  line,
  location,
  order,
  orderLine,
  q,
  receipt,
  referenceData,
  taken,
} from '../../test/builders.ts'
import { countReceipt, placesCounted } from './receipt.count.ts'
import type { Entries } from './receipt.entry.ts'
import { receiptValidated } from './receipt.post.ts'
import type { RejectedGoods } from './receipt.rejected.ts'
import { restoredReceipt } from './receipt.restore.ts'
import { flagOf, type Entry, type Receipt } from './receipt.ts'
import { approveReceipt, receiptRemainder, validateReceipt } from './receipt.validate.ts'
import { receiptView } from './receipt.view.ts'

const places = ['WH/Stock', 'WH/Stock/A1-03', 'WH/Hold'].map((code) => location(code))
type Told = NonNullable<Entries[number]['rejected']>

function decide(of: Receipt, ...entries: Entries[number][]) {
  const named = placesCounted(of, { entries })
  const locations = new Map(places.filter(({ code }) => named.includes(code)).map((place) => [place.code, place]))
  return countReceipt(of, { entries }, facts({ locations, scope: ['WH/Stock', 'WH/Hold'] }))
}
const told = (over: Partial<Told> = {}): Told => ({ quantity: '2', reason: 'damaged', to: 'hold', ...over })
const kept = (over: Partial<RejectedGoods> = {}): RejectedGoods => ({ quantity: q('2'), reason: 'damaged', to: 'hold', location: null, status: 'damaged', ...over }) // prettier-ignore
const returned = kept({ to: 'vendor', status: null })
/** 50 are expected. */
const rejecting = (quantity: string, rejected: RejectedGoods, received = quantity): Receipt =>
  counted(line(1, 'RM-A', '50', received, { entries: [entry(quantity, { rejected })] }))

describe('G2 What comes is accepted, held or sent back', () => {
  test.each<[string, Told, RejectedGoods, string]>([
    ['held where the entry goes, damaged', told(), kept(), '50'],
    ['held in quarantine for any other reason', told({ reason: 'wrong' }), kept({ reason: 'wrong', status: 'quarantine' }), '50'], // prettier-ignore
    ['held as it is said', told({ status: 'quarantine' }), kept({ status: 'quarantine' }), '50'],
    ['held at a place for that', told({ location: 'WH/Hold' }), kept({ location: 'WH/Hold' }), '50'],
    ['back to the vendor: it was never received', told({ to: 'vendor' }), returned, '48'],
  ])('%s', (_title, rejected, expected, received) => {
    const { document, notes } = taken(decide(receipt(), { line: 1, quantity: '48', rejected }))
    expect(document.lines[0]).toMatchObject({
      received: q(received),
      entries: [{ quantity: q('48'), rejected: expected }],
    })
    expect(notes[0]?.why).toMatch(/^line 1: 48, rejected 2 \((damaged|wrong), (held|back to the vendor)\)$/)
  })

  test('what is accepted entirely says nothing of it', () => {
    const { document } = taken(decide(receipt(), { line: 1, quantity: '48' }))
    expect(document.lines[0]?.entries?.[0]).not.toHaveProperty('rejected')
  })

  test.each<[string, Entries[number], string[]]>([
    ['a place that is none', { line: 1, quantity: '1', rejected: told({ location: 'WH/None' }) }, ['/entries/0/rejected/location']],
    ['too precise', { line: 1, quantity: '1', rejected: told({ quantity: '0.0001' }) }, ['/entries/0/rejected/quantity']],
    ['a place and a status of what goes back', { line: 1, quantity: '1', rejected: told({ to: 'vendor', location: 'WH/Hold', status: 'damaged' }) }, ['/entries/0/rejected/location', '/entries/0/rejected/status']],
    ['held without its lot', { sku: 'LOT', quantity: '0', rejected: told() }, ['/entries/0/lot']],
    ['two of one serial number', { sku: 'SER', quantity: '1', lot: 'S1', rejected: told({ quantity: '1' }) }, ['/entries/0/quantity']],
    ['two rejected of one serial number', { sku: 'SER', quantity: '0', lot: 'S1', rejected: told() }, ['/entries/0/rejected/quantity']],
    ['all that is wrong', { line: 1, quantity: '0.0001', rejected: told({ quantity: '0.0001', location: 'WH/None' }) }, ['/entries/0/quantity', '/entries/0/rejected/location', '/entries/0/rejected/quantity']],
  ])('but not %s', (_title, given, pointers) => {
    const decided = decide(receipt(), given)
    if (!isRefusal(decided)) throw new Error('was taken')
    expect((decided.errors ?? []).map(({ pointer }) => pointer).sort()).toEqual(pointers)
  }) // prettier-ignore

  test.each<[string, Entries[number]]>([
    ['of a serial number, held', { sku: 'SER', quantity: '0', lot: 'S1', rejected: told({ quantity: '1' }) }],
    ['of a lot that nobody wrote down, back', { sku: 'LOT', quantity: '0', rejected: told({ to: 'vendor' }) }],
    ['of what nobody announced', { sku: 'PX', quantity: '0', rejected: told({ reason: 'unannounced', to: 'vendor' }) }],
  ])('%s', (_title, given) => expect(decide(receipt(), given)).toHaveProperty('document'))

  test('what is held counts as an entry of its own: the ledger is told of both', () => {
    const entries = Array.from({ length: 501 }, () => ({ line: 1, quantity: '1', rejected: told({ quantity: '1' }) }))
    expect(decide(receipt(), ...entries)).toMatchObject({
      errors: [{ pointer: '/entries', message: expect.stringContaining('at most 1000 lines and entries') }],
    })
    expect(isRefusal(decide(receipt(), ...entries.slice(2)))).toBe(false)
  })

  test('a serial number that is rejected and accepted stands there twice', () => {
    const both = decide(receipt(), { sku: 'SER', quantity: '1', lot: 'S1' }, { sku: 'SER', quantity: '0', lot: 'S1', rejected: told({ quantity: '1', to: 'vendor' }) }) // prettier-ignore
    expect(both).toMatchObject({ errors: [{ pointer: '/entries/1/lot' }] })
  })
})

describe('G3 What was rejected is for a supervisor', () => {
  test.each<[string, Receipt, string]>([
    ['held, though all came', rejecting('48', kept(), '50'), 'Rejected'],
    ['sent back, though the rest came besides', rejecting('50', returned), 'Rejected'],
    ['sent back, and short by it', rejecting('48', returned), 'Short 2, rejected'],
  ])('%s', (_title, of, flag) => {
    expect(flagOf(of.lines[0] as Receipt['lines'][number], 'in_progress')).toBe(flag)
    expect(validateReceipt(of, {}, facts())).toMatchObject({ document: { status: 'in_review' }, notes: [{ why: `line 1 RM-A: ${flag}` }] }) // prettier-ignore
  })

  test('a receipt of which all was rejected and goes back stays open', () =>
    expect(validateReceipt(rejecting('0', returned), {}, facts())).toMatchObject({
      refused: 'receipt-empty',
      detail: expect.stringMatching(/^Nothing was accepted on WH\/IN\/00042: what was ordered stays open/),
    }))
})

const approved = (of: Receipt) =>
  taken(approveReceipt({ ...of, status: 'in_review' }, {}, facts({ by: { id: 'supervisor', name: 'S' } })))

describe('G4 What the ledger is asked to take', () => {
  test.each<[string, Receipt, object[]]>([
    ['what is held, as what, and where', rejecting('48', kept({ location: 'WH/Hold' }), '50'), [{ quantity: '48', destination: 'WH/Stock' }, { quantity: '2', destination: 'WH/Hold', status: 'damaged', rejected: 'damaged' }]], // prettier-ignore
    ['what is held alone', rejecting('0', kept(), '2'), [{ line: 1, quantity: '2', destination: 'WH/Stock', status: 'damaged' }]], // prettier-ignore
    ['nothing that goes back', rejecting('48', returned), [{ quantity: '48' }]],
  ])('%s', (_title, of, lines) => {
    const posted = approved(of).events?.[0]?.data.lines ?? []
    expect(posted).toMatchObject(lines)
    expect(posted).toHaveLength(lines.length)
    expect(posted.filter(({ price }) => price !== undefined)).toHaveLength(lines.length)
    expect(posted[0]).not.toHaveProperty(of.lines[0]?.entries?.[0]?.quantity === 0n ? 'none' : 'status')
  })

  test('what goes back is told beside, and is open on the order', () => {
    const { document, events } = approved(rejecting('48', returned))
    expect(events?.[0]?.data).toMatchObject({ returned: [{ documentLine: 1, sku: 'RM-A', quantity: '2', unit: 'kg', reason: 'damaged' }] }) // prettier-ignore
    expect(receiptRemainder(document)).toMatchObject([{ line: 1, expected: q('2'), entries: null }])
    expect(receiptRemainder({ ...document, remainder: 'close' })).toEqual([])
    expect(approved(rejecting('48', kept(), '50')).events?.[0]?.data).not.toHaveProperty('returned')
  })

  test('answers show what was rejected, and where it is', () => {
    const shown = (rejected: RejectedGoods) =>
      receiptView.answer(rejecting('48', rejected), [], false).lines[0]?.entries[0]
    expect(shown(kept())).toMatchObject({
      quantity: '48',
      rejected: { quantity: '2', to: 'hold', location: 'WH/Stock' },
    })
    expect(shown(returned)).toMatchObject({
      rejected: { quantity: '2', reason: 'damaged', to: 'vendor', location: null },
    })
  })
})

describe('a receipt with what was rejected is made again as it was told', () => {
  const held = (location: string | null) => entry('0', { rejected: kept({ location }) })
  test.each<[string, string, readonly Entry[]]>([
    ['what was held', '50', [entry('48'), held(null)]],
    ['what was held elsewhere', '50', [entry('48'), held('WH/Hold')]],
    ['what went back', '48', [entry('48'), entry('0', { rejected: returned })]],
  ])('%s', (_title, received, entries) => {
    const before = counted(line(1, 'RM-A', '50', received, { entries }))
    const { document, events } = approved(before)
    const data = receiptValidated(document, events?.[0]?.data.lines ?? []).data
    const again = restoredReceipt(data, { before: undefined, order: order(1, orderLine(1, 'RM-A', '50')), by: 'operator', backorderOf: null, createdAt: document.createdAt, home: { code: 'WH', name: 'Main', defaultReceiptLocation: 'WH/Stock', active: true }, referenceData }, 'USD') // prettier-ignore
    expect(again?.lines).toEqual(document.lines)
  })

  test('what went back of a line on which nothing else came', () => {
    const before = counted(line(1, 'RM-A', '50', '50'), line(2, 'PX', '0', '0', { orderLine: null, unit: 'unit', unitPrice: null, entries: [entry('0', { unit: 'unit', rejected: { ...returned, reason: 'unannounced' } })] })) // prettier-ignore
    const { document, events } = approved(before)
    const again = restoredReceipt(events?.[0]?.data ?? ({} as never), { before: undefined, order: order(1, orderLine(1, 'RM-A', '50')), by: 'operator', backorderOf: null, createdAt: document.createdAt, home: undefined, referenceData }, 'USD') // prettier-ignore
    expect(again?.lines).toEqual(document.lines)
  })
})
