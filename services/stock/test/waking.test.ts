/** Whatever makes stock available wakes who waits for it: a delivery, and a transfer, which may take from more places. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { people, product, type Body, type RunningStock, runStock } from './running.ts'

let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
  await stock.made('/v1/locations', { code: 'WH/Shop' })
  await stock.made('/v1/locations', { code: 'WH/Dock', reservable: false })
  await stock.manager.send('PUT', `/v1/users/${people.supervisor}/locations`, { body: { locations: ['WH'] } })
}, 60_000)
afterAll(async () => {
  for (const { name, statement } of invariants)
    expect({ name, rows: await stock.service.db.query(statement) }).toEqual({ name, rows: [] })
  await stock.stop()
})

const bin = 'WH/Stock/A1-03'
const [orderedAt, category] = ['2026-04-20T08:00:00Z', 'Goods']
let count = 0
const named = (series: string) => {
  count += 1
  return { documentId: randomUUID(), number: `WH/${series}/${String(count).padStart(5, '0')}`, warehouse: 'WH' }
}
type Document = ReturnType<typeof named>

const tells = (of: 'deliveries' | 'transfers' | 'receipts', what: string, one: Document, data: object) =>
  stock.publish(`picking.${of}`, `picking.${what}.v1`, one.documentId, { ...one, ...data })
const goods = (sku: string, quantity: string, more: object = {}) => [{ line: 1, documentLine: 1, sku, quantity, category, ...more }] // prettier-ignore
const demand = (sku: string, quantity: string, more: object = {}) => ({
  ...{ revision: 1, priority: 5, orderedAt, allowPartial: false, lines: [{ line: 1, sku, quantity }], ...more },
})
const transferOf = (sku: string, quantity: string, more: object = {}, lot: object = {}) => ({
  ...{ revision: 1, attempt: 1, priority: 5, orderedAt, source: 'WH', destination: 'WH/Shop' },
  ...{ lines: [{ line: 1, sku, quantity, category, ...lot }], ...more },
})
const isTrue = (what: string, statement: string, ...values: unknown[]) =>
  until(what, async () => (await stock.service.db.query(sql(statement), values)).length > 0)
const isPosted = ({ documentId }: Document, attempt: number) =>
  isTrue('it is posted', 'select from postings where document_id = $1 and attempt = $2', documentId, attempt)
const hasReserved = ({ documentId }: Document) =>
  isTrue('it is reserved', 'select from reservations where document_id = $1', documentId)

async function receive(sku: string, quantity: string, location: string, more: object = {}): Promise<void> {
  const one = named('IN')
  const lines = goods(sku, quantity, { destination: location, entered: { quantity, unit: 'kg' }, ...more })
  await tells('receipts', 'receipt-validated', one, { attempt: 1, lines })
  await isPosted(one, 1)
}

/** A delivery that has all of it. */
async function holder(sku: string, quantity: string, more: object = {}): Promise<Document> {
  const one = named('OUT')
  await tells('deliveries', 'delivery-confirmed', one, demand(sku, quantity, more))
  await hasReserved(one)
  return one
}

async function relocate(sku: string, quantity: string, from: string, to: string): Promise<void> {
  const one = named('INT')
  await tells('transfers', 'transfer-validated', one, { attempt: 1, lines: goods(sku, quantity, { from, to }) })
  await isPosted(one, 1)
}

async function lotIs(sku: string, code: string) {
  const { body } = await stock.manager.get<Body>(`/v1/lots?sku=${sku}&code=${code}`)
  return body.items[0] as unknown as { readonly id: string; readonly version: number }
}
const ok = async (reply: Promise<{ readonly status: number; readonly body: unknown }>): Promise<void> => {
  const { status, body } = await reply
  if (status >= 300) throw new Error(`${String(status)}: ${JSON.stringify(body)}`)
}
const asSupervisor = (method: string, path: string, body: object, version?: number) =>
  ok(stock.supervisor.send(method, path, version === undefined ? { body } : { body, version }))
const status = (sku: string, from: string, to: string) =>
  asSupervisor('POST', '/v1/status-changes', { reason: 'damage', lines: [{ sku, location: bin, quantity: '4', from, to }] }) // prettier-ignore
