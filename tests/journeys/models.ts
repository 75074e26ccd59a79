/** Row R5: the models of the source document are read where they are owned. */
import { expect, test } from '@jest/globals'
import { must } from '@stockline/test-kit/load/documents'
import type { Fixture } from './fixture.ts'
import { product, purchase, receiveAll, sale, shelve } from './people.ts'

/** Registers the journeys of the source document's own models. */
export function modelJourneys({ system }: Fixture): void {
  test('R5: the models of the source document are read with its columns; who does not own one says who does', async () => {
    const sku = await product(system())
    const receipt = await receiveAll(system(), await purchase(system(), [{ sku, quantity: '3', unitPrice: '2.00' }]))
    await shelve(system(), [{ sku, quantity: '40' }])
    const delivery = await sale(system(), [{ sku, quantity: '1' }])
    const user = await system().login('user')
    const read = async (address: string) => must(await user.get<{ items: object[] }>(`/${address}`), 200).items
    expect(await read(`picking/v1/models/stockpicking?source=${receipt.source ?? ''}`)).toEqual([
      {
        ...{ kind: 'receipt', number: receipt.number, source: receipt.source, partner: 'Acme Supplies' },
        ...{ scheduled: '2026-04-23', status: 'done' },
      },
    ])
    expect(await read(`picking/v1/models/stockpicking?source=${delivery.source ?? ''}&kind=delivery`)).toMatchObject([
      { kind: 'delivery', number: delivery.number, partner: 'Beta Stores' },
    ])
    expect(await read(`stock/v1/models/stockmove?number=${receipt.number}`)).toMatchObject([
      { product: sku, quantity: '3', uom: 'unit', from: 'Virtual/Vendors', to: receipt.destination, lot: null },
    ])
    expect(await read(`stock/v1/models/stockquant?product=${sku}&location=WH/Stock/A1-03`)).toMatchObject([
      { product: sku, location: 'WH/Stock/A1-03', lot: null, quantity: '40', uom: 'unit' },
    ])
    expect(await read('stock/v1/models/stocklocation?location=WH/Stock/A1-03')).toMatchObject([{ warehouse: 'WH' }])
    const body = { reason: 'count', lines: [{ sku, location: 'WH/Stock/A1-03', counted: '42' }] }
    must(await user.send('POST', '/stock/v1/adjustments', { body }), 201)
    expect(await read(`stock/v1/models/stockadjustment?product=${sku}`)).toMatchObject([
      { location: 'WH/Stock/A1-03', product: sku, expected: '40', counted: '42', difference: '2', status: 'draft' },
    ])
    for (const [service, model, owner] of [
      ['stock', 'stockpicking', 'picking'],
      ['picking', 'stockmove', 'stock'],
      ['valuation', 'stockquant', 'stock'],
      ['identity', 'stocklocation', 'stock'],
    ]) {
      const reply = await user.get<{ detail: string }>(`/${service ?? ''}/v1/models/${model ?? ''}`)
      expect([reply.status, reply.body.detail]).toEqual([404, expect.stringContaining(`/${owner ?? ''}/v1/models/`)])
    }
  })
}
