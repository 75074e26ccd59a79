/** Picking's own database falls back: an older copy takes its place, and the documented program brings back what was told. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { topics as declared } from '@stockline/contracts'
import pg from 'pg'
import { openEmbeddedBus } from '../../../packages/service-kit/src/bus/embedded/embedded-bus.ts'
import { invariants } from '../src/invariants.ts'
import {
  becomes,
  deliveriesOf,
  ledgerAnswer,
  reserved,
  salesCancelled,
  salesOrder,
  shipping,
  show,
  told,
  type ShownDelivery,
} from './deliveries-steps.ts'
import { floorDatabases, openFloor, type Floor, type FloorDatabases } from './floor.ts'
import {
  act,
  count,
  eventually,
  lineA,
  lineB,
  ordered,
  purchaseOrder,
  read,
  receiptsOf,
  tell,
  type ShownReceipt,
} from './steps.ts'

let databases: FloorDatabases
let floor: Floor
beforeEach(async () => {
  databases = await floorDatabases()
  floor = await openFloor(databases)
})
afterEach(async () => {
  await floor.stop()
  await Promise.all([databases.database.drop(), databases.bus.drop()])
})

const named = (url: string) => new URL(url).pathname.slice(1)
const copyName = () => `${named(databases.database.url)}_copy`

async function administer(...statements: readonly string[]): Promise<void> {
  const url = new URL(databases.database.url)
  url.pathname = '/postgres'
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

/** Keeps the database as it is now. */
async function keep(): Promise<void> {
  await floor.stop()
  await administer(`create database "${copyName()}" template "${named(databases.database.url)}"`)
  floor = await openFloor(databases)
}

/** Puts what was kept in the place of the database. */
async function fallBack(): Promise<void> {
  await floor.stop()
  const name = named(databases.database.url)
  await administer(`drop database "${name}" with (force)`, `alter database "${copyName()}" rename to "${name}"`)
}

/** As if picking had read orders without telling the bus. */
async function rewindOrders(): Promise<void> {
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const topics = declared.filter(({ name }) => name === 'purchasing.orders')
  const bus = await openEmbeddedBus({ url: databases.bus.url, topics, logger })
  try {
    await bus.rewind('picking', 'purchasing.orders')
  } finally {
    await bus.close()
  }
}

/** Runs the program, and opens the floor again. */
async function reconcile(): Promise<{ readonly code: number | null; readonly said: string }> {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, '../src/reconcile.ts')],
    {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        PICKING_DATABASE_URL: databases.database.url,
        BUS_DATABASE_URL: databases.bus.url,
      },
      encoding: 'utf8',
    },
  )
  floor = await openFloor(databases)
  return { code: status, said: stdout + stderr }
}

/** What must be the same afterwards: all but what happened to it. When it was made is known to the second. */
function lasting({ version, history, ...rest }: ShownReceipt | ShownDelivery): object {
  expect([version > 0, history.length > 0]).toEqual([true, true])
  const { createdAt } = rest as { readonly createdAt?: string }
  return { ...rest, createdAt: Math.round(Date.parse(createdAt ?? '') / 10_000) }
}

/** What was reserved for a delivery that is gone by now is not asked for again. */
function withoutReserved(delivery: object): object {
  const { lines } = delivery as ShownDelivery
  const bare = lines.map((line) => ({ ...line, picks: line.picks.map(({ quantity: _quantity, ...pick }) => pick) }))
  return { ...delivery, lines: bare }
}

async function violations(): Promise<readonly unknown[]> {
  const found = []
  for (const { name, statement } of invariants)
    for (const row of await floor.service.db.query(statement)) found.push({ name, row })
  return found
}

/** Tells an order on the bus, where it can be read again. */
async function onTheBus(topic: 'purchasing.orders' | 'sales.orders', event: object): Promise<void> {
  const { subject } = event as { subject: string }
  await floor.service.bus.publish([
    { topic, message: { key: subject, value: Buffer.from(JSON.stringify(event)), headers: {} } },
  ])
}

const positions = { next: 1_000 }