async function unlock(code: string, reservable: boolean): Promise<void> {
  const { body } = await stock.manager.get<Body>(`/v1/locations?code=${code}`)
  const [one] = body.items as unknown as [{ id: string; version: number }]
  await ok(stock.patch(`/v1/locations/${one.id}`, { reservable }, one.version))
}

interface Case {
  readonly name: string
  /** Makes that there are less than 4 to be had, and gives back what makes that there are 4. */
  readonly stage: (sku: string) => Promise<() => Promise<unknown>>
  readonly tracking?: 'lot' | 'none'
  /** The lot that who waits names. */
  readonly lot?: string
  /** Who is woken; both, if it does not say. */
  readonly who?: 'delivery' | 'transfer'
}

/** With 4 at a bin and a delivery that has them. */
const withHolder =
  (wake: (one: Document, sku: string) => Promise<unknown>, more: object = {}): Case['stage'] =>
  async (sku) => {
    await receive(sku, '4', bin)
    const one = await holder(sku, '4', more)
    return () => wake(one, sku)
  }
/** With 4 of lot L at a place, and the lot is held. */
const withHeldLot =
  (location: string): Case['stage'] =>
  async (sku) => {
    await receive(sku, '4', location, { lot: 'L' })
    const { id } = await lotIs(sku, 'L')
    await asSupervisor('POST', `/v1/lots/${id}/hold`, { reason: 'dirt' })
    return () => asSupervisor('POST', `/v1/lots/${id}/release`, { reason: 'clean' })
  }
const withExpired =
  (location: string): Case['stage'] =>
  async (sku) => {
    await receive(sku, '4', location, { lot: 'L', expiresOn: '2020-01-01' })
    const { id, version } = await lotIs(sku, 'L')
    return () => asSupervisor('PATCH', `/v1/lots/${id}`, { expiresOn: '2999-01-01' }, version)
  }

