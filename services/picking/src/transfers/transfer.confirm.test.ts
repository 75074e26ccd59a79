import { describe, expect, test } from '@jest/globals'
import { location, referenceData, taken } from '../../test/builders.ts'
import { asked, facts, inTransit, line, transfer, without } from '../../test/transfers-builders.ts'
import { cancelTransfer, confirmTransfer, placesCancelled, placesConfirmed } from './transfer.confirm.ts'
import type { Transfer } from './transfer.ts'

const [past, future] = [new Date('2026-04-19T08:00:00Z'), new Date('2026-04-21T08:00:00Z')]
const supervisor = facts({ may: (right) => right === 'effective-at.set' })
const closed = facts({ locations: new Map([['WH/Stock', location('WH/Stock')], ['W2/Stock', location('W2/Stock', { warehouse: 'W2', active: false })]]) }) // prettier-ignore

describe('T1 Confirming, every refusal in order of precedence', () => {
  test.each([
    ['a cancelled one', transfer({ status: 'cancelled' }), {}, facts(), { refused: 'transfer-cancelled', kind: 'state', inAnyVersion: true, detail: 'WH/INT/00042 is cancelled.' }], // prettier-ignore
    ['one that waits is through this step', asked('ship', 1, { status: 'waiting' }), { effectiveAt: future }, facts(), 'already'], // prettier-ignore
    ['one that posts too', asked('ship'), {}, facts(), 'already'],
    ['one in transit too', inTransit(), {}, facts(), 'already'],
    ['one that is done too', transfer({ status: 'done' }), {}, facts(), 'already'],
    ['who may not say when it left', transfer(), { effectiveAt: past }, without('WH/Stock'), { refused: 'effective-at-forbidden' }], // prettier-ignore
    ['it has not left yet', transfer(), { effectiveAt: future }, supervisor, { refused: 'effective-at-future' }],
    ['the source is gone', transfer(), {}, without('WH/Stock'), { refused: 'place-wrong', kind: 'state', detail: 'WH/INT/00042 cannot be confirmed: location "WH/Stock" is not known. Cancel it, or open the location again.' }], // prettier-ignore
    ['both ends are gone', transfer(), {}, facts({ locations: new Map() }), { detail: 'WH/INT/00042 cannot be confirmed: location "WH/Stock" is not known; location "W2/Stock" is not known. Cancel it, or open the location again.' }], // prettier-ignore
    ['the destination is closed', transfer({ lines: [line(1, 'NONE', '1')] }), {}, closed, { refused: 'place-wrong', detail: 'WH/INT/00042 cannot be confirmed: location "W2/Stock" is not in use any more. Cancel it, or open the location again.' }], // prettier-ignore
    ['products that are gone or kept otherwise by now', transfer({ lines: [line(1, 'NONE', '1'), line(2, 'PX', '1'), line(5, 'PX', '0.5')] }), {}, facts(), { refused: 'lines-wrong', kind: 'content', errors: [{ pointer: '/lines/1', message: 'product "NONE" is not known' }, { pointer: '/lines/5', message: 'is too precise: "unit" is counted with no decimals' }] }], // prettier-ignore
  ])('%s', (_title, of, body, known, expected) =>
    expect([confirmTransfer(of, { effectiveAt: undefined, ...body }, known)]).toMatchObject([expected]),
  )
})

describe('T1 A confirmed transfer', () => {
  test('is asked of the ledger whole, in the base unit', () => {
    const lines = [
      { ...line(1, 'PX', '2'), unit: 'box' },
      { ...line(3, 'LOT', '5'), lot: 'L1' },
    ]
    const of = transfer({ lines, scheduledDate: '2026-05-01', problem: 'x' })
    expect(confirmTransfer(of, { effectiveAt: undefined }, facts({ scope: ['WH/Stock'] }))).toEqual({
      document: { ...of, status: 'posting', asked: 'ship', attempt: 1, problem: null, confirmedAt: facts().now },
      notes: [{ what: 'confirmed', why: null }],
      events: [
        {
          type: 'confirmed',
          data: {
            ...{ documentId: 'transfer id', number: 'WH/INT/00042', warehouse: 'WH', attempt: 1, revision: 1 },
            ...{ priority: 5, scheduledDate: '2026-05-01', orderedAt: '2026-04-20T08:00:00.000Z' },
            ...{ source: 'WH/Stock', destination: 'W2/Stock' },
            lines: [
              { line: 1, sku: 'PX', quantity: '48', unit: 'unit', category: 'Raw' },
              { line: 3, sku: 'LOT', quantity: '5', unit: 'kg', lot: 'L1', category: 'Raw' },
            ],
          },
        },
      ],
    })
  })

  test('that the ledger refused is asked for again: in the next attempt, and since it was confirmed first', () => {
    const confirmedAt = new Date('2026-04-20T07:30:00Z')
    const decided = confirmTransfer(transfer({ attempt: 1, confirmedAt }), { effectiveAt: past }, supervisor)
    expect(decided).toMatchObject({
      document: { attempt: 2, confirmedAt, effectiveAt: past },
      events: [{ data: { attempt: 2, revision: 2, orderedAt: confirmedAt.toISOString(), effectiveAt: past.toISOString() } }], // prettier-ignore
    })
  })

  test('without a date tells none, nor when it left', () => {
    const decided = confirmTransfer(transfer(), { effectiveAt: undefined }, facts())
    const { document, events } = taken(decided)
    expect(events?.[0]?.data).not.toHaveProperty('scheduledDate')
    expect(events?.[0]?.data).not.toHaveProperty('effectiveAt')
    expect(document.effectiveAt).toBeNull()
  })

  test('has both ends looked up; a cancelled one where its goods are', () => {
    expect(placesConfirmed(transfer())).toEqual(['WH/Stock', 'W2/Stock'])
    const body = { reason: 'x', effectiveAt: undefined }
    expect(placesCancelled(transfer(), body)).toEqual([])
    expect(placesCancelled(transfer(), { ...body, returnTo: 'WH/Stock' })).toEqual(['WH/Stock'])
  })
})

