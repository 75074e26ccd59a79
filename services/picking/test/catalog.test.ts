/** What picking remembers of products and units is never older than what the database says. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { serviceLocks, sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import type { Reader, Tx } from '../src/database.ts'
import { referenceDataForWaiting, referenceDataOf, lockArrival } from '../src/products/product.actions.ts'
import { saveProduct, saveUnit, type ProductCopy } from '../src/products/product.store.ts'
import { openHarness, productTold, type Harness } from './harness.ts'
import { counting } from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

const rename = sql(`update products set name = $1 where sku = 'RM-A'`)
const recount = sql(`update units set decimals = $1 where code = 'kg'`)
const forget = sql(`delete from products where sku = 'PZ'`)
const origin = { actor: null, correlationId: 'test' }
const named = [{ sku: 'RM-A', unit: 'kg' }, { sku: 'PX' }]

const nameOf = async (db: Reader): Promise<string | undefined> =>
  (await referenceDataOf(db, named)).products.get('RM-A')?.name

describe('the catalog', () => {
  test('holds what was named, with the base units, and nothing else that is remembered', async () => {
    await referenceDataOf(harness.service.db, [{ sku: 'RM-A' }, { sku: 'RM-B' }, { sku: 'PY', unit: 'nothing' }])
    const { products, units } = await referenceDataOf(harness.service.db, [{ sku: 'PX' }, { sku: 'NEVER-HEARD' }])
    expect([[...products.keys()], [...units.keys()]]).toEqual([['PX'], ['unit']])
  })

  test('is read once: after that the stamp alone', async () => {
    await referenceDataOf(harness.service.db, named)
    const { db, asked } = counting(harness.service.db)
    await referenceDataOf(db, named)
    expect(asked()).toBe(1)
  })

  test('changes with a product that another process changed', async () => {
    expect(await nameOf(harness.service.db)).toBe('RM-A')
    await harness.service.db.query(rename, ['From elsewhere'])
    expect(await nameOf(harness.service.db)).toBe('From elsewhere')
  })

  test('changes with a unit, and with what is gone', async () => {
    const ask = () => referenceDataOf(harness.service.db, [{ sku: 'RM-A' }, { sku: 'PZ' }])
    expect((await ask()).units.get('kg')?.decimals).toBe(3)
    await harness.service.db.query(recount, [2])
    await harness.service.db.query(forget)
    const { products, units } = await ask()
    expect([units.get('kg')?.decimals, [...products.keys()]]).toEqual([2, ['RM-A']])
  })

  test('shows a transaction its own changes, and nobody those that were rolled back', async () => {
    const before = await nameOf(harness.service.db)
    const seen: (string | undefined)[] = []
    const work = async (tx: Tx): Promise<void> => {
      await tx.query(rename, ['Rolled back'])
      seen.push(await nameOf(tx), await nameOf(harness.service.db))
      throw new Error('on purpose')
    }
    await expect(harness.service.db.transaction(origin, work)).rejects.toThrow('on purpose')
    expect(seen).toEqual(['Rolled back', before])
    expect(await nameOf(harness.service.db)).toBe(before)
  })

  test('is asked as it is when the lock is given, not as it was when it was asked for', async () => {
    const before = await nameOf(harness.service.db)
    expect(before).not.toBe('While one waited')
    const lock = sql(`select from numbers where warehouse = $1 for update`)
    await harness.service.db.query(sql(`insert into numbers (warehouse, type, last) values ('LOCK', 'IN', 1)`))
    const held = Promise.withResolvers<undefined>()
    const given = Promise.withResolvers<undefined>()
    const holder = harness.service.db.transaction(origin, async (tx) => {
      await tx.query(lock, ['LOCK'])
      given.resolve(undefined)
      await held.promise
    })
    await given.promise
    const waiter = harness.service.db.transaction(origin, async (tx) => {
      const [, name] = await Promise.all([tx.query(lock, ['LOCK']), nameOf(tx)])
      return name
    })
    await harness.service.db.query(rename, ['While one waited'])
    held.resolve(undefined)
    await holder
    expect(await waiter).toBe('While one waited')
  })

  test('waits out a unit that is just coming, where only the product that came before it shows that it is needed', async () => {
    const { db } = harness.service
    const lockKey = sql(`select pg_advisory_xact_lock(${serviceLocks.picking.arrival('$1')})`)
    const [line] = [{ sku: 'LATE', unit: 'late-box' }]
    const [productHeld, unitHeld] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
    const [productSaved, unitLocked] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
    const bringsProduct = db.transaction(origin, async (tx) => {
      await lockArrival(tx, 'product:LATE')
      await saveProduct(tx, { ...(productTold('LATE').data as ProductCopy), unit: 'unit', unitDecimals: 0 })
      productSaved.resolve(undefined)
      await productHeld.promise
    })
    await productSaved.promise
    const bringsUnit = db.transaction(origin, async (tx) => {
      await tx.query(lockKey, ['unit:late-box'])
      unitLocked.resolve(undefined)
      await saveUnit(tx, {
        ...{ code: 'late-box', name: 'Box', decimals: 0 },
        reference: { unit: 'unit', numerator: '3', denominator: '1' },
      })
      await unitHeld.promise
    })
    await unitLocked.promise
    let isKnown = false
    const waits = db.transaction(origin, async (tx) => {
      const referenceData = await referenceDataForWaiting(tx, [line])
      isKnown = true
      return referenceData
    })
    await until('it waits for the product', async () => (await waiting(harness)) > 0)
    productHeld.resolve(undefined)
    await bringsProduct
    await until('it waits for the unit, or does not', async () => isKnown || (await waiting(harness)) > 0)
    unitHeld.resolve(undefined)
    await bringsUnit
    expect([...(await waits).units.keys()]).toContain('late-box')
  })
})

async function waiting({ service }: Harness): Promise<number> {
  const rows = await service.db.query(
    sql(
      `select from pg_stat_activity where wait_event_type = 'Lock' and wait_event = 'advisory' and datname = current_database()`,
    ),
  )
  return rows.length
}
