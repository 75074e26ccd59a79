/** Row R4: what lies outside of one's locations is in no list, sum, trace or table. */
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { groups, mayDo } from '@stockline/contracts'
import type { Client } from '@stockline/test-kit'
import { must } from '@stockline/test-kit/load/documents'
import type { System } from '@stockline/test-kit/load/system'
import { allRoutes } from '../../tools/generate/routes.ts'
import type { Fixture } from './fixture.ts'
import { refusedElsewhere } from './scope-writes.ts'
import { somebodyAt } from './somebody.ts'
import { count, fresh, product, purchase, receiveAll, sale, shelve, shipAll, step } from './people.ts'

/** What both warehouses have: the same products, and the same lot. */
interface Goods {
  readonly plain: string
  readonly tracked: string
  readonly lot: string
  readonly serials: string
}

/** What there is of one warehouse: ids, and names for queries. */
export interface Things extends Goods {
  readonly warehouse: string
  readonly lotId: string
  readonly serial: string
  readonly order: string
  readonly receipt: string
  readonly delivery: string
  readonly transfer: string
  readonly adjustment: string
  readonly sheet: string
  readonly statusChange: string
  readonly scrap: string
  readonly package: string
  readonly sscc: string
}

/**
 * What each query is asked for; a new one has none, and fails the test until it is said here. Where it says `same`, it tells nothing of
 * any place.
 */
const asked: Readonly<Record<string, ((of: Things) => readonly string[]) | 'same'>> = {
  'stock /v1/products': 'same',
  'stock /v1/products/:id': 'same',
  'stock /v1/units': 'same',
  'stock /v1/units/:code': 'same',
  'stock /v1/warehouses': 'same',
  'stock /v1/warehouses/:code': 'same',
  'stock /v1/locations': 'same',
  'stock /v1/locations/:id': 'same',
  'stock /v1/models/stocklocation': 'same',
  'stock /v1/models/:name': 'same',
  'stock /v1/removal-rules': 'same',
  'stock /v1/adjustment-reasons': 'same',
  'stock /v1/adjustment-limits': 'same',
  'stock /v1/users': 'same',
  'stock /v1/users/:id': 'same',
  'stock /v1/users/me': 'same',
  'stock /v1/lots': ({ tracked, lot }) => [`?sku=${tracked}`, `?code=${lot}`],
  'stock /v1/lots/:id': ({ lotId }) => [`/${lotId}`],
  'stock /v1/lots/:id/trace': ({ lotId }) => [`/${lotId}/trace`],
  'stock /v1/lots/:id/recall': ({ lotId }) => [`/${lotId}/recall`, `/${lotId}/recall#text/csv`],
  'stock /v1/serials/:code': ({ serial }) => [`/${serial}`],
  'stock /v1/scans': ({ sscc }) => [`?code=${sscc}`],
  'stock /v1/quants': ({ plain, tracked, warehouse }) => [
    ...[`?sku=${plain}`, `?sku=${tracked}`, `?location=${warehouse}`, `?sku=${plain}&asOf=2099-01-01`],
  ],
  'stock /v1/moves': ({ plain, tracked, warehouse }) => [`?sku=${plain}`, `?sku=${tracked}`, `?to=${warehouse}`],
  'stock /v1/reservations': ({ plain, tracked }) => [`?sku=${plain}`, `?sku=${tracked}`],
  'stock /v1/incoming': ({ plain, tracked }) => [`?sku=${plain}`, `?sku=${tracked}`],
  'stock /v1/models/stockmove': ({ plain }) => [`?product=${plain}`],
  'stock /v1/models/stockquant': ({ plain }) => [`?product=${plain}`],
  'stock /v1/models/stockadjustment': ({ plain }) => [`?product=${plain}`],
  // A class is the product's, wherever it is.
  'stock /v1/abc-classes': 'same',
  'stock /v1/count-sheets': ({ warehouse }) => ['?limit=200', `?zone=${warehouse}/A`],
  'stock /v1/count-sheets/:id': ({ sheet }) => [`/${sheet}`],
  'stock /v1/count-suggestions': ({ warehouse }) => [`?zone=${warehouse}`, `?zone=${warehouse}/A`],
  'stock /v1/count-accuracy': ({ warehouse }) => [`?zone=${warehouse}`, `?zone=${warehouse}/A`],
  'stock /v1/adjustments': () => ['?limit=200'],
  'stock /v1/adjustments/:id': ({ adjustment }) => [`/${adjustment}`],
  'stock /v1/status-changes': () => ['?limit=200'],
  'stock /v1/status-changes/:id': ({ statusChange }) => [`/${statusChange}`],
  'stock /v1/scraps': () => ['?limit=200'],
  'stock /v1/scraps/:id': ({ scrap }) => [`/${scrap}`],
  'picking /v1/queue': () => ['?limit=200'],
  'picking /v1/receipts': () => ['?limit=200'],
  'picking /v1/receipts/:id': ({ receipt }) => [`/${receipt}`],
  'picking /v1/deliveries': () => ['?limit=200'],
  'picking /v1/deliveries/:id': ({ delivery }) => [`/${delivery}`],
  'picking /v1/deliveries/:id/pick-list': ({ delivery }) => [`/${delivery}/pick-list`],
  'picking /v1/deliveries/:id/packing-slip': ({ delivery }) => [`/${delivery}/packing-slip`],
  'picking /v1/packages': () => ['?limit=200'],
  'picking /v1/packages/:id': (of) => [`/${of.package}`],
  'picking /v1/transfers': () => ['?limit=200'],
  'picking /v1/transfers/:id': ({ transfer }) => [`/${transfer}`],
  'picking /v1/orders': ({ order }) => ['?limit=50', `?orderNumber=${order}`],
  'picking /v1/models/stockpicking': () => ['?limit=200'],
  'picking /v1/models/:name': 'same',
  'picking /v1/item-references': 'same',
  'picking /v1/unit-aliases': 'same',
}

