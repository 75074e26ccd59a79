/** Deliveries that are taken out of the offering, and what brings them back. */
import { describe, expect, test } from '@jest/globals'
import { q, taken } from '../../test/builders.ts'
import { begun, delivery, line, lost, order, orderLine, pick, referenceData, waiting } from '../../test/deliveries-builders.ts' // prettier-ignore
import { wantedOf } from '../orders/order.follow.ts'
import { demandEvents } from './delivery.events.ts'
import { deliveryRules } from './delivery.follow.ts'
import { cancelledDelivery, deliveryBackorder, reconsiderDelivery } from './delivery.order.ts'
import { afterAnswers, askAgain, type StockAnswer } from './delivery.reserve.ts'
import { demandedDelivery } from './delivery.restore.ts'
import { isOpenDelivery, type Delivery } from './delivery.ts'

const a = 'WH/Stock/A1-03'
const about = { documentId: 'delivery id', number: 'WH/OUT/00042' }
const why = 'Sarah Lim released what was reserved: Not paid.'
const released = (revision = 1): StockAnswer => {
  return { ...about, revision, code: 'amended', detail: why, held: { code: 'released', reason: 'Not paid.' } }
}
const reserved = (revision: number, quantity?: string): StockAnswer => {
  const picks = quantity === undefined ? [] : [{ location: a, lot: null, expiresOn: null, quantity, pickSequence: 0 }]
  return { ...about, revision, complete: false, lines: [{ line: 1, sku: 'PX', quantity: '10', picks }] }
}
const after = (of: Delivery, ...answers: readonly StockAnswer[]) => {
  const led = afterAnswers(of, answers)
  if (led === 'already') throw new Error('nothing changed')
  return led
}
const ready = delivery({ lines: [line(1, 'PX', '10', pick(a, '10'))] })
const picked = begun(line(1, 'PX', '10', pick(a, '10', '4')))
const held = after(ready, released()).document
const heldPicked = after(picked, released(), reserved(2, '4')).document

describe('D5: what is released waits, held, and says why', () => {
  test.each<[string, Delivery, StockAnswer[], Partial<Delivery>, string[]]>([
    ['ready', ready, [released()], { status: 'waiting', problem: why, needRevision: 1 }, ['held']],
    ['waiting already', waiting(line(1, 'PX', '10')), [released()], { status: 'waiting', problem: why }, ['held']],
    [
      'picked: it asks for what is picked alone',
      picked,
      [released()],
      { status: 'waiting', problem: why, needRevision: 2 },
      ['held'],
    ],
    [
      'picked: what is reserved where it was picked can be shipped',
      picked,
      [released(), reserved(2, '4')],
      { status: 'in_progress', problem: 'Nothing more is reserved for it: Not paid.' },
      ['held', 'in_progress'],
    ],
    [
      'posting: the ledger decides about what is picked',
      { ...picked, status: 'posting', returnsTo: 'in_progress' },
      [released()],
      { status: 'posting', returnsTo: 'waiting', needRevision: 1 },
      ['held'],
    ],
  ])('%s', (_title, of, answers, expected, notes) => {
    const { document, notes: written } = after(of, ...answers)
    expect(document).toMatchObject({ ...expected, held: 'Not paid.' })
    expect(written.map(({ what }) => what)).toEqual(notes)
  })

  test('of an older demand is none of it: somebody has asked again since, or stock says it again of the later one', () =>
    expect(afterAnswers({ ...ready, needRevision: 2 }, [released()])).toBe('already'))

  test('a draft is held, too: it is offered nothing once all on it is known', () => {
    const draft = { ...picked, status: 'draft', problem: 'Waits for product NEW.' } as const
    const { document, notes } = after(draft, released())
    expect(document).toMatchObject({ status: 'draft', held: 'Not paid.', problem: draft.problem, needRevision: 2 })
    expect(document.lines[0]?.picks).toMatchObject([{ quantity: 0n, picked: q('4') }])
    expect(notes).toEqual([{ what: 'held', why: 'Not paid.' }])
    expect(reconsiderDelivery(document, referenceData)).toMatchObject({ held: 'Not paid.', status: 'in_progress' })
  })

  const further = (of: Delivery) => ({ ...of, needRevision: of.needRevision + 1 })
  test.each<[string, Delivery, Delivery, object]>([
    ['picked elsewhere, or put back: it asks for nothing new', picked, further(picked), { asks: false }],
    ['a draft of which all is known', { ...picked, status: 'draft' }, further(picked), { asks: false }],
    ['its order was amended', picked, { ...further(picked), orderRevision: 7 }, {}],
    ['a person asks', heldPicked, taken(askAgain(heldPicked, {})).document, {}],
    ['one that is known to be held says so', heldPicked, further(heldPicked), { held: 'Not paid.' }],
    ['the first one', { ...ready, status: 'draft', needRevision: 0 }, ready, {}],
  ])('its further demand does not end a hold that is not known yet: %s', (_title, before, now, expected) => {
    const [told] = demandEvents(before, now, undefined)
    const { asks, held: reason } = (told?.data ?? {}) as { asks?: boolean; held?: string }
    expect({ ...(asks === undefined ? {} : { asks }), ...(reason === undefined ? {} : { held: reason }) }).toEqual(
      expected,
    )
  })

  test('its demand says so, with what is picked', () => {
    expect(demandEvents(picked, after(picked, released()).document, undefined)).toMatchObject([
      {
        type: 'amended',
        data: { revision: 2, held: 'Not paid.', lines: [{ quantity: '10', picked: [{ quantity: '4' }] }] },
      },
    ])
    expect(demandEvents(ready, held, undefined)).toEqual([])
  })

  test('what is left of it once the rest is shipped is held, too', () => {
    const left = deliveryBackorder(heldPicked, [line(1, 'PX', '6')], 'other', new Date(0))
    expect(left).toMatchObject({ held: 'Not paid.', status: 'waiting', needRevision: 1 })
    expect(demandEvents(undefined, { ...left, number: 'n' }, undefined)).toMatchObject([
      { data: { held: 'Not paid.' } },
    ])
    expect(after({ ...left, number: 'n' }, reserved(1)).document).toMatchObject({
      status: 'waiting',
      problem: 'Nothing more is reserved for it: Not paid.',
    })
  })
})

