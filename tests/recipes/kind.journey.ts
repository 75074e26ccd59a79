/** An inspection over HTTP: begun, decided, listed and shown. Runs in the copy in which the recipe was followed. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Client } from '@stockline/test-kit'
import { openHarness, type Harness } from '../../services/picking/test/harness.ts'

interface Shown {
  readonly id: string
  readonly number: string
  readonly status: string
  readonly version: number
  readonly lines: readonly { readonly sku: string; readonly finding: string | null }[]
  readonly history: readonly { readonly what: string; readonly who: { readonly name: string } | null }[]
}

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
})
afterAll(() => harness.stop())

const begin = (who: Client, location: string) =>
  who.send<Shown>('POST', '/v1/inspections', { body: { location, lines: [{ sku: 'RM-A' }, { sku: 'PX' }] } })
const decide = (who: Client, { id, version }: Shown, findings: object) =>
  who.send<Shown & { type: string }>('POST', `/v1/inspections/${id}/decide`, { version, body: { findings } })
const listed = async (who: Client, query: string) =>
  (await who.get<{ items: Shown[] }>(`/v1/inspections?${query}`)).body.items.map(({ number, status }) => [
    number,
    status,
  ])

test('it is made, changed by its step, listed and shown', async () => {
  const { manager, stranger, user } = harness
  const made = await begin(stranger, 'WH/Input')
  expect([made.status, made.body.number, made.body.status]).toEqual([201, 'WH/QC/00001', 'open'])
  expect(await listed(stranger, 'status=open&location=WH/Input')).toEqual([['WH/QC/00001', 'open']])

  const decided = await decide(stranger, made.body, { 1: 'good', 2: 'damaged' })
  expect([decided.status, decided.body.status, decided.body.version]).toEqual([200, 'failed', 2])
  const { body } = await manager.get<Shown>(`/v1/inspections/${made.body.id}`)
  expect(body).toEqual(decided.body)
  expect(body.lines.map(({ sku, finding }) => [sku, finding])).toEqual([
    ['RM-A', 'good'],
    ['PX', 'damaged'],
  ])
  expect(body.history.map(({ what, who }) => [what, who?.name])).toEqual([
    ['created', 'Name of core_inventory.inventory_group_user'],
    ['failed', 'Name of core_inventory.inventory_group_user'],
  ])
  expect([await listed(stranger, 'status=open'), await listed(user, '')]).toEqual([[], []])
})

test('it refuses what it does not know, what is missing, and a version that is stale', async () => {
  const { stranger } = harness
  expect((await begin(stranger, 'WH/Stock')).status).toBe(404)
  const { body } = await begin(stranger, 'WH/Input')
  const missing = await decide(stranger, body, { 1: 'good' })
  expect([missing.status, missing.body.type]).toEqual([422, 'findings-missing'])
  const stale = await decide(stranger, { ...body, version: 7 }, { 1: 'good', 2: 'good' })
  expect([stale.status, stale.body.type]).toEqual([412, 'version-stale'])
  expect((await decide(stranger, body, { 1: 'good', 2: 'good' })).body.status).toBe('passed')
  // A second tap is no error.
  expect((await decide(stranger, body, { 1: 'good', 2: 'good' })).status).toBe(200)
})
