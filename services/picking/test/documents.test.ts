/** What picking remembers of documents is never other than what their rows say. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import type { Tx } from '../src/database.ts'
import { storedReceipts } from '../src/receipts/receipt.store.ts'
import { openFloor, type Floor } from './floor.ts'
import { compareMemory } from './memory.ts'
import { counting, lineA, ordered } from './steps.ts'

let floor: Floor
beforeAll(async () => {
  floor = await openFloor()
}, 60_000)
afterAll(() => floor.stop())

const origin = { actor: null, correlationId: 'test' }
const spoil = sql(`update receipt_lines set sku = 'SPOILED' where receipt_id = $1`)
const elsewhere = sql(`with head as (
    update receipts set version = version + 1, problem = 'From elsewhere', changed_at = now() where id = $1
  ) update receipt_lines set expected = 7 where receipt_id = $1`)
const otherTime = sql(`update receipts set changed_at = changed_at + interval '1 ms', problem = $2 where id = $1`)

/** How the receipts are now, as a step would find them. */
const locked = (ids: readonly string[]) =>
  floor.service.db.transaction(origin, async (tx) => (await storedReceipts.lock(tx, ids)).map(({ receipt }) => receipt))
const lockedOne = async (id: string) => (await locked([id]))[0]

describe('a document that this process wrote', () => {
  test('is not read again while it is what it was: its lines are not looked at', async () => {
    const { id } = await ordered(floor, 'PO-MEM-1', [lineA])
    await floor.service.db.query(spoil, [id])
    expect((await lockedOne(id))?.lines.map(({ sku }) => sku)).toEqual(['RM-A'])
    const { db, asked } = counting(floor.service.db)
    const [shown] = await storedReceipts.read(db, [id])
    expect([shown?.receipt.lines.map(({ sku }) => sku), asked()]).toEqual([['RM-A'], 1])
    await expect(compareMemory(floor.service.db)).rejects.toThrow(/SPOILED/)
    await floor.service.db.query(sql(`update receipt_lines set sku = 'RM-A' where receipt_id = $1`), [id])
  })

  test('is read when another process has changed it, for a step and for showing', async () => {
    const { id } = await ordered(floor, 'PO-MEM-2', [lineA])
    await floor.service.db.query(elsewhere, [id])
    const changed = { problem: 'From elsewhere', lines: [{ expected: 7_000_000n }] }
    expect(await lockedOne(id)).toMatchObject(changed)
    expect((await storedReceipts.read(floor.service.db, [id]))[0]?.receipt).toMatchObject(changed)
  })

  test('is read when the same version was given again at another time', async () => {
    const { id } = await ordered(floor, 'PO-MEM-3', [lineA])
    await floor.service.db.query(otherTime, [id, 'After a failover'])
    expect((await lockedOne(id))?.problem).toBe('After a failover')
  })

  test('is remembered beside others that are read, in the order of their ids', async () => {
    const all = [
      await ordered(floor, 'PO-MEM-4', [lineA]),
      await ordered(floor, 'PO-MEM-5', [lineA]),
      await ordered(floor, 'PO-MEM-6', [lineA]),
    ]
    const ids = all.map(({ id }) => id)
    await floor.service.db.query(elsewhere, [ids[1]])
    const found = await locked([...ids].reverse())
    expect(found.map(({ id }) => id)).toEqual(ids)
    expect(found.map(({ problem }) => problem)).toEqual([null, 'From elsewhere', null])
    await floor.service.db.query(sql('update receipts set problem = null where id = $1'), [ids[1]])
  })

  test('is not remembered as a transaction left it that was rolled back', async () => {
    const { id } = await ordered(floor, 'PO-MEM-7', [lineA])
    const work = async (tx: Tx): Promise<void> => {
      const [stored] = await storedReceipts.lock(tx, [id])
      if (stored === undefined) throw new Error('gone')
      await storedReceipts.update(tx, [{ stored, after: { ...stored.receipt, problem: 'Never' }, notes: [] }])
      expect((await storedReceipts.lock(tx, [id]))[0]?.receipt).toMatchObject({ problem: 'Never', version: 2 })
      throw new Error('on purpose')
    }
    await expect(floor.service.db.transaction(origin, work)).rejects.toThrow('on purpose')
    expect(await lockedOne(id)).toMatchObject({ problem: null, version: 1 })
  })
})
