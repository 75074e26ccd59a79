/** Cached documents are never other than what their rows say. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import type { Tx } from '../src/database.ts'
import { receipts } from '../src/receipts/receipt.actions.ts'
import { lineA as soldA, lineX as soldX, sold } from './deliveries-steps.ts'
import { openHarness, type Harness } from './harness.ts'
import { compareCache } from './document-cache.ts'
import { counting, lineA, lineB, ordered, untilOneWaits } from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

const origin = { actor: null, correlationId: 'test' }
const setSku = sql('update receipt_lines set sku = $2 where receipt_id = $1')
const elsewhere = sql(`with head as (
    update receipts set version = version + 1, problem = 'From elsewhere', changed_at = now() where id = $1
  ) update receipt_lines set expected = 7 where receipt_id = $1`)
const stampAs = sql('update receipts set version = $2, changed_at = $3, problem = null where id = $1')
const otherTime = sql(`update receipts set changed_at = changed_at + interval '1 ms', problem = $2 where id = $1`)
const renameProduct = sql(`update products set name = 'While one waited' where sku = 'RM-A'`)
const epochStatement = sql('select stamp as epoch from catalog_stamp')

/** How the receipts are now, as a step would find them. */
const locked = (ids: readonly string[]) =>
  harness.service.db.transaction(origin, async (tx) => (await receipts.store.lock(tx, ids)).map((one) => one.document))
const lockedOne = async (id: string) => (await locked([id]))[0]

/** Gives the receipt a problem, as a step would. */
async function trouble(tx: Tx, id: string, problem: string): Promise<void> {
  const [stored] = await receipts.store.lock(tx, [id])
  if (stored === undefined) throw new Error('gone')
  await receipts.store.update(tx, [{ stored, after: { ...stored.document, problem }, notes: [] }])
}

/** Runs `meanwhile` while a transaction that has given the receipt a problem holds it; it waits, and then goes on. */
async function whileHeld<T>(id: string, problem: string, meanwhile: () => Promise<T>, before: () => Promise<unknown>) {
  const held = Promise.withResolvers<undefined>()
  const given = Promise.withResolvers<undefined>()
  const holder = harness.service.db.transaction(origin, async (tx) => {
    await trouble(tx, id, problem)
    given.resolve(undefined)
    await held.promise
  })
  await given.promise
  const waiter = meanwhile()
  try {
    await untilOneWaits(harness, 'one waits for the receipt')
    await before()
  } finally {
    held.resolve(undefined)
    await holder
  }
  return waiter
}

describe('a document that this process wrote', () => {
  test('is not read again while it is what it was: its lines are not looked at', async () => {
    const { id } = await ordered(harness, 'PO-MEM-1', [lineA])
    await harness.service.db.query(setSku, [id, 'SPOILED'])
    try {
      expect((await lockedOne(id))?.lines.map(({ sku }) => sku)).toEqual(['RM-A'])
      const { db, asked } = counting(harness.service.db)
      const [shown] = await receipts.store.read(db, [id])
      expect([shown?.document.lines.map(({ sku }) => sku), asked()]).toEqual([['RM-A'], 1])
      await expect(compareCache(harness.service.db)).rejects.toThrow(/SPOILED/)
    } finally {
      await harness.service.db.query(setSku, [id, 'RM-A'])
    }
  })

  test('is read when another process has changed it, for a step and for showing; at once the next time', async () => {
    const { id } = await ordered(harness, 'PO-MEM-2', [lineA])
    await harness.service.db.query(elsewhere, [id])
    const changed = { problem: 'From elsewhere', lines: [{ expected: 7_000_000n }] }
    const { db, asked } = counting(harness.service.db)
    for (const statements of [2, 3]) {
      expect((await receipts.store.read(db, [id]))[0]?.document).toMatchObject(changed)
      expect(asked()).toBe(statements)
    }
    expect(await lockedOne(id)).toMatchObject(changed)
  })

  test('is read when the same version was given again at another time', async () => {
    const { id } = await ordered(harness, 'PO-MEM-3', [lineA])
    await harness.service.db.query(otherTime, [id, 'After a failover'])
    expect((await lockedOne(id))?.problem).toBe('After a failover')
  })

  test('is read from the cache beside others that are read from rows, in the order of their ids', async () => {
    const ids = []
    for (const number of [4, 5, 6]) ids.push((await ordered(harness, `PO-MEM-${String(number)}`, [lineA])).id)
    await harness.service.db.query(elsewhere, [ids[1]])
    const found = await locked([...ids].reverse())
    expect(found.map(({ id }) => id)).toEqual(ids)
    expect(found.map(({ problem }) => problem)).toEqual([null, 'From elsewhere', null])
  })

  test('is seen by its transaction as that left it, and by nobody when that is rolled back', async () => {
    const { id } = await ordered(harness, 'PO-MEM-7', [lineA])
    let when = new Date(0)
    const work = async (tx: Tx): Promise<void> => {
      when = tx.now
      await trouble(tx, id, 'Never')
      expect((await receipts.store.lock(tx, [id]))[0]?.document).toMatchObject({ problem: 'Never', version: 2 })
      throw new Error('on purpose')
    }
    await expect(harness.service.db.transaction(origin, work)).rejects.toThrow('on purpose')
    // Another process writes the same version in the same millisecond.
    await harness.service.db.query(stampAs, [id, 2, when])
    expect(await lockedOne(id)).toMatchObject({ problem: null, version: 2 })
  })

  test('is waited for when somebody holds it, among others too, and is then what that one left', async () => {
    const [one, other] = [await ordered(harness, 'PO-MEM-8', [lineA]), await ordered(harness, 'PO-MEM-9', [lineA])]
    const ids = [one.id, other.id].sort()
    const found = await whileHeld(
      one.id,
      'Changed meanwhile',
      () => locked(ids),
      () => Promise.resolve(),
    )
    expect(found.find(({ id }) => id === one.id)).toMatchObject({ problem: 'Changed meanwhile', version: 2 })
  })

  test('is judged by the catalog as it is when the lock is given', async () => {
    const { id } = await ordered(harness, 'PO-MEM-10', [lineA])
    const lockWithEpoch = () =>
      harness.service.db.transaction(origin, async (tx) => (await receipts.store.lockWithEpoch(tx, [id])).epoch)
    const epoch = await whileHeld(id, 'Held', lockWithEpoch, () => harness.service.db.query(renameProduct))
    expect([{ epoch }]).toEqual(await harness.service.db.query(epochStatement))
  })

  test('has its lines in the order of their numbers, whatever the order of the order', async () => {
    const receipt = await ordered(harness, 'PO-MEM-11', [lineB, lineA])
    const delivery = await sold(harness, 'SO-MEM-11', [soldA, soldX])
    expect(receipt.lines.map((each) => each.line)).toEqual([1, 2])
    expect(delivery.lines.map((each) => each.line)).toEqual([1, 2])
    await compareCache(harness.service.db)
  })
})
