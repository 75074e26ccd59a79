/** Row X3: all dates of a lot come with its goods, in their order, each once. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { until } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { lotSteps } from './lots-steps.ts'
import { type RunningStock, runStock } from './running.ts'

let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
  await stock.made('/v1/locations', { code: 'WH/Stock/A' })
})
afterAll(async () => {
  for (const { name, statement } of invariants)
    expect({ name, rows: await stock.service.db.query(statement) }).toEqual({ name, rows: [] })
  await stock.stop()
})
const { milk, lotOf, wanting, answers } = lotSteps(() => stock)

describe('dates', () => {
  const dated = { producedOn: '2030-01-01', alertOn: '2030-10-01', removeOn: '2030-11-01', bestBefore: '2030-12-01', expiresOn: '2031-01-01' } // prettier-ignore

  test('come with opening stock: another one, or one that is out of order, is refused by its field', async () => {
    const sku = await milk(['L1', '5', { bestBefore: dated.bestBefore }], ['L1', '1', dated])
    expect(await lotOf(sku, 'L1')).toMatchObject({ ...dated, version: 1 })
    const lines = [
      { lot: 'L1', alertOn: '2030-10-02', removeOn: dated.removeOn },
      { lot: 'L2', bestBefore: '2031-01-02', expiresOn: '2031-01-01' },
    ].map((line) => ({ sku, location: 'WH/Stock/A', quantity: '1', unitCost: '1', ...line }))
    const refused = await stock.manager.send('POST', '/v1/opening-stock', { body: { lines } })
    expect(refused).toMatchObject({
      status: 422,
      body: {
        errors: [
          { pointer: '/lines/0/alertOn', message: 'The alertOn of lot L1 is 2030-10-01, not 2030-10-02.' },
          { pointer: '/lines/1/bestBefore', message: expect.stringContaining('must not be after expiresOn') },
        ],
      },
    })
    expect(await lotOf(sku, 'L2')).toBeUndefined()
  })

  test('come with a receipt, for a lot that is known too; whoever asks for more of its life chooses again', async () => {
    const sku = await milk(['L1', '5'])
    const life = { minimumRemainingLife: { days: 30 } }
    const documentId = await wanting(sku, '3', { lines: [{ line: 1, sku, quantity: '3', ...life }] })
    expect(await answers(documentId)).toEqual(['L1 3'])
    const today = new Date().toISOString().slice(0, 10)
    const receipt = randomUUID()
    const line = { documentLine: 1, sku, quantity: '1', entered: { quantity: '1', unit: 'unit' }, destination: 'WH/Stock/A', category: 'Goods' } // prettier-ignore
    await stock.publish('picking.receipts', 'picking.receipt-validated.v1', receipt, {
      ...{ documentId: receipt, number: 'WH/IN/00002', warehouse: 'WH', attempt: 1 },
      lines: [
        { ...line, line: 1, lot: 'L1', bestBefore: today, expiresOn: dated.expiresOn },
        { ...line, line: 2, lot: 'L2', ...dated },
      ],
    })
    await until('it is posted', async () => (await lotOf(sku, 'L1')).bestBefore === today)
    expect(await lotOf(sku, 'L1')).toMatchObject({ bestBefore: today, expiresOn: dated.expiresOn, version: 2 })
    expect(await lotOf(sku, 'L2')).toMatchObject({ ...dated, version: 1 })
    await until('it chose again', async () => (await answers(documentId)).length > 2)
    expect((await answers(documentId)).slice(1, 2)).toEqual([expect.stringContaining('nothing of its life left')])
  })
})