/** Registers the journey of what is seen. */
export function scopeJourneys({ system }: Fixture): void {
  test('R4: whatever happens in another warehouse changes no answer: lists, sums, traces, models and tables', async () => {
    const supervisor = { groups: [groups.supervisor], scopes: [] }
    const queries = (await allRoutes()).filter(
      ({ service, method, right }) =>
        ['stock', 'picking'].includes(service) && method === 'get' && mayDo(supervisor, right),
    )
    const names = queries.map(({ service, path }) => `${service} ${path}`)
    expect(Object.keys(asked).sort()).toEqual(names.sort())

    const [east, west] = [await warehouseOf(system(), 'E'), await warehouseOf(system(), 'W')]
    const [boss, clerk] = [
      (await somebodyAt(system(), [east], groups.supervisor)).client,
      (await somebodyAt(system(), [east], groups.user)).client,
    ]
    const neighbour = (await somebodyAt(system(), [west], groups.supervisor)).client
    const goods = {
      plain: await product(system()),
      tracked: await product(system(), { tracking: 'lot' }),
      serials: await product(system(), { tracking: 'serial' }),
      lot: fresh('LOT'),
    }
    const here = await workIn(system(), east, goods, '20')
    const before = { boss: await settled(boss, here), clerk: await settled(clerk, here) }
    const there = await workIn(system(), west, goods, '21')
    const theirs = await settled(neighbour, there)
    expect(await settled(boss, here)).toEqual(before.boss)
    expect(await settled(clerk, here)).toEqual(before.clerk)

    // Each of these answers would have changed, had it been of both: the neighbour gets another one.
    const addresses = addressesOf(here)
    const [ours, others] = [addresses.map((one) => before.boss[one]), addressesOf(there).map((one) => theirs[one])]
    expect(addresses.filter((_one, index) => ours[index] === others[index])).toEqual([])
    expect(
      addresses.filter((_one, index) => !ours[index]?.startsWith('200 ') || !others[index]?.startsWith('200 ')),
    ).toEqual([])
    const documents = addressesOf(there).filter((one) => !addresses.includes(one) && /-[0-9a-f]{12}/.test(one))
    const seen = await Promise.all(documents.map(async (one) => [one, await read(boss, one)]))
    expect(seen.filter(([, status]) => status !== '404')).toEqual([])
    const scanned = must(await boss.get<{ kind: string }>(`/stock/v1/scans?code=${there.sscc}`), 200)
    expect(scanned.kind).not.toBe('package')

    await refusedElsewhere(boss, there, must(await neighbour.get<{ id: string }>('/stock/v1/users/me'), 200).id)
    expect(await settled(neighbour, there)).toEqual(theirs)
  }, 240_000)
}

/** All addresses; after `#` the format that is asked for. */
function addressesOf(of: Things): string[] {
  return Object.entries(asked).flatMap(([name, queries]) => {
    const [service = '', path = ''] = name.split(' ')
    const root = `/${service}${path.split('/:')[0] ?? ''}`
    return queries === 'same' ? [] : queries(of).map((query) => root + query)
  })
}

/** Status and body, but for what says that there is more elsewhere: that is said to everybody. */
async function read(client: Client, address: string): Promise<string> {
  const [path = '', accept = 'application/json'] = address.split('#')
  const { status, body } = await client.get(path, { headers: { accept } })
  if (status !== 200) return String(status)
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return `200 ${text.replaceAll(/"elsewhere":(true|false)/g, '"elsewhere":null')}`
}

type Answers = Readonly<Record<string, string>>

/** The answers, once two looks a second apart are alike: what was done has arrived everywhere. */
async function settled(client: Client, of: Things): Promise<Answers> {
  const look = async (): Promise<Answers> =>
    Object.fromEntries(await Promise.all(addressesOf(of).map(async (one) => [one, await read(client, one)] as const)))
  let last = await look()
  for (let looks = 0; looks < 40; looks++) {
    await delay(1_000)
    const now = await look()
    if (JSON.stringify(now) === JSON.stringify(last)) return now
    last = now
  }
  const changing = Object.entries(await look()).filter(([address, answer]) => last[address] !== answer)
  throw new Error(`Still changing: ${JSON.stringify(changing)}`)
}