const cases: readonly Case[] = [
  { name: 'a receipt', stage: (sku) => Promise.resolve(() => receive(sku, '4', bin)) },
  {
    name: 'a receipt of the rest',
    stage: async (sku) => {
      await receive(sku, '3', 'WH/Stock/B2-01')
      return () => receive(sku, '1', bin)
    },
  },
  { name: 'a receipt at a dock', stage: (sku) => Promise.resolve(() => receive(sku, '4', 'WH/Dock')), who: 'transfer' },
  {
    name: 'a relocation out of its destination',
    stage: async (sku) => {
      await receive(sku, '4', 'WH/Shop')
      return () => relocate(sku, '4', 'WH/Shop', bin)
    },
    who: 'transfer',
  },
  {
    name: 'a relocation from a dock',
    stage: async (sku) => {
      await receive(sku, '4', 'WH/Dock')
      return () => relocate(sku, '4', 'WH/Dock', bin)
    },
    who: 'delivery',
  },
  {
    name: 'a transfer that is received, or comes back',
    stage: async (sku) => {
      await receive(sku, '4', bin)
      const one = named('INT')
      await tells('transfers', 'transfer-confirmed', one, transferOf(sku, '4'))
      await isPosted(one, 1)
      return () => tells('transfers', 'transfer-validated', one, { attempt: 2, lines: goods(sku, '4', { to: bin }) })
    },
  },
  {
    name: 'a delivery that is cancelled',
    stage: withHolder((one) => tells('deliveries', 'delivery-cancelled', one, { revision: 1, reason: 'x' })),
  },
  {
    name: 'a delivery that is amended to less',
    stage: withHolder(async (one, sku) => {
      await receive(sku, '3', bin)
      await tells('deliveries', 'delivery-amended', one, demand(sku, '3', { revision: 2 }))
    }),
  },
  {
    name: 'a delivery that ships less than it had',
    stage: withHolder(async (one, sku) => {
      await receive(sku, '3', bin)
      await tells('deliveries', 'delivery-validated', one, { attempt: 1, lines: goods(sku, '1', { location: bin }) })
    }),
  },
  {
    name: 'a person who releases',
    stage: withHolder(({ documentId }) =>
      asSupervisor('POST', `/v1/reservations/${documentId}/release`, { reason: 'unpaid' }),
    ),
  },
  {
    name: 'a reservation that expires',
    // Days go by.
    stage: withHolder(
      ({ documentId }) =>
        stock.service.db.query(sql(`update needs set reserve_until = '2026-04-19' where document_id = $1`), [documentId]), // prettier-ignore
      { reserveUntil: '9999-12-31' },
    ),
  },
  {
    name: 'a delivery that is cancelled, of what it had where none may reserve any more',
    stage: async (sku) => {
      const { code } = (await stock.made('/v1/locations', { code: `WH/Stock/${sku}` })) as unknown as { code: string }
      await receive(sku, '4', code)
      const one = await holder(sku, '4')
      await unlock(code, false)
      return () => tells('deliveries', 'delivery-cancelled', one, { revision: 1, reason: 'x' })
    },
    who: 'transfer',
  },
  {
    name: 'a place where one may reserve again',
    stage: async (sku) => {
      const { code } = (await stock.made('/v1/locations', { code: `WH/Stock/${sku}`, reservable: false })) as unknown as { code: string } // prettier-ignore
      await receive(sku, '4', code)
      return () => unlock(code, true)
    },
    who: 'delivery',
  },
  {
    name: 'a status that is available again',
    stage: async (sku) => {
      await receive(sku, '4', bin)
      await status(sku, 'available', 'quarantine')
      return () => status(sku, 'quarantine', 'available')
    },
  },
  { name: 'a lot that is released', stage: withHeldLot(bin), tracking: 'lot' },
  { name: 'a lot at a dock that is released', stage: withHeldLot('WH/Dock'), tracking: 'lot', who: 'transfer' },
  { name: 'a lot that expires later than was thought', stage: withExpired(bin), tracking: 'lot' },
  { name: 'one at a dock', stage: withExpired('WH/Dock'), tracking: 'lot', who: 'transfer' },
  {
    name: 'a lot that it names and that is held, which takes it from a delivery',
    stage: async (sku) => {
      await receive(sku, '4', bin, { lot: 'L' })
      await holder(sku, '4', { allowPartial: true })
      const { id } = await lotIs(sku, 'L')
      return () => asSupervisor('POST', `/v1/lots/${id}/hold`, { reason: 'dirt' })
    },
    ...{ tracking: 'lot', lot: 'L', who: 'transfer' },
  },
  {
    name: 'goods that get the lot that it names',
    stage: async (sku) => {
      for (const lot of ['L', 'M']) await receive(sku, '2', bin, { lot })
      const [into, from] = [await lotIs(sku, 'L'), await lotIs(sku, 'M')]
      return () => asSupervisor('POST', `/v1/lots/${from.id}/merge`, { into: into.id, reason: 'one pallet' })
    },
    ...{ tracking: 'lot', lot: 'L' },
  },
]

/** Waits for 4 of a product of its own, and is woken. */
async function wakes(who: 'delivery' | 'transfer', { stage, tracking = 'none', lot }: Case): Promise<void> {
  const sku = `W${String((count += 1))}`
  await stock.made('/v1/products', product(sku, { tracking }))
  const wake = await stage(sku)
  const waiting = named(who === 'delivery' ? 'OUT' : 'INT')
  const ofLot = lot === undefined ? {} : { lot }
  if (who === 'delivery') {
    const lines = [{ line: 1, sku, quantity: '4', ...ofLot }]
    await tells('deliveries', 'delivery-confirmed', waiting, demand(sku, '4', { lines }))
    await isTrue('it waits', 'select from waits where document_id = $1', waiting.documentId)
  } else {
    await tells('transfers', 'transfer-confirmed', waiting, transferOf(sku, '4', {}, ofLot))
    await isTrue('it waits', 'select from transfer_waits where document_id = $1', waiting.documentId)
  }
  await wake()
  await (who === 'delivery' ? hasReserved(waiting) : isPosted(waiting, 1))
}

// All at once: each has a product of its own.
test.each(['delivery', 'transfer'] as const)('T2 D5: a %s that waits is woken by all of these', async (who) => {
  const own = cases.filter((one) => one.who === undefined || one.who === who)
  const came = await Promise.all(
    own.map((one) =>
      wakes(who, one).then(
        () => `${one.name}: woken`,
        (error: unknown) => `${one.name}: ${String(error)}`,
      ),
    ),
  )
  expect(came).toEqual(own.map(({ name }) => `${name}: woken`))
})