/** The ledger's answer: taken. */
async function posted(receipt: ShownReceipt): Promise<ShownReceipt> {
  positions.next += 1
  const answer = ledgerAnswer({ ...receipt, lines: [] } as never)
  const data = { ...(answer.data as object), kind: 'receipt', position: String(positions.next) }
  await floor.publish({ ...answer, data })
  return eventually(floor, receipt.id, 'done', ({ status }) => status === 'done')
}

async function validated(receipt: ShownReceipt, entries: readonly object[], body: object = {}): Promise<ShownReceipt> {
  const counted = await count(floor, receipt, entries)
  const sent = (await act(floor.user, 'POST', counted, 'validate', body)).body
  if (sent.status !== 'in_review') return sent
  return (await act(floor.supervisor, 'POST', sent, 'approve', body)).body
}

const boughtOnBus = async (orderNumber: string, lines: readonly object[] = [lineA, lineB]) => {
  const order = purchaseOrder('confirmed', orderNumber, lines)
  await onTheBus('purchasing.orders', order)
  const [receipt] = await receiptsOf(floor, orderNumber)
  if (receipt === undefined) throw new Error('no receipt')
  return { order, receipt }
}

const all = [
  { line: 1, quantity: '100' },
  { line: 2, quantity: '50' },
]

