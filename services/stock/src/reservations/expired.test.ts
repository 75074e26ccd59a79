import { describe, expect, test } from '@jest/globals'
import { formatQuantity, quantity } from '@stockline/amounts'
import { decideAndStore, need, noon, place, posting, product, quantsOf, uuid, warehouse } from '../../test/builders.ts'
import { type Picture, shelve } from '../ledger/picture.ts'

/** What a delivery has, as `place lot quantity`. */
function claims(picture: Picture, n: number): string[] {
  return (picture.needs.get(uuid(n))?.claims ?? []).map(({ quant, quantity: q }) =>
    [quant.place.code, quant.lot?.code, formatQuantity(quantity(q))].filter((part) => part !== undefined).join(' '),
  )
}

function received(
  sku: string,
  q: string,
  location = 'WH/A',
  more: { lot?: string; expiresOn?: string; at?: number } = {},
) {
  const { at = noon, ...line } = more
  return posting('receipt', [{ sku, quantity: q, location, ...line }], { effectiveAt: at })
}

function outcomes(decision: ReturnType<typeof decideAndStore>): string[] {
  return decision.outcomes.map((one) => {
    if (one.outcome === 'reserved') return `reserved ${one.need.number.slice(-1)}${one.complete ? '' : ' in part'}`
    if (one.outcome === 'released') return `released ${one.need.number.slice(-1)} ${one.code}`
    return one.outcome
  })
}

describe('what has expired is withdrawn', () => {
  const expiring = (allowPartial: boolean) => {
    const picture = warehouse([product('ML', { tracking: 'lot' }), product('PX')], [place('WH/A')], [], '2026-04-20')
    decideAndStore(
      picture,
      received('ML', '5', 'WH/A', { lot: 'OLD', expiresOn: '2026-04-20' }),
      received('PX', '5'),
      need(
        1,
        [
          ['ML', '5'],
          ['PX', '2'],
        ],
        { allowPartial },
      ),
      need(2, [['PX', '5']], { allowPartial: true }),
    )
    // A day later, as it is loaded then.
    const next = Object.assign(picture, { today: '2026-04-21' })
    for (const quant of quantsOf(next)) shelve(next, quant)
    return next
  }
  const withdrawn = (picture: Picture, ...documentIds: string[]) =>
    decideAndStore(picture, { asks: 'withdraw', documentIds, detail: 'Lot OLD has expired.' })

  test('of a delivery that goes whole: it loses all, is saved, and what it had is offered to others', () => {
    const picture = expiring(false)
    const decision = withdrawn(picture, uuid(1))
    expect(decision.needs.map(({ number }) => number)).toContain('WH/OUT/00001')
    expect(outcomes(decision)).toEqual(['released 1 expired', 'reserved 1 in part', 'reserved 2'])
    expect([claims(picture, 1), claims(picture, 2)]).toEqual([[], ['WH/A 5']])
  })

  test('of one that allows part: it keeps the rest', () => {
    const picture = expiring(true)
    expect(outcomes(withdrawn(picture, uuid(1)))).toEqual(['released 1 expired', 'reserved 1 in part'])
    expect(claims(picture, 1)).toEqual(['WH/A 2'])
  })

  test('of one that has nothing of it, or is not known, nothing', () => {
    const picture = expiring(false)
    const decision = withdrawn(picture, uuid(2), uuid(99))
    expect(decision.outcomes).toEqual([])
    expect(claims(picture, 1)).toEqual(['WH/A OLD 5', 'WH/A 2'])
  })
})
