/** What picking says of packages: how stock keeps it, and shows it to who scans one or looks at what was shipped in it. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { PackageChanged } from '@stockline/contracts'
import { sql } from '@stockline/service-kit'
import { until, violatedBy, type Client } from '@stockline/test-kit'
import { fallBack, keepCopy } from '@stockline/test-kit/fall-back'
import { serviceDatabases, type ServiceDatabases } from '@stockline/test-kit/service'
import { invariants } from '../src/invariants.ts'
import { keepPackages } from '../src/packages/package.actions.ts'
import { openStock, product, runStock, type Body, type RunningStock } from './running.ts'

let stock: RunningStock
let databases: ServiceDatabases
const bin = 'WH/Stock/A1-03'

beforeAll(async () => {
  databases = await serviceDatabases('stock')
  stock = await runStock(databases)
  await stock.made('/v1/products', product('PX', { unit: 'unit' }))
  await stock.made('/v1/products', product('LOT', { tracking: 'lot' }))
  const lines = [
    { sku: 'PX', location: bin, quantity: '100', unitCost: '1.00' },
    ...['L1', 'L2'].map((lot) => ({ sku: 'LOT', lot, location: bin, quantity: '10', unitCost: '1.00' })),
  ]
  await stock.made('/v1/opening-stock', { lines })
}, 60_000)
afterAll(async () => {
  await stock.stop()
  await Promise.all([databases.database.drop(), databases.bus.drop()])
})

let serial = 0
/** A package of a delivery with these goods. */
function packed(over: Partial<PackageChanged> = {}): PackageChanged & { readonly sscc: string } {
  const digits = `0952000${String((serial += 1)).padStart(10, '0')}`
  const sum = Array.from(digits).reduce((all, digit, index) => all + Number(digit) * (index % 2 === 0 ? 3 : 1), 0)
  return {
    ...{ documentId: randomUUID(), number: `WH/PAC/${String(serial).padStart(5, '0')}`, warehouse: 'WH' },
    ...{ sscc: `${digits}${String((10 - (sum % 10)) % 10)}`, companyPrefix: '9520000', status: 'open', places: [bin] },
    delivery: { documentId: randomUUID(), number: 'WH/OUT/00042' },
    lines: [goods(1, 'PX', '4')],
    ...over,
  } as PackageChanged & { readonly sscc: string }
}

function goods(documentLine: number, sku: string, quantity: string, lot?: string, line = documentLine) {
  return {
    line,
    documentLine,
    sku,
    quantity,
    unit: sku === 'PX' ? 'unit' : 'kg',
    ...(lot === undefined ? {} : { lot }),
  }
}

const told = new Map<string, number>()
/** Picking says it. */
async function tell(one: PackageChanged): Promise<void> {
  const sequence = (told.get(one.documentId) ?? 0) + 1
  told.set(one.documentId, sequence)
  const value = {
    specversion: '1.0',
    id: randomUUID(),
    source: '/stockline/picking',
    type: 'picking.package-changed.v1',
  }
  const event = {
    ...value,
    time: '2026-04-20T08:00:00Z',
    subject: one.documentId,
    sequence: String(sequence),
    data: one,
  }
  const message = { key: one.documentId, value: Buffer.from(JSON.stringify(event)), headers: {} }
  await stock.service.bus.publish([{ topic: 'picking.packages', message }])
}

interface Scanned {
  readonly kind: string
  readonly document?: string
  readonly package?: { readonly status: string; readonly contents: readonly object[]; readonly more: number }
}
const scan = async (code: string, who: Client = stock.user) =>
  (await who.get<Scanned>(`/v1/scans?code=${encodeURIComponent(code)}`)).body
const known = async (one: PackageChanged) =>
  until(`${one.number} is ${one.status}`, async () => {
    const said = await scan(`(00)${one.sscc ?? ''}`, stock.manager)
    return said.package?.status === one.status && said.package.contents.length === Math.min(50, one.lines.length)
  })

describe('D4 a scanned SSCC', () => {
  test.each([
    ['by a label of GS1', (sscc: string) => `]C100${sscc}`],
    ['as printed', (sscc: string) => `(00)${sscc}`],
    ['by its digits', (sscc: string) => sscc],
    ['by a Digital Link', (sscc: string) => `https://id.gs1.org/00/${sscc}`],
  ])('%s is a package, of a delivery, with contents', async (_title, code) => {
    const one = packed({ lines: [goods(1, 'PX', '4'), goods(2, 'LOT', '1.5', 'L1')] })
    expect((await scan(code(one.sscc), stock.manager)).kind).not.toBe('package')
    await tell(one)
    await known(one)
    const meaning = {
      ...{ code: code(one.sscc), kind: 'package', sscc: one.sscc, document: 'WH/OUT/00042', problems: [] },
      package: {
        ...{ number: one.number, status: 'open', more: 0 },
        contents: [
          { documentLine: 1, sku: 'PX', lot: null, quantity: '4', unit: 'unit' },
          { documentLine: 2, sku: 'LOT', lot: 'L1', quantity: '1.5', unit: 'kg' },
        ],
      },
    }
    expect(await scan(code(one.sscc), stock.manager)).toMatchObject(meaning)
    const posted = await stock.post('/v1/scans', { codes: [code(one.sscc), 'PX'] })
    expect(posted.body).toMatchObject({ items: [meaning, {}], summary: [{ sku: 'PX', quantity: '1' }] })
  })

  test('is one to who is assigned where it takes place, and a number to all others', async () => {
    const one = packed()
    await tell(one)
    await known(one)
    const code = `(00)${one.sscc}`
    const assigned = await stock.manager.get<Body>('/v1/users/00000000-0000-7000-8000-000000000003')
    const assign = (locations: readonly string[], version: number) =>
      stock.manager.send<Body>('PUT', '/v1/users/00000000-0000-7000-8000-000000000003/locations', { body: { locations }, version }) // prettier-ignore
    expect(await scan(code)).toMatchObject({ kind: 'gs1', sscc: one.sscc })
    const elsewhere = await assign(['WH/Stock/B2-01'], assigned.body.version)
    expect(await scan(code)).not.toHaveProperty('package')
    await assign(['WH/Stock'], elsewhere.body.version)
    expect(await scan(code)).toMatchObject({ kind: 'package', document: 'WH/OUT/00042' })
    expect((await scan(code, stock.someone())).kind).toBe('gs1')
  })

  test('shows what was said last, and of much only the first', async () => {
    const one = packed()
    await tell(one)
    const full = { ...one, lines: Array.from({ length: 60 }, (_each, index) => goods(index + 1, 'PX', '1')) }
    await tell(full)
    await tell({ ...full, status: 'closed' })
    await known({ ...full, status: 'closed' })
    const said = await scan(one.sscc, stock.manager)
    expect([said.package?.contents.length, said.package?.more]).toEqual([50, 10])
    await tell({ ...one, status: 'cancelled', lines: [] })
    await known({ ...one, status: 'cancelled', lines: [] })
    expect((await scan(one.sscc, stock.manager)).package).toMatchObject({ contents: [], more: 0 })
  })
})

