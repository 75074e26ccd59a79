import { describe, expect, test } from '@jest/globals'
import { place, product, warehouse } from '../../test/builders.ts'
import { hold, offer, release, reserve } from '../reservations/reservations.ts'
import { quantOf, shelfOf } from './picture.ts'
import { freeOf, setBalance } from './quant.ts'
import type { Need } from './stock.ts'

const px = product('PX')
const wh = place('WH/A')

/** A need of 5 PX that nothing is allocated to. */
function needOf(allowPartial: boolean, quantity = 5n): Need {
  const lines = [{ line: 1, product: px, quantity, lot: null }]
  const dates = { scheduledDate: null, orderedAt: 0, priority: 5 }
  const known = { documentId: 'id', number: 'WH/OUT/00001', warehouse: 'WH', revision: 1, storedRevision: 0 }
  return { ...known, ...dates, allowPartial, status: 'open', lines, claims: [], watch: [] }
}

describe('what is available of a quant', () => {
  const cases: [onHand: bigint, reserved: bigint, available: bigint][] = [
    [5n, 3n, 2n],
    [5n, 0n, 5n],
    [5n, 5n, 0n],
    [5n, 6n, 0n],
    [0n, 0n, 0n],
    [0n, 1n, 0n],
    [-5n, 0n, 0n],
    [-5n, 3n, 0n],
  ]
  test.each(cases)('%s on hand, %s reserved: %s, and never less than nothing', (onHand, reserved, available) => {
    const picture = warehouse([px], [wh])
    const quant = quantOf(picture, px, wh, null, 'available')
    setBalance(quant, onHand, reserved)
    expect(freeOf(quant)).toBe(available)
    expect(shelfOf(picture, px, 'WH').free).toBe(available)
  })

  test('negative stock takes nothing from what lies elsewhere', () => {
    const elsewhere = place('WH/B')
    const picture = warehouse([px], [wh, elsewhere])
    setBalance(quantOf(picture, px, wh, null, 'available'), -4n, 0n)
    setBalance(quantOf(picture, px, elsewhere, null, 'available'), 5n, 0n)
    expect(shelfOf(picture, px, 'WH').free).toBe(5n)
    const need = needOf(false)
    expect(reserve(picture, need)).toBe(true)
    expect(need.claims).toMatchObject([{ quant: { place: elsewhere }, quantity: 5n }])
  })
})

describe('of those who wait, only some were loaded', () => {
  /** What is free at WH/A, and two who wait for 5 each; those behind the first were not loaded, where `horizon` says so. */
  const waiting = (free: bigint, horizon: boolean) => {
    const picture = warehouse([px], [wh])
    const shelf = shelfOf(picture, px, 'WH')
    const [first, second] = [needOf(false), { ...needOf(false), documentId: 'later', orderedAt: 1 }]
    for (const need of [first, second]) reserve(picture, need)
    setBalance(quantOf(picture, px, wh, null, 'available'), free, 0n)
    if (horizon) shelf.horizon = first
    const { served } = offer(picture, new Set([shelf]))
    return { served: served.map(({ documentId }) => documentId), starved: picture.starved.has(shelf) }
  }
  test.each([
    ['all are loaded: each has what there is', 10n, false, ['id', 'later'], false],
    ['what is left over is for those who must be loaded first', 10n, true, ['id'], true],
    ['less is left over than is of use: nobody knows to whom', 7n, true, ['id'], true],
    ['nothing is left over: nobody need be loaded', 5n, true, ['id'], false],
    ['nothing is free at all', 0n, true, [], false],
  ])('%s', (_title, free, horizon, served, starved) => {
    expect(waiting(free, horizon)).toEqual({ served, starved })
  })
})

describe('a need without an allocation', () => {
  test.each([[true], [false]])('has gained nothing where nothing is there (part allowed: %s), and waits', (partial) => {
    const picture = warehouse([px], [wh])
    const need = needOf(partial)
    expect(reserve(picture, need)).toBe(false)
    expect(need).toMatchObject({ claims: [], watch: [shelfOf(picture, px, 'WH')] })
  })

  test.each([[true], [false]])(
    'that needs nothing (part allowed: %s) gains nothing and waits for nothing',
    (partial) => {
      const picture = warehouse([px], [wh])
      setBalance(quantOf(picture, px, wh, null, 'available'), 5n, 0n)
      const need = needOf(partial, 0n)
      expect(reserve(picture, need)).toBe(false)
      expect(need).toMatchObject({ claims: [], watch: [] })
    },
  )

  test('that has all it needs is given nothing more', () => {
    const picture = warehouse([px], [wh])
    setBalance(quantOf(picture, px, wh, null, 'available'), 9n, 0n)
    const need = needOf(false)
    expect([reserve(picture, need), reserve(picture, need)]).toEqual([true, false])
    expect(need.claims).toHaveLength(1)
    expect(shelfOf(picture, px, 'WH').free).toBe(4n)
  })

  test('gives nothing back, and is not offered what nobody has', () => {
    const picture = warehouse([px], [wh])
    const need = needOf(false)
    expect(release(need).size).toBe(0)
    reserve(picture, need)
    expect(offer(picture, new Set([shelfOf(picture, px, 'WH')]))).toEqual({ served: [], asked: [] })
  })

  test('is held nothing of what was not picked', () => {
    const picture = warehouse([px], [wh])
    setBalance(quantOf(picture, px, wh, null, 'available'), 5n, 0n)
    const need = needOf(false)
    hold(picture, need, [
      { line: 1, sku: 'PX', quantity: 5n, picked: [] },
      { line: 2, sku: 'PX', quantity: 5n, picked: [{ location: 'WH/A', lot: null, quantity: 0n }] },
    ])
    expect(need.claims).toEqual([])
    expect(shelfOf(picture, px, 'WH').free).toBe(5n)
  })
})
