import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import { rebuild } from '../src/inputs/rebuild.actions.ts'
import { invariants } from '../src/invariants.ts'
import { openHarness, type Harness } from './harness.ts'
import { company } from './story.ts'

interface EntryLine {
  readonly role: string
  readonly account: string
  readonly debit: string
  readonly credit: string
  readonly sku: string | null
  readonly quantity: string | null
  readonly move: string | null
  readonly basis: string | null
}
interface Entries {
  readonly items: readonly {
    readonly number: string
    readonly document: string
    readonly position: string
    readonly date: string
    readonly cause: string
    readonly lines: readonly EntryLine[]
  }[]
  readonly nextCursor: string | null
}
interface Items {
  readonly items: readonly Readonly<Record<string, unknown>>[]
}

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
})
afterAll(() => harness.stop())

const entriesOf = async (document: string) =>
  (await harness.supervisor.get<Entries>(`/v1/journal-entries?document=${encodeURIComponent(document)}`)).body.items
const sides = (lines: readonly EntryLine[]) => lines.map(({ role, debit, credit, sku }) => [role, debit, credit, sku])

describe('X7 valuation', () => {
  test('G4 a posted receipt is followed by one entry, whatever is repeated, and D4 a delivery by another', async () => {
    await harness.post('receipt', 'WH/IN/00042', [
      { sku: 'RM-A', quantity: '100', price: '2.50' },
      { sku: 'RM-B', quantity: '48', price: '4.00' },
    ])
    await harness.repeat()
    await harness.post('delivery', 'WH/OUT/00001', [{ sku: 'RM-A', quantity: '10' }], '2026-05-01T10:00:00Z')
    const [entry, ...others] = await entriesOf('WH/IN/00042')
    expect(others).toEqual([])
    expect(entry).toMatchObject({ number: '2026/000001', position: '1', date: '2026-04-23', cause: 'receipt' })
    expect(sides(entry?.lines ?? [])).toEqual([
      ['inventory', '250.00', '0.00', 'RM-A'],
      ['grni', '0.00', '250.00', 'RM-A'],
      ['inventory', '192.00', '0.00', 'RM-B'],
      ['grni', '0.00', '192.00', 'RM-B'],
    ])
    expect(entry?.lines[0]).toMatchObject({ account: '1400', quantity: '100', basis: 'order price' })
    const [delivery] = await entriesOf('WH/OUT/00001')
    expect(sides(delivery?.lines ?? [])).toEqual([
      ['cogs', '25.00', '0.00', 'RM-A'],
      ['inventory', '0.00', '25.00', 'RM-A'],
    ])
  })

  test('G5 the parts of an order line sum to it, whatever is repeated', async () => {
    const parts = ['0.333333', '0.333334', '0.333333']
    for (const [index, orderQuantity] of parts.entries()) {
      const line = {
        sku: 'BOX',
        quantity: '1',
        price: '10',
        perUnit: '3',
        category: 'Boxed',
        orderLine: 1,
        orderQuantity,
      }
      const whole = index === 2 ? { completesOrderLine: true } : {}
      await harness.post('receipt', `WH/IN/0010${index}`, [{ ...line, ...whole }], undefined, 'PO-BOX')
      await harness.repeat()
    }
    const entries = await Promise.all(parts.map((_part, index) => entriesOf(`WH/IN/0010${index}`)))
    expect(entries.map((all) => all.map(({ lines }) => lines[0]?.debit))).toEqual([['3.33'], ['3.34'], ['3.33']])
    const layers = await harness.supervisor.get<Items>('/v1/layers?sku=BOX')
    expect(layers.body.items).toMatchObject([{ quantity: '3', value: '10.00', unitCost: '3.3333333333' }])
    await harness.post('delivery', 'WH/OUT/00100', [{ sku: 'BOX', quantity: '3', category: 'Boxed' }])
    expect((await entriesOf('WH/OUT/00100'))[0]?.lines[0]).toMatchObject({ debit: '10.00' })
  })

  test('layers and the value of the inventory, now and then', async () => {
    const layers = await harness.supervisor.get<Items>('/v1/layers?sku=RM-A')
    expect(layers.body.items).toEqual([
      {
        ...{ sku: 'RM-A', quantity: '90', remainingQuantity: '90', value: '225.00', remainingValue: '225.00' },
        ...{ unitCost: '2.50', move: null },
      },
    ])
    const value = (query: string) => harness.supervisor.get<Items>(`/v1/inventory-value${query}`)
    expect((await value('')).body).toMatchObject({ currency: 'USD', total: '417.00', position: '6', nextCursor: null })
    expect((await value('?atPosition=1')).body).toMatchObject({ total: '442.00' })
    expect((await value('?asOf=2026-04-30')).body).toMatchObject({
      total: '442.00',
      items: [
        { sku: 'RM-A', quantity: '100', value: '250.00', unitCost: '2.50' },
        { sku: 'RM-B', quantity: '48', value: '192.00', unitCost: '4.00' },
      ],
    })
    expect((await value('?asOf=2026-04-23T08:00:00Z')).body).toMatchObject({ total: '0.00', items: [] })
    expect((await value('?asOf=yesterday')).status).toBe(422)
    const entries = async (query: string) =>
      (await harness.supervisor.get<Items>(`/v1/journal-entries?${query}`)).body.items.length
    expect(await entries('since=2026-04-23&until=2026-04-23')).toBe(5)
    expect(await entries('since=2026-04-24')).toBe(1)
    expect(await entries('since=2026-05-01T10:00:00Z')).toBe(1)
    expect(await entries('since=2026-05-01T10:00:01Z')).toBe(0)
    expect(await entries('until=2026-04-23T09:00:00Z')).toBe(0)
    expect(await entries('until=2026-04-23T11:00:01%2B02:00')).toBe(5)
  })

  test('a manager sets the method of a category, of which nothing need be known yet', async () => {
    const path = '/v1/cost-methods/Fancy%20goods'
    expect((await harness.supervisor.get(path)).body).toEqual({
      category: 'Fancy goods',
      method: 'average',
      version: 0,
    })
    expect((await harness.supervisor.send('PUT', path, { body: { method: 'fifo' } })).status).toBe(403)
    expect((await harness.manager.send('PUT', path, { body: { method: 'lifo' } })).status).toBe(422)
    expect(await harness.manager.send('PUT', path, { body: { method: 'fifo' } })).toMatchObject({
      status: 200,
      body: { category: 'Fancy goods', method: 'fifo', version: 1 },
    })
    expect((await harness.manager.send('PUT', path, { body: { method: 'standard' } })).status).toBe(428)
    expect((await harness.manager.send('PUT', path, { body: { method: 'standard' }, version: 7 })).status).toBe(412)
    const again = await harness.manager.send('PUT', path, { body: { method: 'fifo' }, version: 1 })
    expect(again.body).toMatchObject({ method: 'fifo', version: 1 })
    await harness.post('receipt', 'WH/IN/00043', [{ sku: 'FG', quantity: '2', price: '3', category: 'Fancy goods' }])
    await harness.post('receipt', 'WH/IN/00044', [{ sku: 'FG', quantity: '2', price: '5', category: 'Fancy goods' }])
    await harness.post('delivery', 'WH/OUT/00002', [{ sku: 'FG', quantity: '3', category: 'Fancy goods' }])
    expect((await entriesOf('WH/OUT/00002'))[0]?.lines[0]).toMatchObject({ debit: '11.00', basis: 'fifo' })
    const layers = await harness.supervisor.get<Items>('/v1/layers?sku=FG')
    expect(layers.body.items.map((layer) => [layer['remainingQuantity'], layer['remainingValue']])).toEqual([
      ['0', '0.00'],
      ['1', '5.00'],
    ])
    expect((await harness.supervisor.get<Items>('/v1/layers?sku=FG&open=true')).body.items).toHaveLength(1)
  })

  test('a standard cost comes with the product', async () => {
    await harness.manager.send('PUT', '/v1/cost-methods/Exact', { body: { method: 'standard' } })
    await harness.tellProduct('EX', 'Exact', '2')
    await harness.post('receipt', 'WH/IN/00045', [{ sku: 'EX', quantity: '10', price: '2.25', category: 'Exact' }])
    expect(sides((await entriesOf('WH/IN/00045'))[0]?.lines ?? [])).toEqual([
      ['inventory', '20.00', '0.00', 'EX'],
      ['purchase-price-variance', '2.50', '0.00', 'EX'],
      ['grni', '0.00', '22.50', 'EX'],
    ])
    await harness.tellProduct('EX', 'Exact', '3')
    const changes = await harness.supervisor.get<Entries>('/v1/journal-entries?cause=standard-cost-changed')
    expect(sides(changes.body.items[0]?.lines ?? [])).toEqual([
      ['inventory', '10.00', '0.00', 'EX'],
      ['purchase-price-variance', '0.00', '10.00', 'EX'],
    ])
  })

  test('a category of another method counts at once: nothing waits for the next move', async () => {
    const change = (category: string, name: string, version?: number) =>
      harness.manager.send('PUT', `/v1/cost-methods/${category}`, {
        body: { method: name },
        ...(version === undefined ? {} : { version }),
      })
    const caused = async (cause: string) => {
      const { body } = await harness.supervisor.get<Entries>(`/v1/journal-entries?cause=${cause}&sku=MOVED`)
      return body.items.map(({ document, lines }) => [document, ...sides(lines).map((side) => side.join(' '))])
    }
    const layers = async () => {
      const { body } = await harness.supervisor.get<Items>('/v1/layers?sku=MOVED&open=true')
      return body.items.map((layer) => `${String(layer['remainingQuantity'])} ${String(layer['remainingValue'])}`)
    }
    await change('Layered', 'fifo')
    await change('Fixed', 'standard')
    const line = { sku: 'MOVED', quantity: '2', category: 'Layered' }
    await harness.post('receipt', 'WH/IN/00110', [{ ...line, price: '1' }])
    await harness.post('receipt', 'WH/IN/00111', [{ ...line, price: '3' }])
    await harness.tellProduct('MOVED', 'Layered', '5')
    expect(await layers()).toEqual(['2 2.00', '2 6.00'])
    await change('Layered', 'average', 1)
    expect(await layers()).toEqual(['4 8.00'])
    expect(await caused('cost-method-changed')).toEqual([])
    await harness.tellProduct('MOVED', 'Fixed', '5')
    expect(await layers()).toEqual(['4 20.00'])
    const booked = ['inventory 12.00 0.00 MOVED', 'purchase-price-variance 0.00 12.00 MOVED']
    expect(await caused('category-changed')).toEqual([[null, ...booked]])
    await harness.repeat()
    await change('Fixed', 'fifo', 1)
    expect(await layers()).toEqual(['4 20.00'])
    expect(await caused('category-changed')).toHaveLength(1)
    await harness.post('delivery', 'WH/OUT/00110', [{ ...line, quantity: '4', category: 'Fixed' }])
    expect((await entriesOf('WH/OUT/00110'))[0]?.lines[0]).toMatchObject({ debit: '20.00', basis: 'fifo' })
  })

  test('what cannot be valued is seen, and valued when a supervisor gives its cost', async () => {
    await harness.post('receipt', 'WH/IN/00046', [{ sku: 'EUR', quantity: '4', price: '9', currency: 'EUR' }])
    await harness.post('delivery', 'WH/OUT/00003', [{ sku: 'EUR', quantity: '1' }])
    const list = await harness.supervisor.get<Items>('/v1/parked-documents')
    expect(list.body.items).toMatchObject([
      { document: 'WH/IN/00046', status: 'parked', reason: 'foreign-currency', skus: ['EUR'] },
      { document: 'WH/OUT/00003', status: 'waiting', detail: expect.stringContaining('WH/IN/00046') },
    ])
    const [first, second] = list.body.items.map((item) => `/v1/parked-documents/${String(item['input'])}/release`)
    const body = { unitCosts: [{ sku: 'EUR', unitCost: '10' }] }
    expect((await harness.user.send('POST', first ?? '', { body })).status).toBe(403)
    expect((await harness.supervisor.send('POST', second ?? '', { body })).status).toBe(409)
    const wrong = {
      unitCosts: [
        { sku: 'NO', unitCost: '1' },
        { sku: 'EUR', unitCost: '-1' },
      ],
    }
    expect((await harness.supervisor.send('POST', first ?? '', { body: wrong })).status).toBe(422)
    expect((await harness.supervisor.send('POST', first ?? '', { body })).body).toMatchObject({ status: 'valued' })
    expect((await harness.supervisor.send('POST', first ?? '', { body })).status).toBe(404)
    expect((await harness.supervisor.get<Items>('/v1/parked-documents')).body.items).toEqual([])
    expect((await entriesOf('WH/IN/00046'))[0]?.lines[0]).toMatchObject({
      ...{ debit: '40.00', basis: 'cost given on release' },
    })
    expect((await entriesOf('WH/OUT/00003'))[0]?.lines[0]).toMatchObject({ debit: '10.00' })
  })

  test('accounts are changed by a manager, all wrong ones named at once', async () => {
    const first = await harness.supervisor.get<{ accounts: readonly { role: string; code: string }[] }>('/v1/accounts')
    expect(first.body.accounts).toHaveLength(8)
    const put = (accounts: unknown, version?: number) =>
      harness.manager.send<{ errors: readonly { pointer: string }[]; version: number }>('PUT', '/v1/accounts', {
        body: { accounts },
        ...(version === undefined ? {} : { version }),
      })
    const wrong = await put([
      { role: 'cogs', code: '1400' },
      { role: 'cogs', code: '5001' },
    ])
    expect(wrong.status).toBe(422)
    expect(wrong.body.errors.map((error) => error.pointer)).toContain('/accounts/1/role')
    expect((await put([{ role: 'cash', code: '1' }])).status).toBe(422)
    expect(await put([{ role: 'inventory', code: '1410', name: 'Stock' }])).toMatchObject({
      status: 200,
      body: { version: 1 },
    })
    expect((await put([{ role: 'inventory', code: '1420' }])).status).toBe(428)
    const moved = await harness.supervisor.get<Entries>('/v1/journal-entries?cause=accounts-changed')
    expect(moved.body.items[0]?.lines.map((line) => line.account)).toEqual(['1410', '1400'])
    await harness.post('adjustment', 'WH/ADJ/00001', [{ sku: 'RM-B', quantity: '2' }])
    expect((await entriesOf('WH/ADJ/00001'))[0]?.lines[0]).toMatchObject({ account: '1410', basis: 'current average' })
  })

  test('costs are not shown to users; an accounting system may read entries, another one costs', async () => {
    for (const path of ['/v1/journal-entries', '/v1/layers', '/v1/inventory-value', '/v1/accounts', '/v1/cost-methods'])
      expect((await harness.user.get(path)).status).toBe(403)
    expect((await harness.accounting.get('/v1/journal-entries')).status).toBe(200)
    expect((await harness.controlling.get('/v1/journal-entries')).status).toBe(403)
    for (const costs of ['/v1/layers', '/v1/inventory-value', '/v1/parked-documents']) {
      expect([costs, (await harness.accounting.get(costs)).status]).toEqual([costs, 403])
      expect([costs, (await harness.controlling.get(costs)).status]).toEqual([costs, 200])
    }
    expect((await harness.accounting.get('/v1/accounts')).status).toBe(403)
  })

  test.each([
    '/v1/journal-entries?document=%00',
    '/v1/journal-entries?since=0000-01-01',
    '/v1/layers?sku=%00',
    '/v1/inventory-value?asOf=0000-01-01',
    '/v1/inventory-value?asOf=0000-01-01T00:00:00Z',
    '/v1/inventory-value?atPosition=1e3',
  ])('what no database can read is refused: %s', async (path) =>
    expect((await harness.supervisor.get(path)).status).toBe(422),
  )

  test('lists go on where the page before ended', async () => {
    const numbers: string[] = []
    let cursor = ''
    do {
      const { body } = await harness.supervisor.get<Entries>(`/v1/journal-entries?limit=3${cursor}`)
      numbers.push(...body.items.map((entry) => entry.number))
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
    } while (cursor !== '')
    expect(numbers).toEqual(numbers.map((_number, index) => `2026/${String(index + 1).padStart(6, '0')}`))
    const skus: unknown[] = []
    do {
      const { body } = await harness.supervisor.get<Items & { nextCursor: string | null }>(
        `/v1/layers?limit=2${cursor}`,
      )
      skus.push(...body.items.map((layer) => layer['sku']))
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
    } while (cursor !== '')
    expect(skus).toEqual(['EUR', 'EX', 'FG', 'FG', 'MOVED', 'MOVED', 'MOVED', 'RM-A', 'RM-B'])
  })

  test('what lacks cost is listed before the layers that are used up, also where a page ends between', async () => {
    await harness.post('receipt', 'WH/IN/00090', [{ sku: 'LACK', quantity: '2', price: '3', category: 'Fancy goods' }])
    await harness.post('delivery', 'WH/OUT/00090', [{ sku: 'LACK', quantity: '5', category: 'Fancy goods' }])
    const remaining: unknown[] = []
    let cursor = ''
    do {
      const path = `/v1/layers?sku=LACK&limit=1${cursor}`
      const { body } = await harness.supervisor.get<Items & { nextCursor: string | null }>(path)
      remaining.push(...body.items.map((layer) => layer['remainingQuantity']))
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
    } while (cursor !== '')
    expect(remaining).toEqual(['-3', '0'])
  })

  test('in the end no invariant is offended, a rebuild gives the same bytes, and every entry was told in order', async () => {
    for (const { name, statement } of invariants)
      expect([name, await harness.service.db.query(statement)]).toEqual([name, []])
    expect(await rebuild(harness.service.db, company)).toMatchObject({ difference: null })
    const told = await harness.service.db.query<{ number: string; sequence: bigint }>(
      sql(`select value::jsonb->'data'->>'number' as number, sequence from kit.outbox order by position`),
    )
    expect(told.map((one) => one.sequence)).toEqual(told.map((_one, index) => BigInt(index + 1)))
    expect(told.map((one) => one.number)).toEqual([...told.map((one) => one.number)].sort())
  })
})

describe('T3 a transfer', () => {
  test('has no entry where goods set out and arrive, and one of its own each time that some are lost', async () => {
    await harness.post('opening', 'OPEN/T3', [{ sku: 'T3', quantity: '10', unitCost: '3' }])
    const ways = [
      ['10', 'internal', 'transit'],
      ['7', 'transit', 'internal'],
      ['2', 'transit', 'loss'],
      ['1', 'transit', 'loss'],
    ] as const
    for (const [quantity, ...way] of ways) await harness.post('transfer', 'WH/INT/T3', [{ sku: 'T3', quantity, way }])
    const entries = await entriesOf('WH/INT/T3')
    expect(entries.flatMap(({ lines }) => sides(lines))).toEqual([
      ['inventory-loss', '6.00', '0.00', 'T3'],
      ['inventory', '0.00', '6.00', 'T3'],
      ['inventory-loss', '3.00', '0.00', 'T3'],
      ['inventory', '0.00', '3.00', 'T3'],
    ])
  })
})