describe('receipts, after the database fell back', () => {
  test('are as they were told: those of orders on the bus, with backorders, and those known in an older state', async () => {
    const before = await ordered(floor, 'PO-BEFORE')
    await keep()
    const older = await posted(await validated(before, all))
    const { order, receipt } = await boughtOnBus('PO-SHORT')
    const { receipt: untold } = await boughtOnBus('PO-DRAFT')
    const short = await posted(await validated(receipt, [{ line: 1, quantity: '60' }]))
    const left = (await receiptsOf(floor, 'PO-SHORT', 2))[1]
    if (left === undefined) throw new Error('no backorder')
    const grams = [{ line: 1, quantity: '30000', unit: 'g', destination: 'WH/Stock/A1-03' }]
    const backorder = await posted(await validated(left, grams, { remainder: 'close' }))
    const last = await posted(await validated((await boughtOnBus('PO-LAST', [lineA])).receipt, all.slice(0, 1)))
    const expected = await Promise.all([older, short, backorder, last].map(({ id }) => read(floor, id)))
    await fallBack()
    const { code, said } = await reconcile()
    expect(said).toContain(
      `Receipts made again as they were validated: ${[short, backorder, last].map((one) => one.number).join(', ')}.`,
    )
    expect(said).toContain(`kept as cancelled ones: ${untold.number}.`)
    expect([code, said]).toEqual([0, expect.not.stringContaining('LEFT TO DO')])
    for (const one of expected)
      expect(lasting(await eventually(floor, one.id, 'done again', ({ status }) => status === 'done'))).toEqual(
        lasting(one),
      )
    // The order of which nothing was told makes its receipt again, and no number comes twice.
    const [again] = await receiptsOf(floor, 'PO-DRAFT')
    expect(again?.id).not.toBe(untold.id)
    expect(Number(again?.number.slice(-5))).toBeGreaterThan(Number(last.number.slice(-5)))
    await onTheBus('purchasing.orders', { ...order, id: 'sent again' })
    await onTheBus('purchasing.orders', purchaseOrder('confirmed', 'PO-NEXT', [lineA]))
    await receiptsOf(floor, 'PO-NEXT')
    expect(await receiptsOf(floor, 'PO-SHORT', 2)).toHaveLength(2)
    expect(await violations()).toEqual([])
  })

  test('an order that was raised and lowered after they were done is followed again: its further receipt is there', async () => {
    const { receipt } = await boughtOnBus('PO-RAISED')
    const done = await posted(await validated(receipt, all))
    await keep()
    const lines = [
      { ...lineA, quantity: '90' },
      { ...lineB, quantity: '60' },
    ]
    await onTheBus('purchasing.orders', purchaseOrder('amended', 'PO-RAISED', lines, { revision: 2 }))
    const [, further] = await receiptsOf(floor, 'PO-RAISED', 2)
    expect(further?.lines).toMatchObject([{ line: 2, expected: '10' }])
    await fallBack()
    const { code, said } = await reconcile()
    expect([code, said]).toEqual([0, expect.not.stringContaining('LEFT TO DO')])
    const [first, again] = await receiptsOf(floor, 'PO-RAISED', 2)
    expect(first).toMatchObject({ id: done.id, status: 'done' })
    expect(again).toMatchObject({ status: 'draft', lines: [{ line: 2, expected: '10' }] })
    expect(await violations()).toEqual([])
  })

  test('are so too where picking was killed before it told the bus how far it had read', async () => {
    await keep()
    const { receipt } = await boughtOnBus('PO-KILLED', [lineA])
    const done = await posted(await validated(receipt, all.slice(0, 1)))
    await boughtOnBus('PO-DRAFT')
    await fallBack()
    await rewindOrders()
    const { code, said } = await reconcile()
    expect([code, said]).toEqual([0, expect.not.stringContaining('LEFT TO DO')])
    // The ledger's answer; the order that nobody worked on is brought by the bus.
    expect(said).toContain('Messages that were taken before and are taken again: 1.')
    const again = await eventually(floor, done.id, 'done again', ({ status }) => status === 'done')
    expect(lasting(again)).toEqual(lasting(done))
    expect(await receiptsOf(floor, 'PO-DRAFT')).toHaveLength(1)
    expect(await receiptsOf(floor, 'PO-KILLED')).toHaveLength(1)
    expect(await violations()).toEqual([])
  })

  test('of orders that came by HTTP are there, and an order that is sent again completes them', async () => {
    await keep()
    const order = purchaseOrder('confirmed', 'PO-HTTP', [lineA, lineB])
    expect((await tell(floor, order)).status).toBe(202)
    const [draft] = await receiptsOf(floor, 'PO-HTTP')
    if (draft === undefined) throw new Error('no receipt')
    const done = await posted(await validated(draft, all))
    await fallBack()
    const { code, said } = await reconcile()
    expect([code, said]).toEqual([1, expect.stringContaining('LEFT TO DO: Of these orders the bus has nothing')])
    const bare = await eventually(floor, done.id, 'done again', ({ status }) => status === 'done')
    expect(lasting(bare)).toEqual({ ...lasting(done), vendor: null, scheduledDate: null })
    expect((await tell(floor, { ...order, id: 'sent again' })).status).toBe(202)
    const whole = await eventually(floor, done.id, 'complete', ({ vendor }) => vendor !== null)
    expect(lasting(whole)).toEqual(lasting(done))
    expect(await receiptsOf(floor, 'PO-HTTP')).toHaveLength(1)
    expect(await violations()).toEqual([])
  })

  test('that wait for the ledger do so again, and their numbers are theirs where another receipt has them by now', async () => {
    await keep()
    const { order, receipt } = await boughtOnBus('PO-TWICE')
    const waits = await read(floor, (await validated(receipt, all)).id)
    await fallBack()
    // An older version, without the fence: the number is given a second time, and the order, sent again, makes a second receipt.
    floor = await openFloor(databases, { HISTORY_FENCE: 'off' })
    const second = await ordered(floor, 'PO-OTHER')
    expect(second.number).toBe(waits.number)
    await onTheBus('purchasing.orders', { ...order, id: 'sent again' })
    const [copy] = await receiptsOf(floor, 'PO-TWICE')
    await floor.stop()
    const { code, said } = await reconcile()
    const again = await read(floor, waits.id)
    expect([code, said]).toEqual([1, expect.stringContaining(`under it is ${again.number} here; others know it as`)])
    expect(said).toContain(
      `${copy?.number ?? ''} is cancelled: ${waits.number} is for the same goods, and is validated.`,
    )
    expect((await read(floor, copy?.id ?? '')).status).toBe('cancelled')
    expect(lasting({ ...again, number: '' })).toEqual(lasting({ ...waits, number: '' }))
    expect((await posted(again)).status).toBe('done')
    expect(await violations()).toEqual([])
  })
})

