/** Each invariant is seen to name what is wrong: bad data is planted, asked for, and rolled back. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { plantedCases, type PlantedData, until, violatedBy } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { a103, becomes, ledgerAnswer, readied, shipping, sold, take } from './deliveries-steps.ts'
import { openHarness, type Harness } from './harness.ts'
import { count, eventually, ordered, posting } from './steps.ts'
import { drafted, shipped } from './transfers-steps.ts'

let harness: Harness
/** Documents by what they are: each stands as a name in the statements below. */
const documents: Record<string, string> = {}

beforeAll(async () => {
  harness = await openHarness(undefined, { GS1_COMPANY_PREFIX: '9506000' })
  const [posted, delivered] = [
    await posting(harness, 'PO-DONE'),
    await shipping(harness, await readied(harness, 'SO-DONE')),
  ]
  await harness.post()
  await harness.publish(ledgerAnswer(delivered))
  await eventually(harness, posted.id, 'it is done', ({ status }) => status === 'done')
  await becomes(harness, delivered.id, 'done')
  const counted = await count(harness, await ordered(harness, 'PO-COUNTED'), [
    { line: 1, quantity: '60', destination: a103 },
    { line: 1, quantity: '40' },
  ])
  const picked = await take(harness, await readied(harness, 'SO-PICKED'), { 1: '10' })
  const toPack = await take(harness, await readied(harness, 'SO-PACKED'), { 1: '10' })
  const made = await harness.user.send<Versioned>('POST', '/v1/packages', { body: { delivery: toPack.id } })
  const contents = { version: made.body.version, body: { lines: [{ sku: 'PX', quantity: '10' }] } }
  await harness.user.send('PUT', `/v1/packages/${made.body.id}/contents`, contents)
  Object.assign(documents, {
    packedDelivery: toPack.id,
    openPackage: made.body.id,
    doneReceipt: posted.id,
    draftReceipt: (await ordered(harness, 'PO-DRAFT')).id,
    countedReceipt: counted.id,
    doneDelivery: delivered.id,
    waitingDelivery: (await sold(harness, 'SO-WAITING')).id,
    pickedDelivery: picked.id,
    transitTransfer: (await shipped(harness)).id,
    draftTransfer: (await drafted(harness)).id,
  })
  await until('all holds', async () => (await violated([])).length === 0)
}, 60_000)
afterAll(() => harness.stop())

interface Versioned {
  readonly id: string
  readonly version: number
}