/** A warehouse with a dock and two bins. */
async function warehouseOf(system: System, initial: string): Promise<string> {
  const manager = await system.login('manager')
  const code = fresh(initial).replace('-', '')
  const defaultReceiptLocation = `${code}/Input`
  must(await manager.send('POST', '/stock/v1/warehouses', { body: { code, name: code, defaultReceiptLocation } }), 201)
  for (const bin of ['Input', 'A', 'B'])
    must(await manager.send('POST', '/stock/v1/locations', { body: { code: `${code}/${bin}` } }), 201)
  return code
}

/** Something of every kind happens in a warehouse, done and not done yet. */
async function workIn(system: System, warehouse: string, goods: Goods, quantity: string): Promise<Things> {
  const { plain, tracked, serials, lot } = goods
  const manager = await system.login('manager')
  const [a, b] = [`${warehouse}/A`, `${warehouse}/B`]
  const serial = fresh('SN')
  const send = async <Made extends { id: string }>(path: string, body: object, wait = 10): Promise<Made> =>
    must(await manager.send<Made>('POST', path, { body, wait }), 201)
  await shelve(system, [
    { sku: plain, location: a, quantity: '40' },
    { sku: tracked, location: a, quantity, lot },
    { sku: tracked, location: b, quantity: '9', lot },
    { sku: serials, location: b, quantity: '1', lot: serial },
  ])
  const partner = { code: warehouse, name: `Partner of ${warehouse}` }
  const [from, to] = [
    { warehouse, vendor: partner },
    { warehouse, customer: partner },
  ]
  await receiveAll(system, await purchase(system, [{ sku: tracked, quantity: '6', unitPrice: '3.00' }], from), lot)
  const receipt = await purchase(system, [{ sku: plain, quantity: '5' }, { sku: tracked, quantity: '5' }], from) // prettier-ignore
  const short = await purchase(system, [{ sku: plain, quantity: '8' }], from)
  must(
    await step(manager, 'receipts', must(await count(manager, short, [{ line: 1, quantity: '7' }]), 200), 'validate'),
    200,
  )
  await shipAll(system, await sale(system, [{ sku: tracked, quantity: '2' }], to, ({ status }) => status === 'ready'))
  const delivery = await sale(system, [{ sku: plain, quantity: '3' }, { sku: tracked, quantity: '1' }], to, ({ status }) => status === 'ready') // prettier-ignore
  await sale(system, [{ sku: plain, quantity: '900' }], to, ({ problem }) => problem !== null)
  const packed = await send<{ id: string; sscc: string }>('/picking/v1/packages', { delivery: delivery.id })
  const move = async (shipped: string, destination: string) => {
    const made = await send<{ id: string; version: number }>('/picking/v1/transfers', { source: a, destination, lines: [{ sku: plain, quantity: shipped, unit: 'unit' }] }) // prettier-ignore
    must(
      await manager.send('POST', `/picking/v1/transfers/${made.id}/confirm`, {
        version: made.version,
        body: {},
        wait: 10,
      }),
      200,
    )
    return made.id
  }
  const [transfer] = [await move('2', b), await move('800', b)]
  await send('/picking/v1/relocations', { warehouse, lines: [{ sku: plain, from: a, to: b, quantity: '1' }] })
  const line = { sku: tracked, location: b, lot, quantity: '1' }
  const reason = 'damage'
  const changed = await send('/stock/v1/status-changes', {
    reason,
    lines: [{ ...line, from: 'available', to: 'damaged' }],
  })
  const scrapped = await send('/stock/v1/scraps', { reason, lines: [{ ...line, status: 'available' }] })
  const adjustment = await send<Own>('/stock/v1/adjustments', {
    reason: 'count',
    lines: [{ sku: plain, location: a, counted: '30' }],
  })
  const act = async ({ id, version }: Own, path: string, body: object = {}) =>
    must(
      await manager.send<Own>(path.endsWith('lines') ? 'PATCH' : 'POST', `/stock/v1/${path.replace(':id', id)}`, {
        version,
        body,
      }),
      200,
    )
  await act(adjustment, 'adjustments/:id/submit')
  const sheet = await send<Own>('/stock/v1/count-sheets', { zone: b })
  const counted = sheet.lines?.map((one) => ({ line: one.line, counted: '1' })) ?? []
  await act(await act(sheet, 'count-sheets/:id/lines', { lines: counted }), 'count-sheets/:id/submit')
  await send('/stock/v1/count-sheets', { zone: a })
  const lots = must(await manager.get<{ items: Own[] }>(`/stock/v1/lots?sku=${tracked}&code=${lot}`), 200).items
  return {
    ...{ ...goods, warehouse, serial, lotId: lots[0]?.id ?? '', order: receipt.source ?? '' },
    ...{ receipt: receipt.id, delivery: delivery.id, transfer, adjustment: adjustment.id, sheet: sheet.id },
    ...{ statusChange: changed.id, scrap: scrapped.id, package: packed.id, sscc: packed.sscc },
  }
}

interface Own {
  readonly id: string
  readonly version: number
  readonly lines?: readonly { readonly line: number }[]
}