describe('a receipt that was validated twice, before the database fell back and after', () => {
  test('is named, and waits for what the ledger says of it', async () => {
    const draft = await ordered(floor, 'PO-AGAIN')
    await keep()
    await validated(draft, all)
    await fallBack()
    floor = await openFloor(databases, { HISTORY_FENCE: 'off' })
    const second = await validated(await read(floor, draft.id), all)
    await floor.stop()
    const { code, said } = await reconcile()
    expect([code, said]).toEqual([
      1,
      expect.stringContaining(`number 1 of document ${draft.id}, is of a history that is no more`),
    ])
    expect(lasting(await read(floor, draft.id))).toMatchObject({ number: second.number, status: 'posting' })
    expect((await posted(second)).status).toBe('done')
    expect(await violations()).toEqual([])
  })
})

describe('deliveries, after the database fell back', () => {
  test('are as they were told: needed, shipped in part with their backorders, changed and cancelled', async () => {
    await told(floor, salesOrder('confirmed', 'SO-AMENDED', [{ line: 1, sku: 'PX', quantity: '10', unit: 'unit' }]))
    await told(floor, salesOrder('confirmed', 'SO-CANCELLED', [{ line: 1, sku: 'PX', quantity: '10', unit: 'unit' }]))
    const [[toAmend], [toCancel]] = await Promise.all([
      deliveriesOf(floor, 'SO-AMENDED'),
      deliveriesOf(floor, 'SO-CANCELLED'),
    ])
    if (toAmend === undefined || toCancel === undefined) throw new Error('no delivery')
    await keep()
    const amended = salesOrder('amended', 'SO-AMENDED', [{ line: 2, sku: 'RM-A', quantity: '3000', unit: 'g' }], {
      revision: 2,
    })
    await onTheBus('sales.orders', amended)
    await onTheBus('sales.orders', salesCancelled('SO-CANCELLED', 2))
    await becomes(floor, toCancel.id, 'cancelled')
    await onTheBus(
      'sales.orders',
      salesOrder('confirmed', 'SO-PART', [{ line: 7, sku: 'PX', quantity: '10', unit: 'unit' }], {
        allowPartial: true,
      }),
    )
    const [whole] = await deliveriesOf(floor, 'SO-PART')
    if (whole === undefined) throw new Error('no delivery')
    await floor.publish(reserved(whole))
    const ready = await becomes(floor, whole.id, 'ready')
    const shipped = await shipping(floor, ready, { 7: '4' })
    await floor.publish(ledgerAnswer(shipped))
    await becomes(floor, whole.id, 'done')
    const backorder = (await deliveriesOf(floor, 'SO-PART', 2))[1]
    if (backorder === undefined) throw new Error('no backorder')
    await told(floor, salesOrder('confirmed', 'SO-HTTP', [{ line: 1, sku: 'PX', quantity: '2', unit: 'unit' }]))
    const [byHttp] = await deliveriesOf(floor, 'SO-HTTP')
    if (byHttp === undefined) throw new Error('no delivery')
    const ids = [toAmend.id, toCancel.id, whole.id, backorder.id, byHttp.id]
    const expected = await Promise.all(ids.map((id) => show(floor, id)))
    expect(expected.map(({ status }) => status)).toEqual(['waiting', 'cancelled', 'done', 'waiting', 'waiting'])
    await fallBack()
    const { said } = await reconcile()
    expect(said).toContain(
      'Of these orders the bus has nothing, since they came by HTTP: SO-HTTP of /erp/sales (revision 1).',
    )
    for (const [index, one] of expected.entries()) {
      const now = await becomes(floor, one.id, one.status)
      const bare = index === 4 ? { customer: null, scheduledDate: '2026-04-23' } : {}
      expect(withoutReserved(lasting(now))).toEqual(withoutReserved({ ...lasting(one), ...bare }))
    }
    await onTheBus('sales.orders', { ...amended, id: 'sent again' })
    await told(floor, salesOrder('confirmed', 'SO-HTTP', [{ line: 1, sku: 'PX', quantity: '2', unit: 'unit' }]))
    expect(lasting(await show(floor, byHttp.id))).toEqual(lasting(expected[4] ?? byHttp))
    expect(await deliveriesOf(floor, 'SO-HTTP')).toHaveLength(1)
    expect(await deliveriesOf(floor, 'SO-PART', 2)).toHaveLength(2)
    expect(await violations()).toEqual([])
  })
})
