/** Rows D1, D3 and D4 with packages: what is picked is packed, labelled and shipped. */
import { expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { must } from '@stockline/test-kit/load/documents'
import type { Fixture } from './fixture.ts'
import { type Delivery, movesOf, product, sale, shelve, step } from './people.ts'

interface Package {
  readonly id: string
  readonly number: string
  readonly sscc: string
  readonly status: string
  readonly version: number
  readonly lines: readonly { readonly sku: string; readonly quantity: string }[]
}

interface Shipped {
  readonly sku: string
  readonly quantity: string
  readonly packages: readonly string[]
}

/** Registers the journey of packages. */
export function packingJourneys({ system }: Fixture): void {
  test('D3 D4: what is picked is packed by scan and by hand, is not shipped while packages differ, and ships with its SSCC', async () => {
    const [x, y] = [await product(system()), await product(system())]
    await shelve(system(), [
      { sku: x, quantity: '2' },
      { sku: y, quantity: '5' },
    ])
    const wanted = [
      { sku: x, quantity: '2' },
      { sku: y, quantity: '5' },
    ]
    const { id, version } = await sale(system(), wanted, {}, ({ status }) => status === 'ready')
    const user = await system().login('user')
    const picks = wanted.map(({ quantity }, index) => ({
      line: index + 1,
      location: 'WH/Stock/A1-03',
      picked: quantity,
    }))
    must(await user.send('PATCH', `/picking/v1/deliveries/${id}/picks`, { version, body: { picks } }), 200)
    const on = async (one: Package, path: string, body: object = {}, method: 'POST' | 'PUT' = 'POST') =>
      must(
        await user.send<Package>(method, `/picking/v1/packages/${one.id}/${path}`, { version: one.version, body }),
        200,
      )
    const made = must(await user.send<Package>('POST', '/picking/v1/packages', { body: { delivery: id } }), 201)
    expect(made.sscc).toMatch(/^\d9506000\d{10}$/)
    const scanned = await on(await on(made, 'scans', { code: x }), 'scans', { code: x })
    expect(scanned.lines).toMatchObject([{ sku: x, quantity: '2' }])
    await on(scanned, 'close')
    const other = must(await user.send<Package>('POST', '/picking/v1/packages', { body: { delivery: id } }), 201)
    const filled = await on(other, 'contents', { lines: [{ sku: y, quantity: '4' }] }, 'PUT')
    const closed = await on(filled, 'close')

    const shown = async () => must(await user.get<Delivery>(`/picking/v1/deliveries/${id}`), 200)
    const refused = await step(user, 'deliveries', await shown(), 'validate')
    expect(refused).toMatchObject({ status: 409, body: { type: expect.stringContaining('packages-differ') } })
    const opened = await on(closed, 'reopen')
    await on(await on(opened, 'contents', { lines: [{ sku: y, quantity: '5' }] }, 'PUT'), 'close')
    const done = must(await step(user, 'deliveries', await shown(), 'validate'), 200)
    expect(done.status).toBe('done')
    expect(await movesOf(system(), done.number)).toHaveLength(2)
    await until('both packages are shipped', async () => {
      const page = await user.get<{ items: Package[] }>(`/picking/v1/packages?delivery=${id}`)
      return must(page, 200).items.every(({ status }) => status === 'shipped')
    })
    const shipped = async () => {
      const page = await user.get<{ items: Shipped[] }>(`/stock/v1/moves?document=${done.number}`)
      return must(page, 200).items.map((move) => `${move.sku} ${move.quantity} ${move.packages.join()}`)
    }
    const goods = [`${x} 2 ${made.sscc}`, `${y} 5 ${other.sscc}`]
    await until('stock knows them', async () => JSON.stringify(await shipped()) === JSON.stringify(goods))
    expect(must(await user.get(`/stock/v1/scans?code=(00)${other.sscc}`), 200)).toMatchObject({
      ...{ kind: 'package', sscc: other.sscc, document: done.number },
      package: { number: other.number, status: 'shipped', contents: [{ sku: y, quantity: '5' }] },
    })
    expect(must(await user.get(`/picking/v1/deliveries/${id}/packing-slip`), 200)).toMatchObject({
      notPacked: [],
      problems: [],
      packages: [{ sscc: made.sscc }, { sscc: other.sscc }],
    })
  })
}