describe('T1 Cancelling, every refusal in order of precedence', () => {
  const returnWrong = (message: string) => ({
    ...{ refused: 'return-wrong', kind: 'content', errors: [{ pointer: '/returnTo', message }] },
    detail: 'Goods of WH/INT/00042 are in transit: say where they are.',
  })

  test.each([
    ['a second time is no error', transfer({ status: 'cancelled' }), {}, 'already'],
    ['nor is it while its goods are posted back', asked('return', 2), { effectiveAt: future }, 'already'],
    ['one that is done', transfer({ status: 'done' }), {}, { refused: 'transfer-posted', kind: 'state', inAnyVersion: true, detail: 'WH/INT/00042 is done and cannot be cancelled any more: relocate the goods, or transfer them back.' }], // prettier-ignore
    ['one that posts', asked('ship'), {}, { refused: 'transfer-posted', kind: 'state', inAnyVersion: true, detail: "WH/INT/00042 is posting: wait for the ledger's answer." }], // prettier-ignore
    ['one that is being received', asked('receive', 2), {}, { refused: 'transfer-posted' }],
    ['who may not say when', inTransit(), { effectiveAt: past }, { refused: 'effective-at-forbidden' }],
    ['without where its goods are', inTransit(), {}, returnWrong('must say where the goods are: they are posted there')], // prettier-ignore
    ['back to the destination', inTransit(), { returnTo: 'W2/Stock' }, returnWrong('is the destination: validate the transfer, and it receives')], // prettier-ignore
    ['to an unknown place', inTransit(), { returnTo: 'WH/None' }, returnWrong('location "WH/None" is not known')],
    ['to a closed place', inTransit(), { returnTo: 'WH/Closed' }, returnWrong('location "WH/Closed" is not in use any more')], // prettier-ignore
  ])('%s', (_title, of, body, expected) =>
    expect([cancelTransfer(of, { reason: 'x', effectiveAt: undefined, ...body }, facts())]).toMatchObject([expected]),
  )

  test('to a place out of scope', () =>
    expect(
      cancelTransfer(inTransit(), { reason: 'x', returnTo: 'WH/Stock', effectiveAt: undefined }, facts({ scope: [] })),
    ).toMatchObject({ errors: [{ message: 'location "WH/Stock" is not known' }] }))
})

describe('T1 A cancelled transfer', () => {
  const cancel = (of: Transfer, over = {}) => cancelTransfer(of, { reason: 'late', effectiveAt: undefined, ...over }, supervisor) // prettier-ignore
  const notes = [{ what: 'cancelled', why: 'late' }]

  test('that was a draft is told to nobody', () => {
    const of = transfer({ problem: 'x' })
    expect(cancel(of)).toEqual({ document: { ...of, status: 'cancelled', problem: null }, notes, events: [] })
  })

  test('that waited is forgotten by the ledger', () => {
    const of = asked('ship', 3, { status: 'waiting', problem: 'Waits for stock.', effectiveAt: past })
    const { id: documentId, number, warehouse } = of
    expect(cancel(of)).toEqual({
      document: { ...of, status: 'cancelled', asked: null, problem: null },
      notes,
      events: [{ type: 'cancelled', data: { documentId, number, warehouse, revision: 3, reason: 'late' } }],
    })
  })

  test('whose goods are in transit has them posted where they are, each lot', () => {
    const of = inTransit({ problem: 'x' })
    expect(cancel(of, { returnTo: 'WH/Stock', effectiveAt: past })).toEqual({
      document: { ...of, status: 'posting', asked: 'return', attempt: 2, problem: null, effectiveAt: past },
      notes,
      events: [
        {
          type: 'validated',
          data: {
            ...{ documentId: 'transfer id', number: 'WH/INT/00042', warehouse: 'WH', attempt: 2 },
            effectiveAt: past.toISOString(),
            lines: [
              { line: 1, documentLine: 1, sku: 'PX', quantity: '10', unit: 'unit', category: 'Raw', to: 'WH/Stock' },
              { line: 2, documentLine: 2, sku: 'LOT', quantity: '3', unit: 'kg', lot: 'L1', category: 'Raw', to: 'WH/Stock' }, // prettier-ignore
              { line: 3, documentLine: 2, sku: 'LOT', quantity: '2', unit: 'kg', lot: 'L2', category: 'Raw', to: 'WH/Stock' }, // prettier-ignore
            ],
          },
        },
      ],
    })
  })

  test.each([
    [1000, { document: { status: 'posting' } }],
    [1001, { refused: 'transfer-too-long', kind: 'content' }],
  ])('of %i lots in transit', (count, expected) => {
    const [px] = inTransit().lines
    const moves = Array.from({ length: count }, (_, at) => ({ ...px!.moves[0]!, lot: `L${String(at)}` }))
    expect(cancel(inTransit({ lines: [{ ...px!, moves }] }), { returnTo: 'WH/Stock' })).toMatchObject(expected)
  })

  test('waits for its products where they are not known, after the database fell back: the ledger could not take it', () => {
    const known = { ...supervisor, referenceData: { ...referenceData, products: new Map() } }
    const decided = cancelTransfer(inTransit(), { reason: 'x', returnTo: 'WH/Stock', effectiveAt: undefined }, known)
    expect(decided).toMatchObject({ refused: 'product-unknown', kind: 'state' })
  })
})
