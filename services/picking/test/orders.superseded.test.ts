/** Orders that name a warehouse that is not known, and are corrected: the highest revision counts, what waits behind it is superseded. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { deliveriesOf, salesCancelled, salesOrder, told } from './deliveries-steps.ts'
import { openHarness, type Harness } from './harness.ts'
import { warehouseTold } from './orders-stories.ts'
import { lineA, ordered, purchaseCancelled, purchaseOrder, read, receiptsOf } from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

interface Aside {
  readonly state: string
  readonly key: string
  readonly eventId: string
  readonly reason: string
  readonly resolvedAt: string | null
  readonly resolvedBy: { readonly id: string; readonly name: string } | null
  readonly resolvedWhy: string | null
}

async function aside(orderNumber: string, state?: string): Promise<readonly Aside[]> {
  const search = state === undefined ? '' : `&state=${state}`
  const { body } = await harness.administrator.get<{ items: Aside[] }>(`/v1/parked?limit=200${search}`)
  return body.items.filter(({ key }) => key.includes(`:${orderNumber} `))
}

const bought = (
  change: 'confirmed' | 'amended',
  orderNumber: string,
  revision: number,
  warehouse: string,
  id: string,
) => ({
  ...purchaseOrder(change, orderNumber, [{ ...lineA, quantity: String(revision * 10) }], { revision, warehouse }),
  id,
})

const documents = async (orderNumber: string) => {
  const { body } = await harness.manager.get<{ items: { number: string; status: string }[] }>(
    `/v1/receipts?source=${orderNumber}&sort=createdAt`,
  )
  return body.items.map(({ number, status }) => `${number.split('/')[0] ?? ''} ${status}`)
}

const nothingWaits = (orderNumber: string) =>
  until(`nothing of ${orderNumber} waits`, async () => (await aside(orderNumber)).length === 0)

describe('G5 A mistyped warehouse', () => {
  test.each(['amended', 'confirmed'] as const)('G5 corrected by being %s at a higher revision', async (change) => {
    const number = `PO-TYPO-${change}`
    await told(harness, bought('confirmed', number, 1, 'HW', `${number}-1`))
    expect(await aside(number)).toMatchObject([{ state: 'waiting', reason: 'Warehouse "HW" is not known.' }])
    await told(harness, bought(change, number, 2, 'WH', `${number}-2`))
    const [receipt] = await receiptsOf(harness, number)
    expect(receipt).toMatchObject({ status: 'draft', lines: [{ expected: '20' }] })
    expect(await aside(number)).toEqual([])
    const [over] = await aside(number, 'superseded')
    expect(over).toMatchObject({
      eventId: `${number}-1`,
      reason: 'Warehouse "HW" is not known.',
      resolvedWhy: `Superseded by revision 2 of order ${number}, event "${number}-2".`,
      resolvedBy: { id: 'erp', name: 'ERP' },
    })
    expect(Date.parse(over?.resolvedAt ?? '')).toBeGreaterThan(0)
    // Told once more, or late, the first revision changes nothing.
    await told(harness, bought('confirmed', number, 1, 'HW', `${number}-1b`))
    await told(harness, bought(change, number, 2, 'WH', `${number}-2b`))
    expect(await documents(number)).toEqual(['WH draft'])
  })

  test('G5 told without a subject, with attributes that are null, or with its data as Base64', async () => {
    const { subject: _, ...bare } = { subject: '', ...bought('confirmed', 'PO-BARE', 1, 'HW', 'PO-BARE-1') }
    const withNull = { ...bought('confirmed', 'PO-NULL', 1, 'HW', 'PO-NULL-1'), dataschema: null, traceparent: null }
    const { data, ...rest } = { data: {}, ...bought('confirmed', 'PO-BASE64', 1, 'HW', 'PO-BASE64-1') }
    const inBase64 = { ...rest, data_base64: Buffer.from(JSON.stringify(data)).toString('base64') }
    for (const event of [bare, withNull, inBase64]) await told(harness, event)
    for (const number of ['PO-BARE', 'PO-NULL', 'PO-BASE64']) {
      expect(await aside(number)).toMatchObject([{ state: 'waiting', reason: 'Warehouse "HW" is not known.' }])
      const { body } = await harness.manager.get(`/v1/orders?orderNumber=${number}`)
      expect(body).toMatchObject({ items: [{ orderNumber: number, status: 'waiting', warehouse: 'HW' }] })
      await told(harness, bought('amended', number, 2, 'WH', `${number}-2`))
      expect(await receiptsOf(harness, number)).toMatchObject([{ status: 'draft', lines: [{ expected: '20' }] }])
    }
  })

  test('G5 on the bus, in one batch and out of order', async () => {
    const events = [
      bought('amended', 'PO-BUS', 3, 'WH', 'bus-3'),
      bought('amended', 'PO-BUS', 2, 'HW', 'bus-2'),
      bought('confirmed', 'PO-BUS', 1, 'HW', 'bus-1'),
    ]
    await harness.service.bus.publish(
      events.map((event) => ({
        topic: 'purchasing.orders',
        message: { key: 'PO-BUS', value: Buffer.from(JSON.stringify(event)), headers: {} },
      })),
    )
    const [receipt] = await receiptsOf(harness, 'PO-BUS')
    expect(receipt?.lines).toMatchObject([{ expected: '30' }])
    await nothingWaits('PO-BUS')
    const over = await aside('PO-BUS', 'superseded')
    expect(over.map(({ resolvedBy }) => resolvedBy?.id)).toContain('/erp/purchase')
    expect(await documents('PO-BUS')).toEqual(['WH draft'])
  })

  test('G5 of an order that is known: an amendment into an unknown warehouse, corrected by the next', async () => {
    const draft = await ordered(harness, 'PO-KNOWN', [lineA])
    await told(harness, bought('amended', 'PO-KNOWN', 2, 'HW', 'known-2'))
    expect(await aside('PO-KNOWN')).toMatchObject([{ state: 'waiting' }])
    await told(harness, bought('amended', 'PO-KNOWN', 3, 'WH', 'known-3'))
    expect((await read(harness, draft.id)).lines).toMatchObject([{ expected: '30' }])
    expect(await aside('PO-KNOWN')).toEqual([])
    expect(await aside('PO-KNOWN', 'superseded')).toMatchObject([{ eventId: 'known-2' }])
  })

  test('G5 cancelled before it could be followed: no document, and what waited is superseded', async () => {
    await told(harness, bought('confirmed', 'PO-NEVER', 1, 'HW', 'never-1'))
    await told(harness, purchaseCancelled('PO-NEVER', 2))
    expect(await aside('PO-NEVER')).toEqual([])
    expect(await documents('PO-NEVER')).toEqual([])
    const order = {
      where: { kind_source_orderNumber: { kind: 'purchase', source: '/erp/purchase', orderNumber: 'PO-NEVER' } },
    }
    expect(await harness.service.db.prisma.order.findUnique(order)).toMatchObject({ revision: 2, status: 'cancelled' })
    await told(harness, bought('amended', 'PO-NEVER', 3, 'WH', 'never-3'))
    expect((await receiptsOf(harness, 'PO-NEVER'))[0]?.lines).toMatchObject([{ expected: '30' }])
  })

  test('G5 who asks about the order sees what waits, why, and what became of it', async () => {
    interface Shown {
      readonly status: string
      readonly revision: number
      readonly warehouse: string
      readonly documents: readonly unknown[]
      readonly aside: readonly object[]
    }
    const look = async () =>
      (await harness.erp.get<{ items: Shown[] }>('/v1/orders?source=/erp/purchase&orderNumber=PO-LOOK')).body.items
    await told(harness, bought('confirmed', 'PO-LOOK', 1, 'HW', 'look-1'))
    expect(await look()).toMatchObject([
      {
        status: 'waiting',
        revision: 1,
        warehouse: 'HW',
        documents: [],
        lines: [{ line: 1, sku: 'RM-A', ordered: '10', done: '0', open: '0' }],
        aside: [{ state: 'waiting', event: 'look-1', reason: 'Warehouse "HW" is not known.', endedAt: null }],
      },
    ])
    const { body } = await harness.manager.get<{ items: Shown[]; nextCursor: string }>(
      '/v1/orders?status=waiting&limit=1',
    )
    expect(body.items).toMatchObject([{ status: 'waiting', warehouse: 'HW' }])
    await told(harness, bought('amended', 'PO-LOOK', 2, 'WH', 'look-2'))
    expect(await look()).toMatchObject([
      {
        status: 'open',
        revision: 2,
        documents: [{ kind: 'receipt', status: 'draft' }],
        aside: [
          {
            state: 'superseded',
            revision: 1,
            event: 'look-1',
            endedBy: { name: 'ERP' },
            endedWhy: expect.stringContaining('Superseded by revision 2'),
          },
        ],
      },
    ])
  })

  test('G5 all pages hold each order once, those that wait first', async () => {
    for (const nth of ['1', '2', '3']) await told(harness, bought('confirmed', `PO-PAGE${nth}`, 1, 'HW', `page-${nth}`))
    const seen: string[] = []
    let cursor = ''
    do {
      const path = `/v1/orders?limit=2&kind=purchase${cursor === '' ? '' : `&cursor=${cursor}`}`
      const { body } = await harness.manager.get<{
        items: { orderNumber: string; status: string }[]
        nextCursor: string | null
      }>(path)
      seen.push(...body.items.map(({ orderNumber, status }) => `${status === 'waiting' ? 'w' : 'k'} ${orderNumber}`))
      cursor = body.nextCursor ?? ''
    } while (cursor !== '')
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.slice(0, 3)).toEqual(['w PO-PAGE3', 'w PO-PAGE2', 'w PO-PAGE1'])
    expect(seen.findLastIndex((one) => one.startsWith('w'))).toBeLessThan(seen.findIndex((one) => one.startsWith('k')))
  })

  test('G5 both unknown: whichever can be followed first is, and then the highest', async () => {
    await told(harness, bought('confirmed', 'PO-TWO', 1, 'FAR1', 'two-1'))
    await told(harness, bought('amended', 'PO-TWO', 2, 'FAR2', 'two-2'))
    expect((await aside('PO-TWO')).map(({ reason }) => reason)).toEqual([
      'Warehouse "FAR1" is not known.',
      'Warehouse "FAR2" is not known.',
    ])
    await warehouseTold(harness, 'FAR2')
    await nothingWaits('PO-TWO')
    expect(await documents('PO-TWO')).toEqual(['FAR2 draft'])
    expect(await aside('PO-TWO', 'superseded')).toMatchObject([{ eventId: 'two-1' }])
    await warehouseTold(harness, 'FAR1')
    expect(await documents('PO-TWO')).toEqual(['FAR2 draft'])
  })

  test('G5 what comes after the warehouse is told all the same', async () => {
    await told(harness, bought('confirmed', 'PO-WAITS', 1, 'FAR3', 'waits-1'))
    await warehouseTold(harness, 'FAR3')
    await receiptsOf(harness, 'PO-WAITS')
    expect(await documents('PO-WAITS')).toEqual(['FAR3 draft'])
    expect(await aside('PO-WAITS', 'superseded')).toEqual([])
  })

  test('G5 an amendment whose order was never confirmed waits, whatever revisions come', async () => {
    await told(harness, bought('amended', 'PO-EARLY', 2, 'WH', 'early-2'))
    await told(harness, bought('amended', 'PO-EARLY', 3, 'WH', 'early-3'))
    expect((await aside('PO-EARLY')).map(({ state }) => state)).toEqual(['waiting', 'waiting'])
    await told(harness, bought('confirmed', 'PO-EARLY', 1, 'HW', 'early-1'))
    await nothingWaits('PO-EARLY')
    expect((await receiptsOf(harness, 'PO-EARLY'))[0]?.lines).toMatchObject([{ expected: '30' }])
  })

  test('D1 sales orders alike', async () => {
    const line = { line: 1, sku: 'PX', quantity: '4', unit: 'unit' }
    await told(harness, salesOrder('confirmed', 'SO-TYPO', [line], { warehouse: 'HW' }))
    await told(harness, salesOrder('amended', 'SO-TYPO', [line], { revision: 2 }))
    expect(await deliveriesOf(harness, 'SO-TYPO')).toMatchObject([{ status: 'waiting', lines: [{ quantity: '4' }] }])
    expect(await aside('SO-TYPO', 'superseded')).toHaveLength(1)
    await told(harness, salesOrder('confirmed', 'SO-NOT', [line], { warehouse: 'HW' }))
    await told(harness, salesCancelled('SO-NOT', 2))
    expect(await aside('SO-NOT', 'superseded')).toHaveLength(1)
  })

  test('G5 what a version before set aside under its own keys is superseded too', async () => {
    await told(harness, bought('confirmed', 'PO-OLDER', 1, 'HW', 'older-1'))
    const { prisma } = harness.service.db
    await prisma.$executeRaw`
      update kit.parked set park_key = 'confirmation:' || about, about = null, revision = null where event_id = 'older-1'`
    const { readFile } = await import('node:fs/promises')
    const migration = new URL('../prisma/migrations/20261130082200_orders_set_aside/migration.sql', import.meta.url)
    await prisma.$executeRawUnsafe(await readFile(migration, 'utf8'))
    await told(harness, bought('amended', 'PO-OLDER', 2, 'WH', 'older-2'))
    await receiptsOf(harness, 'PO-OLDER')
    const [row] = await prisma.$queryRaw<object[]>`select state from kit.parked where event_id = 'older-1'`
    expect(row).toEqual({ state: 'superseded' })
  })

  test('G5 the sender by HTTP is told what became of it', async () => {
    const sent = await harness.erp.send('POST', '/v1/events', {
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: [bought('confirmed', 'PO-BATCH', 1, 'HW', 'batch-1'), bought('amended', 'PO-BATCH', 2, 'WH', 'batch-2')],
    })
    expect(sent.status).toBe(202)
    expect(sent.body).toMatchObject({
      events: [{ state: 'applied', reason: expect.stringContaining('Superseded by revision 2') }, { state: 'applied' }],
    })
  })
})

describe('G5 What must always be so', () => {
  test.each(invariants.map((each) => [each.name, each] as const))('%s', async (_name, invariant) => {
    expect(await harness.service.db.query(invariant.statement)).toEqual([])
  })
})
