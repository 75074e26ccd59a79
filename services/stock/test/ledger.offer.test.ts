import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Tx } from '@stockline/service-kit'
import { holdLedger, offerLocation, reconsiderLots } from '../src/ledger/ledger.offer.actions.ts'
import { invariants } from '../src/invariants.ts'
import { demand, location, posting, product, uuid } from './builders.ts'
import { type StockDatabase, demo, nobody, stockDatabase } from './stock-database.ts'

const identified = <T extends { id: string }>(thing: T, index: number): T => ({ ...thing, id: uuid(0xdef000 + index) })
const things = [product('PX', { unit: 'unit', unitDecimals: 0 }), product('ML', { tracking: 'lot' })]
const locations = [location('WH/A'), location('WH/B'), location('WH/Out', { reservable: false })]

let one: StockDatabase
beforeAll(async () => {
  one = await stockDatabase(
    things.map(identified),
    locations.map((each, index) => identified(each, 100 + index)),
  )
})
afterEach(async () => {
  for (const { name, statement } of invariants)
    expect({ name, rows: await one.db.query(statement) }).toEqual({ name, rows: [] })
  await one.empty()
})
afterAll(() => one.close())

interface Told {
  readonly type: string
  readonly subject: string
  readonly data: { readonly code?: string; readonly lines?: readonly { readonly picks: object[] }[] }
}

const received = (q: string, location = 'WH/A') => posting('receipt', [{ sku: 'PX', quantity: q, location }])

test('sums of many large quantities stop nobody: what vendors gave, and what a delivery asks for', async () => {
  const most = '99999999999999'
  const asked = demand(1, [
    ['PX', most],
    ['PX', most],
  ])
  const outcomes = await one.take(asked, received(most), received(most, 'WH/B'), received('1', 'WH/B'))
  expect(outcomes).toMatchObject([
    { outcome: 'reserved', complete: false },
    { outcome: 'posted' },
    { outcome: 'posted' },
    { outcome: 'reserved', complete: true },
    { outcome: 'refused', code: 'balance-too-large' },
  ])
})

describe('a place or a lot that changes', () => {
  const idOf = async (table: 'locations' | 'lots', code: string) => {
    const text = `select id from ${table} where code = $1`
    return (await one.db.query<{ id: string }>({ name: '', text }, [code]))[0]?.id ?? ''
  }
  const change = (text: string, then: (tx: Tx) => Promise<void>) =>
    one.db.transaction(nobody, async (tx) => {
      await holdLedger(tx, demo)
      await tx.query({ name: '', text })
      await then(tx)
    })
  const told = async () => {
    const text = `select type, subject, value::jsonb -> 'data' as data from kit.outbox order by position`
    const events = await one.db.query<Told>({ name: '', text })
    const besides = ['stock.document-posted.v1', 'stock.lot-changed.v1']
    return events
      .filter(({ type }) => !besides.includes(type))
      .map(({ type, subject, data }) => [type, subject, data.code ?? data.lines?.map((line) => line.picks)])
  }
  const milk = (lot: string, expiresOn: string, q = '10') =>
    posting('receipt', [{ sku: 'ML', quantity: q, lot, expiresOn }])
  const reserved = 'stock.stock-reserved.v1'

  test('D5 what becomes reservable is offered to those that wait, in need order', async () => {
    await one.take(received('7', 'WH/Out'), demand(1, [['PX', '5']]), demand(2, [['PX', '5']]))
    const id = await idOf('locations', 'WH/Out')
    const open = `update locations set reservable = true where id = '${id}'`
    await change(open, (tx) => offerLocation(tx, demo, id))
    await one.db.query({ name: '', text: `update locations set reservable = false where id = '${id}'` })
    expect((await told()).slice(2)).toEqual([[reserved, uuid(1), [[expect.objectContaining({ quantity: '5' })]]]])
  })

  test('D5 a lot that turns out to have expired is given back; other lots take its place while there are some', async () => {
    const part = demand(3, [['ML', '3']], { allowPartial: true })
    await one.take(milk('L1', '2030-01-01'), milk('L2', '2031-01-01', '8'), demand(1, [['ML', '5']]))
    await one.take(demand(2, [['ML', '4']]), part)
    const id = await idOf('lots', 'L1')
    await change(`update lots set expires_on = '2020-01-01' where id = '${id}'`, (tx) => reconsiderLots(tx, demo, [id]))
    const after = (await told()).slice(3)
    expect(after.map(([type, subject]) => [type, subject])).toEqual([
      [reserved, uuid(1)],
      ['stock.reservation-released.v1', uuid(2)],
      [reserved, uuid(2)],
      [reserved, uuid(3)],
    ])
    expect(after[0]?.[2]).toEqual([[expect.objectContaining({ lot: 'L2', quantity: '5' })]])
    expect(after[1]?.[2]).toBe('expired')
    await change(`update lots set expires_on = '2030-01-01' where id = '${id}'`, (tx) => reconsiderLots(tx, demo, [id]))
    expect((await told()).slice(7).map(([type, subject]) => [type, subject])).toEqual([[reserved, uuid(2)]])
  })
})