describe('D5: it is offered stock again', () => {
  test.each([
    ['where a person asks', held, { status: 'waiting', needRevision: 2, held: null, problem: null }],
    ['with what is picked', heldPicked, { status: 'in_progress', needRevision: 3, held: null }],
    ['a draft of which stock knows: what it still wants of what it had', { ...held, status: 'draft', problem: 'x' } as const, { needRevision: 2, held: null, problem: 'x' }], // prettier-ignore
    ['a draft once all on it is known', { ...held, status: 'draft', problem: 'x', needRevision: 0 } as const, { needRevision: 0, held: null, problem: 'x' }], // prettier-ignore
  ])('%s', (_title, of, expected) => {
    const { document } = taken(askAgain(of, {}))
    expect(document).toMatchObject(expected)
    for (const { data } of demandEvents(of, document, referenceData)) expect(data).not.toHaveProperty('held')
  })

  test.each([
    ['one that is not held', ready, 'already'],
    ['one that is shipped', { ...held, status: 'done' } as const, { refused: 'delivery-not-open', inAnyVersion: true }],
    ['one that is being posted', { ...held, status: 'posting' } as const, { refused: 'delivery-not-open' }],
    ['one that is cancelled', cancelledDelivery(ready), { refused: 'delivery-not-open' }],
  ])('not %s', (_title, of, expected) => {
    const decided = askAgain(of, {})
    if (typeof expected === 'string') expect(decided).toBe(expected)
    else expect(decided).toMatchObject(expected)
  })

  test('where its order is amended, though it demands the same', () => {
    const same = order(2, [orderLine(1, 'PX', '10')])
    for (const one of [held, heldPicked]) {
      const amended = deliveryRules.amend(one, same, wantedOf(deliveryRules, same, [one], referenceData), referenceData)
      expect(amended).toMatchObject({ held: null, needRevision: one.needRevision + 1 })
      expect(isOpenDelivery(amended)).toBe(true)
    }
  })

  test('not where it is cancelled: then nothing holds it', () => {
    expect(cancelledDelivery(heldPicked)).toMatchObject({ status: 'cancelled', held: null, needRevision: 3 })
  })
})

describe('a delivery that is made again', () => {
  const need = {
    ...{ ...about, warehouse: 'WH', revision: 2, priority: 5, allowPartial: false, orderedAt: '2026-04-20T08:00:00Z' },
    ...{ reserveUntil: '2026-05-02', lines: [{ line: 1, sku: 'PX', quantity: '10' }] },
  }
  test.each([
    ['is held as it was told', { held: 'Not paid.' }, 'Not paid.'],
    ['is not held where it was told without', {}, null],
  ])('%s, and keeps until when its order wants it reserved', (_title, more, expected) => {
    const made = demandedDelivery({ ...need, ...more }, lost)
    expect(made).toMatchObject({ held: expected, details: { order: { reserveUntil: '2026-05-02' } } })
    expect(made?.lines[0]?.needed).toBe(q('10'))
  })
})
