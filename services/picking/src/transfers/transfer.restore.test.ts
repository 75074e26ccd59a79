import { describe, expect, test } from '@jest/globals'
import type { TransferConfirmed, TransferValidated } from '@stockline/contracts'
import { q, referenceData, taken } from '../../test/builders.ts'
import { asked, facts, inTransit, line, transfer } from '../../test/transfers-builders.ts'
import type { KnownOfEvent } from '../restoring/restore.ts'
import { confirmTransfer } from './transfer.confirm.ts'
import { newTransferEvents, transferCancelled, type TransferEvent } from './transfer.events.ts'
import { restorableTransfers } from './transfer.restore.ts'
import { validateTransfer } from './transfer.validate.ts'
import type { Transfer } from './transfer.ts'

const createdAt = new Date('2026-04-20T07:00:00Z')
const apply = (event: TransferEvent, before?: Transfer) =>
  restorableTransfers.apply(event, { before, createdAt, referenceData } as KnownOfEvent<Transfer>)

const confirmed = (of: Transfer, over: Partial<TransferConfirmed> = {}): TransferEvent => {
  const [event] = taken(confirmTransfer(of, { effectiveAt: undefined }, facts())).events ?? []
  return { type: 'confirmed', data: { ...(event?.data as TransferConfirmed), ...over } }
}
const received = (over: Partial<TransferValidated> = {}): TransferEvent => {
  const [event] = taken(validateTransfer(inTransit(), { effectiveAt: undefined }, facts())).events ?? []
  return { type: 'validated', data: { ...(event?.data as TransferValidated), ...over } }
}

describe('T1 A transfer is made again as it waits for the ledger', () => {
  test.each([
    ['with date and lot', transfer({ scheduledDate: '2026-05-01', lines: [line(1, 'PX', '10'), { ...line(4, 'LOT', '2'), lot: 'L1' }] })], // prettier-ignore
    ['with neither', transfer()],
  ])('%s', (_title, of) => {
    const { document } = taken(confirmTransfer(of, { effectiveAt: undefined }, facts()))
    expect(apply(confirmed(of))).toEqual(document)
  })

  test('in the base unit, at the time that was said', () => {
    const effectiveAt = '2026-04-19T08:00:00.000Z'
    const of = transfer({ lines: [{ ...line(1, 'PX', '2'), unit: 'box' }] })
    expect(apply(confirmed(of, { effectiveAt }))).toMatchObject({
      effectiveAt: new Date(effectiveAt),
      lines: [{ quantity: q('48'), unit: 'unit', baseUnit: 'unit' }],
    })
  })

  test('of which the database knows an attempt before: with the lines of this one, and its own note', () => {
    const before = transfer({ note: 'soon', problem: 'x', lines: [line(1, 'PX', '3')], version: 4 })
    expect(apply(confirmed(transfer()), before)).toMatchObject({
      ...{ note: 'soon', version: 4, status: 'posting', asked: 'ship', attempt: 1, problem: null },
      lines: [{ quantity: q('10') }, { quantity: q('5') }],
    })
  })

  test.each([
    ['this attempt', 1],
    ['a later one', 2],
  ])('not where the database knows of %s', (_title, attempt) => {
    expect(apply(confirmed(transfer()), transfer({ attempt }))).toBeUndefined()
    expect(apply(received({ attempt: 1 }), inTransit({ attempt }))).toBeUndefined()
  })
})

describe('T1 A transfer that asked for more does so again', () => {
  test.each([
    ['it received', received(), 'receive'],
    ['it received a part, and lost the rest', received({ lines: [{ line: 1, documentLine: 1, to: 'W2/Stock' }, { line: 2, documentLine: 1, reason: 'x' }] as never }), 'receive'], // prettier-ignore
    ['it was returned', received({ lines: [{ line: 1, documentLine: 1, to: 'WH/Stock' }] as never }), 'return'],
  ])('%s', (_title, event, what) => {
    const before = inTransit({ problem: 'x' })
    expect(apply(event, before)).toEqual({ ...before, status: 'posting', asked: what, attempt: 2, problem: null })
  })

  test('not where the transfer itself is not there', () => expect(apply(received())).toBeUndefined())
})

describe('T1 A relocation is made again', () => {
  const [a, b, c] = ['WH/Stock/A1-03', 'WH/Stock/B2-01', 'WH/Stock']
  const relocation = (bins: readonly (readonly string[])[], source: string, destination: string) =>
    asked('relocate', 1, {
      ...{ source, destination, confirmedAt: createdAt },
      lines: bins.map(([fromLocation = '', toLocation = ''], at) => ({ ...line(at + 1, 'PX', '2'), fromLocation, toLocation })), // prettier-ignore
    })
  const told = (of: Transfer) => newTransferEvents(undefined, of, referenceData)

  test.each([
    ['from one bin to another', relocation([[a, b], [a, b]], a, b)], // prettier-ignore
    ['from several bins', relocation([[a, c], [b, c]], 'WH', c)], // prettier-ignore
    ['to several bins', relocation([[a, b], [a, c]], a, 'WH')], // prettier-ignore
  ])('%s, as it was told', (_title, of) => {
    const [event, ...others] = told(of)
    expect(others).toEqual([])
    expect(event && apply(event)).toEqual(of)
  })

  test('its lot and its own lines are told', () => {
    const of = relocation([[a, b]], a, b)
    const lines = of.lines.map((each) => ({ ...each, line: 3, sku: 'LOT', unit: 'kg', lot: 'L1' }))
    expect(told({ ...of, lines })).toMatchObject([
      { type: 'validated', data: { attempt: 1, lines: [{ line: 3, documentLine: 3, lot: 'L1', from: a, to: b }] } },
    ])
  })

  test.each([
    ['one that was there before', relocation([[a, b]], a, b), transfer(), referenceData],
    ['a transfer', asked('ship'), undefined, referenceData],
    ['where nothing is known of products', relocation([[a, b]], a, b), undefined, undefined],
  ])('%s has no event', (_title, of, before, known) => expect(newTransferEvents(before, of, known)).toEqual([]))
})

describe('T1 A transfer that waited and was cancelled is so again', () => {
  const event = transferCancelled(asked('ship', 2), 'late')

  test('while its confirmation is what the database knows of', () => {
    const before = asked('ship', 2, { status: 'waiting', problem: 'Waits for stock.' })
    expect(apply(event, before)).toEqual({ ...before, status: 'cancelled', asked: null, problem: null })
  })

  test.each([
    ['it is not there', undefined],
    ['it was confirmed again since', asked('ship', 3)],
    ['it was shipped', inTransit({ attempt: 2 })],
    ['it is being received', asked('receive', 2)],
  ])('not where %s', (_title, before) => expect(apply(event, before)).toBeUndefined())
})

test('T1 Restoring asks for the products and units that an event names', () => {
  expect(restorableTransfers.names(confirmed(transfer()), undefined)).toEqual([
    { sku: 'PX', unit: 'unit' },
    { sku: 'RM-A', unit: 'kg' },
  ])
  expect(restorableTransfers.names(transferCancelled(asked('ship'), 'x'), undefined)).toEqual([])
})

test('T1 A number of which nothing was published is kept as a cancelled transfer', () => {
  const given = { id: 'transfer id', number: 'WH/INT/00042', warehouse: 'WH', createdAt }
  const cancelled = transfer({ status: 'cancelled', source: 'WH', destination: 'WH', lines: [] })
  expect(restorableTransfers.placeholder(given)).toEqual(cancelled)
})
