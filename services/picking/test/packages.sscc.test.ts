/** SSCCs of packages: whose prefix they have, when there are no more, and after the database fell back. */
import { expect, test } from '@jest/globals'
import { violatedBy } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { readied, show } from './deliveries-steps.ts'
import { openHarness } from './harness.ts'
import { made, make, now, on, picked, prefix, serial, version } from './packages-steps.ts'
import { openRestoring } from './restore-steps.ts'

test('without a company prefix no package is made, and the answer says what to set', async () => {
  const bare = await openHarness()
  try {
    const delivery = await picked(bare, 'SO-BARE')
    const refused = await make(bare.user, delivery.id)
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining('GS1_COMPANY_PREFIX') } })
    expect(version(await show(bare, delivery.id))).toBe(version(delivery))
  } finally {
    await bare.stop()
  }
}, 60_000)

test('a company prefix whose SSCCs are all given makes no more', async () => {
  const full = await openHarness(undefined, { GS1_COMPANY_PREFIX: '950600012345' })
  try {
    await full.service.db.prisma.ssccCounter.create({ data: { prefix: '950600012345', last: 99_998, skipped: 99_998 } })
    const delivery = await picked(full, 'SO-FULL')
    expect((await make(full.user, delivery.id)).body.sscc).toBe('995060001234599996')
    expect(await make(full.user, delivery.id)).toMatchObject({ status: 409, body: { type: expect.stringContaining('sscc-used-up') } }) // prettier-ignore
    expect(await violatedBy(full.service.db, invariants, [])).toEqual([])
  } finally {
    await full.stop()
  }
}, 60_000)

test('a company prefix that is corrected in length gives no SSCC that the wrong one has given', async () => {
  const at = await openRestoring()
  try {
    await at.harness.stop()
    const given: string[] = []
    for (const GS1_COMPANY_PREFIX of ['9506000', '9506', '950600', '9506000']) {
      await at.open({ GS1_COMPANY_PREFIX })
      given.push((await made(at.harness, await picked(at.harness, `SO-${String(given.length)}`))).sscc)
      expect(await at.violations()).toEqual([])
      await at.harness.stop()
    }
    expect(given.map((sscc) => sscc.slice(0, 17))).toEqual([1, 2, 3, 4].map((n) => `0950600000000000${String(n)}`))
    await at.open(prefix)
  } finally {
    await at.end()
  }
}, 120_000)

test('after the database fell back packages stand as they were told, and no SSCC is given twice', async () => {
  const at = await openRestoring()
  try {
    await at.harness.stop()
    await at.open(prefix)
    const delivery = await picked(at.harness, 'SO-FELL')
    const old = await made(at.harness, delivery, [{ sku: 'PX', quantity: '6' }])
    await at.keep()
    await at.harness.stop()
    await at.open(prefix)
    const closed = (await on(at.harness.user, old, 'close')).body
    const lost = await made(at.harness, await picked(at.harness, 'SO-LOST'), [{ sku: 'PX', quantity: '10' }])
    await at.fallBack()
    const { said } = await at.reconcile()
    expect(said).toContain(`Packages made again as they were told: ${lost.number}.`)
    await at.harness.stop()
    await at.open(prefix)
    expect(await now(at.harness, closed)).toMatchObject({
      status: 'closed',
      sscc: old.sscc,
      lines: [{ quantity: '6' }],
    })
    expect(await now(at.harness, lost)).toMatchObject({
      problem: 'More is packed than is picked: 10 PX of line 1.',
      sscc: lost.sscc,
      lines: [{ sku: 'PX', quantity: '10' }],
    })
    const next = await made(at.harness, delivery)
    expect(serial(next)).toBe(serial(lost) + 101)
    expect(await at.violations()).toEqual([])
  } finally {
    await at.end()
  }
}, 300_000)

test('after the database fell back SSCCs go on behind those that may have been given, also where no package is known', async () => {
  const at = await openRestoring()
  process.env['GS1_COMPANY_PREFIX'] = prefix.GS1_COMPANY_PREFIX
  try {
    const delivery = await picked(at.harness, 'SO-NONE')
    await at.keep()
    await readied(at.harness, 'SO-GONE')
    await at.fallBack()
    await at.reconcile()
    await at.harness.stop()
    await at.open(prefix)
    expect(serial(await made(at.harness, delivery))).toBe(101)
    expect(await at.violations()).toEqual([])
  } finally {
    Reflect.deleteProperty(process.env, 'GS1_COMPANY_PREFIX')
    await at.end()
  }
}, 120_000)