/** By invariant: statements that break it, and what else is broken by them. */
const planted: PlantedData = {
  'picking-order-lines-agree-with-documents': [
    { sql: ['update receipt_lines set expected = 101 where receipt_id = :draftReceipt and line = 1'] },
    { sql: ['update delivery_lines set needed = 9 where delivery_id = :waitingDelivery and line = 1'] },
  ],
  'picking-numbers-gapless': [
    { sql: [`update numbers set last = last + 1 where type = 'IN'`] },
    { sql: [`update deliveries set number = 'WH/OUT/00099' where id = :doneDelivery`] },
  ],
  'picking-receipt-done-has-position': [
    {
      sql: [
        'alter table receipts drop constraint receipts_done_check',
        'update receipts set position = null where id = :doneReceipt',
      ],
    },
    {
      sql: [
        'alter table receipts drop constraint receipts_done_check',
        'update receipts set position = (select position from receipts where id = :doneReceipt) where id = :draftReceipt',
      ],
    },
  ],
  'picking-receipt-posting-was-published': [
    { sql: [`delete from kit.outbox_sequences where subject = :doneReceipt::text`] },
    { sql: ['update receipts set attempt = 2 where id = :doneReceipt'] },
    { sql: ['update receipts set attempt = 0 where id = :doneReceipt'] },
  ],
  'picking-receipt-lines-have-receipts': [
    {
      sql: ['delete from receipts where id = :draftReceipt'],
      also: ['picking-numbers-gapless', 'picking-order-lines-agree-with-documents'],
    },
    {
      sql: ['delete from receipt_lines where receipt_id = :draftReceipt'],
      also: ['picking-order-lines-agree-with-documents'],
    },
  ],
  'picking-receipt-follows-one-order': [
    {
      sql: [
        'update receipts set order_id = (select order_id from receipts where id = :countedReceipt) where id = :draftReceipt',
      ],
      also: ['picking-order-lines-agree-with-documents'],
    },
  ],
  'picking-receipt-expects-what-can-be-counted': [
    {
      sql: ['update receipt_lines set expected = 0.0009 where receipt_id = :draftReceipt and line = 1'],
      also: ['picking-order-lines-agree-with-documents'],
    },
  ],
  'picking-documents-have-history': [
    { sql: ['delete from history where document_id = :doneReceipt'] },
    { sql: ['delete from history where document_id = :waitingDelivery'] },
  ],
  'picking-receipt-places-in-warehouse': [
    { sql: [`update locations set warehouse = 'W2' where code = 'WH/Stock'`] },
    { sql: [`update locations set type = 'vendor' where code = 'WH/Stock'`] },
  ],
  'picking-receipt-scope-is-its-places': [
    { sql: [`update receipts set locations = '{WH/Stock}' where id = :countedReceipt`] },
    { sql: [`update receipts set locations = locations || '{WH/Input}' where id = :doneReceipt`] },
    { sql: [`update receipts set destination = 'WH/Input' where id = :draftReceipt`] },
  ],
  'picking-delivery-done-has-position': [
    {
      sql: [
        'alter table deliveries drop constraint deliveries_done_check',
        'update deliveries set position = null where id = :doneDelivery',
      ],
    },
  ],
  'picking-delivery-posting-was-published': [
    { sql: [`delete from kit.outbox_sequences where subject = :waitingDelivery::text`] },
    { sql: ['update deliveries set need_revision = need_revision + 1 where id = :pickedDelivery'] },
    { sql: ['update deliveries set attempt = 2 where id = :doneDelivery'] },
    { sql: ['update deliveries set attempt = 0 where id = :doneDelivery'] },
  ],
  'picking-delivery-lines-have-deliveries': [
    {
      sql: ['delete from deliveries where id = :waitingDelivery'],
      also: ['picking-numbers-gapless', 'picking-order-lines-agree-with-documents'],
    },
    {
      sql: ['delete from delivery_lines where delivery_id = :waitingDelivery'],
      also: ['picking-order-lines-agree-with-documents'],
    },
  ],
  'picking-delivery-picks-within-need': [
    { sql: ['update delivery_lines set needed = 9 where delivery_id = :doneDelivery and line = 1'] },
  ],
  'picking-delivery-needs-what-can-be-picked': [
    {
      sql: ['update delivery_lines set needed = 9.5 where delivery_id = :waitingDelivery and line = 1'],
    },
    { sql: ['update delivery_lines set needed = 5.0001 where delivery_id = :waitingDelivery and line = 2'] },
  ],
  'picking-delivery-places-in-warehouse': [
    {
      sql: [`update locations set warehouse = 'W2' where code = 'WH/Stock/A1-03'`],
      also: ['picking-receipt-places-in-warehouse'],
    },
    { sql: [`update locations set type = 'transit' where code = 'WH'`] },
  ],
  'picking-delivery-scope-is-its-places': [
    { sql: [`update deliveries set locations = '{WH}' where id = :pickedDelivery`] },
    { sql: [`update deliveries set locations = '{WH/Stock/A1-03}' where id = :waitingDelivery`] },
    { sql: [`update deliveries set locations = locations || '{WH}' where id = :doneDelivery`] },
  ],
  'picking-put-backs-are-tasks': [
    { sql: ['update deliveries set puts_back = true where id = :waitingDelivery'] },
    {
      sql: ['update delivery_lines set needed = 4 where delivery_id = :pickedDelivery and line = 1'],
      also: ['picking-order-lines-agree-with-documents'],
    },
  ],
  'picking-transfer-done-has-position': [
    {
      sql: [
        'alter table transfers drop constraint transfers_done_check',
        'update transfers set position = 7 where id = :transitTransfer',
      ],
    },
  ],
  'picking-transfer-scope-is-its-places': [
    { sql: [`update transfers set locations = '{WH/Stock/A1-03}' where id = :draftTransfer`] },
    {
      sql: [
        `update transfer_lines set from_location = 'WH/Stock', to_location = 'WH/Input' where transfer_id = :draftTransfer`,
      ],
    },
  ],
  'picking-transfer-posting-was-published': [
    { sql: [`delete from kit.outbox_sequences where subject = :transitTransfer::text`] },
    { sql: ['update transfers set attempt = 2 where id = :transitTransfer'] },
    {
      sql: [
        `update transfer_lines set moves = '[]' where transfer_id = :transitTransfer`,
        'update transfers set attempt = 0 where id = :transitTransfer',
      ],
      also: ['picking-transfer-moves-add-up'],
    },
  ],
  'picking-transfer-lines-have-transfers': [
    { sql: ['delete from transfers where id = :draftTransfer'], also: ['picking-numbers-gapless'] },
    { sql: ['delete from transfer_lines where transfer_id = :draftTransfer'] },
  ],
  'picking-transfer-moves-add-up': [
    { sql: [`update transfers set status = 'cancelled' where id = :transitTransfer`] },
    { sql: [`update transfer_lines set moves = '[]' where transfer_id = :transitTransfer`] },
    {
      sql: [
        `update transfer_lines set moves = replace(moves::text, 'shipped', 'lost')::jsonb where transfer_id = :transitTransfer and line = 1`,
      ],
    },
    {
      sql: [
        `update transfer_lines set moves = moves || replace(moves::text, '"position": "', '"position": "9')::jsonb where transfer_id = :transitTransfer and line = 1`,
      ],
    },
  ],
  'picking-package-scope-is-its-places': [
    { sql: [`update packages set locations = '{WH/Input}' where id = :openPackage`] },
  ],
  'picking-packages-hold-what-is-picked': [
    { sql: ['update package_lines set quantity = 11 where package_id = :openPackage'] },
  ],
  'picking-packages-end-with-their-deliveries': [
    { sql: [`update packages set status = 'shipped' where id = :openPackage`] },
    {
      sql: ['update deliveries set packed = false where id = :packedDelivery'],
      also: ['picking-packages-hold-what-is-picked'],
    },
  ],
  'picking-sscc-serials-gapless': [{ sql: ['update sscc_counters set last = last + 1'] }],
  'picking-delivery-follows-one-order': [
    {
      sql: [
        'update deliveries set order_id = (select order_id from deliveries where id = :pickedDelivery) where id = :waitingDelivery',
      ],
      also: ['picking-order-lines-agree-with-documents'],
    },
  ],
}