test('what comes late or twice changes nothing, and what has no SSCC is kept', async () => {
  const one = packed()
  const keep = (...events: { data: PackageChanged; sequence: bigint }[]) =>
    stock.service.db.transaction({ actor: null, correlationId: randomUUID() }, (tx) => keepPackages(tx, events))
  await keep({ data: { ...one, status: 'closed' }, sequence: 3n })
  await keep({ data: { ...one, lines: [] }, sequence: 2n }, { data: { ...one, lines: [] }, sequence: 1n })
  await keep({ data: { ...one, status: 'closed' }, sequence: 3n })
  expect((await scan(one.sscc, stock.manager)).package).toMatchObject({
    status: 'closed',
    contents: [{ quantity: '4' }],
  })
  const { sscc: _sscc, ...bare } = packed({ status: 'cancelled', lines: [] })
  await keep({ data: bare, sequence: 1n }, { data: { ...bare, documentId: randomUUID() }, sequence: 1n })
  expect(await violatedBy(stock.service.db, invariants, [])).toEqual([])
})

test('a broken message is put aside, and the next one of the package is taken', async () => {
  const one = packed()
  await tell({ ...one, lines: [{ ...goods(1, 'PX', '1'), quantity: '-1' }] })
  await tell(one)
  await known(one)
  const [row] = await stock.service.db.query<{ count: bigint }>(
    sql(`select count(*) from kit.quarantine where topic = 'picking.packages'`),
  )
  expect(row?.count).toBe(1n)
})

test('D4 moves name the packages in which goods were shipped, once they are shipped', async () => {
  const delivery = { documentId: randomUUID(), number: 'WH/OUT/00043' }
  const contents = [goods(1, 'PX', '4'), goods(2, 'LOT', '2', 'L1'), goods(2, 'LOT', '1', 'L2', 3)]
  const [first, second] = [packed({ delivery, lines: contents }), packed({ delivery, lines: [goods(1, 'PX', '6')] })]
  const other = packed({ delivery, status: 'cancelled', lines: [] })
  for (const one of [first, second].map((each) => ({ ...each, status: 'closed' as const }))) {
    await tell(one)
    await known(one)
  }
  await tell(other)
  const category = 'Goods'
  const lines = [
    { line: 1, documentLine: 1, sku: 'PX', quantity: '10', location: bin, category },
    { line: 2, documentLine: 2, sku: 'LOT', lot: 'L1', quantity: '2', location: bin, category },
    { line: 3, documentLine: 2, sku: 'LOT', lot: 'L2', quantity: '1', location: bin, category },
  ]
  const posted = { ...delivery, warehouse: 'WH', attempt: 1, lines }
  await stock.publish('picking.deliveries', 'picking.delivery-validated.v1', delivery.documentId, posted)
  const moves = async (): Promise<string[]> => {
    const page = await stock.manager.get<{ items: { line: number; lot: string | null; packages: string[] }[] }>(
      '/v1/moves?document=WH/OUT/00043',
    )
    return page.body.items.map(({ line, lot, packages }) => `${String(line)} ${lot ?? '-'} ${packages.join(' ')}`)
  }
  await until('it is posted', async () => (await moves()).length === 3)
  expect(await moves()).toEqual(['1 - ', '2 L1 ', '3 L2 '])
  for (const one of [first, second].map((each) => ({ ...each, status: 'shipped' as const }))) {
    await tell(one)
    await known(one)
  }
  expect(await moves()).toEqual([`1 - ${first.sscc} ${second.sscc}`, `2 L1 ${first.sscc}`, `3 L2 ${first.sscc}`])
  const others = await stock.manager.get<{ items: { packages: string[] }[] }>('/v1/moves?to=WH')
  expect(others.body.items.map(({ packages }) => packages)).toEqual([[], [], []])
  expect(await violatedBy(stock.service.db, invariants, [])).toEqual([])
})

test('after stock fell back it reads again what it was told', async () => {
  const one = packed()
  await tell(one)
  await known(one)
  await stock.stop()
  await keepCopy(databases)
  stock = await openStock(databases)
  const [closed, lost] = [{ ...one, status: 'closed' as const }, packed()]
  await tell(closed)
  await tell(lost)
  await known(closed)
  await known(lost)
  await stock.stop()
  await fallBack(databases)
  stock = await openStock(databases)
  await known(closed)
  await known(lost)
}, 60_000)
