/** Row X3: a serial number is in one place at most, in all documents together, whatever comes at once. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { adjusting, line } from './adjusting.ts'
import { people, product, type RunningStock, runStock } from './running.ts'

let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
  for (const code of ['WH/Stock/A', 'WH/Shop']) await stock.made('/v1/locations', { code })
  await stock.made('/v1/products', product('SN', { tracking: 'serial', unit: 'unit' }))
  for (const person of ['user', 'supervisor'] as const)
    await stock.manager.send('PUT', `/v1/users/${people[person]}/locations`, { body: { locations: ['WH'] } })
}, 60_000)
afterAll(async () => {
  for (const { name, statement } of invariants)
    expect([name, await stock.service.db.query(statement)]).toEqual([name, []])
  await stock.stop()
})
const { submitted, step } = adjusting(() => stock)

let count = 0
/** What came of a try: `posted`, or why not. */
type Try = (serial: string) => Promise<string>

const outcome = sql('select position, refused_detail as detail from postings where document_id = $1 and attempt = $2')
async function answered(documentId: string, attempt = 1): Promise<string> {
  const row = await until('the ledger answers', async () => {
    const [one] = await stock.service.db.query<{ position: bigint | null; detail: string | null }>(outcome, [documentId, attempt]) // prettier-ignore
    return one ?? false
  })
  return row.position === null ? (row.detail ?? '') : 'posted'
}

/** Sends a document to the ledger as picking does. */
async function sent(what: 'receipt' | 'delivery' | 'transfer', serial: string, of: object, more: object = {}) {
  count++
  const document = { documentId: randomUUID(), number: `WH/${what}/${String(count)}`, warehouse: 'WH', attempt: 1, ...more } // prettier-ignore
  const many = { receipt: 'receipts', delivery: 'deliveries', transfer: 'transfers' }[what]
  const one = { line: 1, documentLine: 1, sku: 'SN', quantity: '1', entered: { quantity: '1', unit: 'unit' }, category: 'Goods', lot: serial, ...of } // prettier-ignore
  await stock.publish(`picking.${many}`, `picking.${what}-validated.v1`, document.documentId, { ...document, lines: [one] }) // prettier-ignore
  return document
}

const receipt: Try = async (serial) => answered((await sent('receipt', serial, { destination: 'WH/Stock' })).documentId)
const delivery: Try = async (serial) => answered((await sent('delivery', serial, { location: 'WH/Stock' })).documentId)
const relocation: Try = async (serial) =>
  answered((await sent('transfer', serial, { from: 'WH/Stock', to: 'WH/Stock/A' })).documentId)
const opening: Try = async (lot) => {
  const lines = [{ sku: 'SN', location: 'WH/Stock', lot, quantity: '1', unitCost: '1' }]
  const { status, body } = await stock.post('/v1/opening-stock', { lines })
  return status === 201 ? 'posted' : JSON.stringify(body)
}
/** Counted before, and approved by somebody else when all the others come. */
async function found(lot: string): Promise<Try> {
  const counted = await submitted([line('SN', '1', { lot })])
  return async () => {
    const { body } = await step(counted, 'approve', stock.supervisor)
    return body.status === 'posted' ? 'posted' : JSON.stringify(body)
  }
}

/** It sets out, and is in transit. The arrival comes when it is called. */
async function onItsWay(lot: string): Promise<Try> {
  const one = { documentId: randomUUID(), number: `WH/INT/${String(++count)}`, warehouse: 'WH', attempt: 1 }
  await stock.publish('picking.transfers', 'picking.transfer-confirmed.v1', one.documentId, {
    ...{ ...one, revision: 1, priority: 5, orderedAt: '2026-04-20T08:00:00Z', source: 'WH/Stock', destination: 'WH/Shop' }, // prettier-ignore
    lines: [{ line: 1, sku: 'SN', quantity: '1', lot, category: 'Goods' }],
  })
  expect(await answered(one.documentId)).toBe('posted')
  return async () => {
    await stock.publish('picking.transfers', 'picking.transfer-validated.v1', one.documentId, {
      ...{ ...one, attempt: 2 },
      lines: [{ line: 1, documentLine: 1, sku: 'SN', quantity: '1', lot, category: 'Goods', to: 'WH/Shop' }],
    })
    return answered(one.documentId, 2)
  }
}

const places = sql(
  `select l.code from quants q join lots t on t.id = q.lot_id join locations l on l.id = q.location_id
   where t.code = $1 and q.quantity_on_hand <> 0 and q.internal`,
)
/** Where it is, by the ledger's balances. */
const at = async (serial: string) =>
  (await stock.service.db.query<{ code: string }>(places, [serial])).map(({ code }) => code)
const again = /in stock already/

/** Everybody at once: who wins, and what the others are told. */
async function atOnce(serial: string, tries: readonly Try[]) {
  const came = await Promise.all(tries.map((one) => one(serial)))
  return { posted: came.filter((one) => one === 'posted').length, told: came.filter((one) => one !== 'posted') }
}
const times = (n: number, one: Try) => Array.from({ length: n }, () => one)
const rounds = [1, 2, 3]

test.each<[string, (serial: string) => Promise<readonly Try[]> | readonly Try[]]>([
  ['receipts', () => times(8, receipt)],
  ['receipts and opening stock', () => [...times(4, opening), ...times(4, receipt)]],
  ['receipts and adjustments', async (serial) => [await found(serial), ...times(3, receipt), await found(serial), receipt]], // prettier-ignore
  ['all of them', async (serial) => [receipt, opening, await found(serial), opening, receipt, await found(serial)]],
])('that comes by %s at once is taken once, and the others are told that it is there', async (name, prepared) => {
  for (const round of rounds) {
    const serial = `S-${name.replaceAll(' ', '-')}-${String(round)}`
    const tries = await prepared(serial)
    const { posted, told } = await atOnce(serial, tries)
    expect({ posted, told }).toEqual({ posted: 1, told: times(tries.length - 1, receipt).map(() => expect.stringMatching(again)) }) // prettier-ignore
    expect(await at(serial)).toEqual(['WH/Stock'])
  }
})

test('that is in transit comes by nothing else, and arrives', async () => {
  for (const round of rounds) {
    const serial = `S-transit-${String(round)}`
    expect(await receipt(serial)).toBe('posted')
    const arrives = await onItsWay(serial)
    expect(await at(serial)).toEqual(['Virtual/Transit/WH'])
    const counted = await found(serial)
    const { posted, told } = await atOnce(serial, [receipt, opening, counted, arrives, receipt, opening])
    expect({ posted, told }).toEqual({ posted: 1, told: Array.from({ length: 5 }, () => expect.stringMatching(again)) })
    expect(await at(serial)).toEqual(['WH/Shop'])
  }
})

test('that is shipped while it comes again, and is moved meanwhile, is in one place or in none', async () => {
  for (const round of rounds) {
    const serial = `S-shipped-${String(round)}`
    expect(await receipt(serial)).toBe('posted')
    const tries = [receipt, delivery, relocation, receipt, delivery, opening, relocation]
    const came = await Promise.all(tries.map((one) => one(serial)))
    const won = (of: readonly Try[]) =>
      came.filter((one, index) => one === 'posted' && of.includes(tries[index]!)).length
    // What came in less what went out, from the first receipt on.
    const there = 1 + won([receipt, opening]) - won([delivery])
    expect([0, 1]).toContain(there)
    expect(await at(serial)).toHaveLength(there)
    for (const text of came) expect(text).toMatch(/posted|in stock already|are wanted|is wanted|wanted, .* there/)
  }
})