/** Names of the invariants that these statements break. Nothing of them stays. */
const violated = (statements: readonly string[]) =>
  violatedBy(
    harness.service.db,
    invariants,
    statements.map((one) =>
      one.replaceAll(
        /:(\w+Receipt|\w+Delivery|\w+Transfer|\w+Package)/g,
        (_, name: string) => `'${documents[name]!}'::uuid`,
      ),
    ),
  )

describe('bad data is named', () => {
  test('each invariant has some', () => {
    expect(Object.keys(planted).sort()).toEqual(invariants.map(({ name }) => name).sort())
  })

  test.each(plantedCases(invariants, planted))('%s: %s', async (_name, _last, statements, broken) => {
    expect(await violated(statements)).toEqual(broken)
  })

  test.each([
    ['a third of a box', 3, '0.333333', []],
    ['a seventh of one', 7, '0.142857', []],
    ['half a piece of one', 12, '0.041667', ['picking-receipt-expects-what-can-be-counted']],
  ])('%s: what is one piece can be counted, however it was rounded', async (_title, pieces, expected, broken) => {
    const found = await violated([
      `update products set unit_decimals = 0, units = '[{"unit":"box","numerator":"${pieces}","denominator":"1"}]'
       where sku = (select sku from receipt_lines where receipt_id = :draftReceipt and line = 1)`,
      `update receipt_lines set unit = 'box', expected = ${expected} where receipt_id = :draftReceipt and line = 1`,
    ])
    expect(found).toEqual([...broken, 'picking-order-lines-agree-with-documents'].sort(byPlace))
  })
})

const byPlace = (one: string, other: string) => placeOf(one) - placeOf(other)
const placeOf = (named: string) => invariants.findIndex(({ name }) => name === named)
