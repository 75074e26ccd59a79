/** Transfers by event, on a running service: what sets out, waits and arrives, and who sees what is on its way. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import type { Recall } from '../src/lots/lot.recall.api.ts'
import { people, product, type RunningStock, runStock } from './running.ts'

let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
  await stock.made('/v1/warehouses', { code: 'W2', name: 'Second' })
  for (const code of ['W2/Stock', 'WH/Shop']) await stock.made('/v1/locations', { code })
  for (const sku of ['TA', 'TB', 'TC', 'TD']) await stock.made('/v1/products', product(sku))
  for (const sku of ['TL', 'TR']) await stock.made('/v1/products', product(sku, { tracking: 'lot' }))
  await stock.made('/v1/products', product('TS', { tracking: 'serial', unit: 'unit' }))
}, 60_000)
afterAll(async () => {
  for (const { name, statement } of invariants)
    expect([name, await stock.service.db.query(statement)]).toEqual([name, []])
  await stock.stop()
})

type Lines = readonly (readonly [sku: string, quantity: string, lot?: string])[]
const linesOf = (lines: Lines) =>
  lines.map(([sku, quantity, lot], index) => ({
    line: index + 1,
    sku,
    quantity,
    category: 'Goods',
    ...(lot === undefined ? {} : { lot }),
  }))

let count = 0
function document() {
  count++
  return { documentId: randomUUID(), number: `WH/INT/${String(count).padStart(5, '0')}`, warehouse: 'WH' }
}
type Document = ReturnType<typeof document>

async function receive(location: string, lines: Lines): Promise<string> {
  const receipt = { ...document(), number: `WH/IN/${String(count)}` }
  await stock.publish('picking.receipts', 'picking.receipt-validated.v1', receipt.documentId, {
    ...receipt,
    attempt: 1,
    lines: linesOf(lines).map((one) => ({
      ...one,
      documentLine: one.line,
      destination: location,
      entered: { quantity: one.quantity, unit: 'kg' },
    })),
  })
  return receipt.documentId
}

async function received(location: string, lines: Lines): Promise<void> {
  await posted(await receive(location, lines), 1)
}

const confirm = (one: Document, lines: Lines, more: object = {}) =>
  stock.publish('picking.transfers', 'picking.transfer-confirmed.v1', one.documentId, {
    ...one,
    ...{ revision: 1, attempt: 1, priority: 5, orderedAt: '2026-04-20T08:00:00Z', scheduledDate: '2026-04-23' },
    ...{ source: 'WH/Stock', destination: 'WH/Shop', lines: linesOf(lines), ...more },
  })

const validate = (one: Document, attempt: number, lines: Lines, to: object = { to: 'WH/Shop' }) =>
  stock.publish('picking.transfers', 'picking.transfer-validated.v1', one.documentId, {
    ...one,
    attempt,
    lines: linesOf(lines).map((line) => ({ ...line, documentLine: line.line, ...to })),
  })

interface Posted {
  readonly documentId: string
  readonly attempt: number
  readonly kind: string
  readonly lines: readonly {
    readonly quantity: string
    readonly lot: string | null
    readonly from: { location: string }
    readonly to: { location: string }
  }[]
}

/** The attempt as it was posted; its moves in short. */
async function posted(documentId: string, attempt: number): Promise<readonly string[]> {
  const all = async () =>
    (await stock.said<Posted>('stock.document-posted.v1', 'DEMO')).find(
      (one) => one.documentId === documentId && one.attempt === attempt,
    )
  await until(`${documentId} is posted`, async () => (await all()) !== undefined)
  return ((await all())?.lines ?? []).map(({ quantity, from, to }) => `${quantity} ${from.location} ${to.location}`)
}

async function items(path: string, as = stock.manager): Promise<readonly Record<string, unknown>[]> {
  return (await as.send<{ items: Record<string, unknown>[] }>('GET', path, {})).body.items
}

describe('T2', () => {
  test('what sets out is in transit, seen at its place and as incoming, arrives in part, and what is lost is gone', async () => {
    await received('WH/Stock/A1-03', [['TA', '100']])
    const one = document()
    await confirm(one, [['TA', '50']], { destination: 'W2/Stock' })
    expect(await posted(one.documentId, 1)).toEqual(['50 WH/Stock/A1-03 Virtual/Transit/W2'])
    expect(await items('/v1/quants?sku=TA')).toMatchObject([
      { location: 'Virtual/Transit/W2', onHand: '50', available: '0' },
      { location: 'WH/Stock/A1-03', onHand: '50', available: '50' },
    ])
    expect(await items('/v1/incoming?sku=TA&location=W2')).toMatchObject([
      {
        sku: 'TA',
        location: 'W2/Stock',
        quantity: '50',
        unit: 'kg',
        document: one.number,
        kind: 'transfer',
        expectedOn: '2026-04-23',
      },
    ])
    await validate(one, 2, [['TA', '30']], { to: 'W2/Stock' })
    expect(await posted(one.documentId, 2)).toEqual(['30 Virtual/Transit/W2 W2/Stock'])
    await validate(one, 3, [['TA', '21']], { to: 'W2/Stock' })
    await until(
      'too much is refused',
      async () => (await stock.said('stock.document-refused.v1', one.documentId)).length === 1,
    )
    expect(await stock.said('stock.document-refused.v1', one.documentId)).toMatchObject([
      { kind: 'transfer', attempt: 3, about: 'posting', code: 'not-in-transit' },
    ])
    await validate(one, 4, [['TA', '20']], { reason: 'Fell off the truck' })
    expect(await posted(one.documentId, 4)).toEqual(['20 Virtual/Transit/W2 Virtual/Loss'])
    expect(await items('/v1/incoming?sku=TA')).toEqual([])
    expect(await items('/v1/quants?sku=TA')).toMatchObject([
      { location: 'W2/Stock', onHand: '30' },
      { location: 'WH/Stock/A1-03', onHand: '50' },
    ])
  })

  test('who is assigned to a warehouse sees what is on its way there, and nobody else', async () => {
    await received('WH/Stock/A1-03', [['TB', '5']])
    const one = document()
    await confirm(one, [['TB', '5']], { destination: 'W2/Stock' })
    await posted(one.documentId, 1)
    const seen = async (location: string) => {
      const assigned = await stock.manager.send<{ version: number }>('GET', `/v1/users/${people.user}`, {})
      await stock.manager.send('PUT', `/v1/users/${people.user}/locations`, {
        body: { locations: [location] },
        version: assigned.body.version,
      })
      const [quants, incoming] = [
        await items('/v1/quants?sku=TB', stock.user),
        await items('/v1/incoming?sku=TB', stock.user),
      ]
      return [quants.map((each) => each['location']), incoming.map((each) => each['location'])]
    }
    expect(await seen('W2')).toEqual([['Virtual/Transit/W2'], ['W2/Stock']])
    expect(await seen('WH')).toEqual([[], []])
  })

  test('with too little there it waits, holds nothing, and sets out in the name of who confirmed it; a cancelled one does not', async () => {
    const [one, two] = [document(), document()]
    await confirm(two, [['TC', '1']])
    await received('WH/Input', [['TC', '7']])
    await confirm(one, [['TC', '4']])
    const waits = () => stock.said<{ complete: boolean }>('stock.stock-reserved.v1', one.documentId)
    await until('it waits', async () => (await waits()).length === 1)
    expect(await waits()).toMatchObject([
      { revision: 1, complete: false, lines: [{ line: 1, sku: 'TC', quantity: '4', picks: [] }] },
    ])
    const outOfReach = [{ quantity: '7', why: 'outside-source', location: 'WH/Input' }]
    expect(await waits()).toMatchObject([
      { shortages: [{ sku: 'TC', missing: '4', available: '0', outOfReach, more: 0 }] },
    ])
    await stock.publish('picking.transfers', 'picking.transfer-cancelled.v1', two.documentId, {
      ...two,
      revision: 1,
      reason: 'not needed',
    })
    await until('the other has ended', async () => {
      const rows = await stock.service.db.query(
        sql(`select from transfers where document_id = $1 and status = 'ended'`),
        [two.documentId],
      )
      return rows.length === 1
    })
    await received('WH/Stock/B2-01', [['TC', '3']])
    await received('WH/Stock/A1-03', [['TC', '2']])
    expect(await posted(one.documentId, 1)).toEqual([
      '2 WH/Stock/A1-03 Virtual/Transit/WH',
      '2 WH/Stock/B2-01 Virtual/Transit/WH',
    ])
  })

  test('many at once: as much sets out as there is, and each attempt is posted once', async () => {
    await received('WH/Stock/A1-03', [['TD', '10']])
    const all = Array.from({ length: 16 }, document)
    await Promise.all([...all, ...all].map((one) => confirm(one, [['TD', '1']])))
    const sent = () =>
      stock.service.db.query(sql(`select number from transfers where status = 'sent' and number = any($1)`), [
        all.map(({ number }) => number),
      ])
    await until('all are answered', async () => (await sent()).length === 10)
    const gone = new Set((await sent()).map((row) => (row as { number: string }).number))
    await Promise.all(
      all
        .filter(({ number }) => gone.has(number))
        .flatMap((one) => [validate(one, 2, [['TD', '1']]), validate(one, 3, [['TD', '1']])]),
    )
    await until('all have arrived', async () => (await items('/v1/incoming?sku=TD')).length === 0)
    expect(await items('/v1/quants?sku=TD')).toMatchObject([{ location: 'WH/Shop', onHand: '10' }])
  })

  test('a lot keeps its name and its expiry; bin to bin is one step', async () => {
    await received('WH/Input', [['TL', '5', 'L1']])
    const one = document()
    await validate(one, 1, [['TL', '2', 'L1']], { from: 'WH/Input', to: 'WH/Stock/A1-03' })
    expect(await posted(one.documentId, 1)).toEqual(['2 WH/Input WH/Stock/A1-03'])
    expect(await items('/v1/quants?sku=TL')).toMatchObject([
      { location: 'WH/Input', lot: 'L1', onHand: '3' },
      { location: 'WH/Stock/A1-03', lot: 'L1', onHand: '2' },
    ])
  })
})

describe('X3', () => {
  const isNow = (status: string, one: Document) =>
    until(`it is ${status}`, async () => {
      const text = 'select from transfers where document_id = $1 and status = $2'
      return (await stock.service.db.query(sql(text), [one.documentId, status])).length === 1
    })

  test('a recall lists transfers that have something of the lot in transit, or wait for it by name, to those who see an end of them', async () => {
    await received('WH/Stock/A1-03', [['TR', '5', 'R1'], ['TR', '1', 'R2']]) // prettier-ignore
    const [sent, waiting, anyLot, other] = [document(), document(), document(), document()]
    await confirm(sent, [['TR', '2', 'R1']], { destination: 'W2/Stock' })
    await confirm(waiting, [['TR', '4', 'R1'], ['TR', '5', 'R1']]) // prettier-ignore
    await confirm(anyLot, [['TR', '99']])
    await confirm(other, [['TR', '9', 'R2']])
    for (const one of [waiting, anyLot, other]) await isNow('waiting', one)
    await posted(sent.documentId, 1)
    const [lot] = await items('/v1/lots?sku=TR&code=R1')
    const recalled = async (as = stock.manager) => (await as.get<Recall>(`/v1/lots/${String(lot?.['id'])}/recall`)).body
    const onItsWay = { kind: 'transfer', documentId: sent.documentId, number: sent.number, lot: 'R1', location: 'Virtual/Transit/W2', quantity: '2', why: 'in-transit' } // prettier-ignore
    const wanted = { kind: 'transfer', documentId: waiting.documentId, number: waiting.number, lot: 'R1', location: null, quantity: '9', why: 'asked-for' } // prettier-ignore
    expect((await recalled()).openDocuments).toEqual([onItsWay, wanted])
    expect(await recalled(stock.supervisor)).toMatchObject({ openDocuments: [], elsewhere: true })
    const assign = (locations: string[]) =>
      stock.manager.send('PUT', `/v1/users/${people.supervisor}/locations`, { body: { locations } })
    await assign(['W2'])
    expect(await recalled(stock.supervisor)).toMatchObject({ openDocuments: [onItsWay], elsewhere: true })
    await assign([])
    await validate(sent, 2, [['TR', '2', 'R1']], { to: 'W2/Stock' })
    await posted(sent.documentId, 2)
    expect((await recalled()).openDocuments).toEqual([wanted])
    const { body: table } = await stock.manager.get<string>(`/v1/lots/${String(lot?.['id'])}/recall`, { headers: { accept: 'text/csv' } }) // prettier-ignore
    expect(table).toContain(`open,TR,R1,${waiting.number},,,,,,,asked-for,9,kg,\r\n`)
    for (const one of [waiting, anyLot, other]) {
      await stock.publish('picking.transfers', 'picking.transfer-cancelled.v1', one.documentId, { ...one, revision: 1, reason: 'not needed' }) // prettier-ignore
      await isNow('ended', one)
    }
    expect((await recalled()).openDocuments).toEqual([])
  })

  test('a serial number in receipts and in a transfer at once is in one place only', async () => {
    const codes = Array.from({ length: 8 }, (_, index) => `S${String(index)}`)
    const old = codes.slice(0, 4)
    await Promise.all(old.map((code) => received('WH/Stock/A1-03', [['TS', '1', code]])))
    const fate = async (id: string) => {
      const [refused] = await stock.said<{ code: string }>('stock.document-refused.v1', id)
      if (refused !== undefined) return refused.code
      const all = await stock.said<Posted>('stock.document-posted.v1', 'DEMO')
      return all.some(({ documentId }) => documentId === id) ? 'posted' : undefined
    }
    const fates = (ids: readonly string[]) =>
      until('all are answered', async () => {
        const all = await Promise.all(ids.map(fate))
        return all.every((one) => one !== undefined) && all
      })
    const places = async () => {
      const all = await items('/v1/quants?sku=TS&limit=200')
      const there = all.filter(({ onHand }) => onHand !== '0')
      return there.map(({ lot, location, onHand }) => [lot, location, onHand].map(String)).sort()
    }
    const pieces = await Promise.all(
      codes.map(async (code) => {
        const one = document()
        const lines: Lines = [['TS', '1', code]]
        const [first, , second] = await Promise.all([
          receive('WH/Input', lines),
          confirm(one, lines, { source: 'WH' }),
          receive('WH/Stock/B2-01', lines),
        ])
        return { code, one, receipts: [first, second] }
      }),
    )
    const answered = await Promise.all(
      pieces.map(async (piece) => {
        const [transfer, ...receipts] = await fates([piece.one.documentId, ...piece.receipts])
        return { ...piece, sent: transfer === 'posted', fates: receipts.sort() }
      }),
    )
    for (const { code, sent, fates: of } of answered)
      if (old.includes(code)) expect([sent, ...of]).toEqual([true, 'serial-on-hand', 'serial-on-hand'])
      else expect(of).toEqual(['posted', 'serial-on-hand'])
    const inOnePlace = async (whereSent: string) =>
      expect(await places()).toEqual(
        answered.map(({ code, sent }) => [code, sent ? whereSent : expect.stringMatching(/^WH\/(Input|Stock\/B2-01)$/), '1']), // prettier-ignore
      )
    await inOnePlace('Virtual/Transit/WH')
    const sent = answered.filter((one) => one.sent)
    const again = await Promise.all(
      sent.map(async ({ code, one }) => {
        const lines: Lines = [['TS', '1', code]]
        return (await Promise.all([receive('WH/Shop', lines), validate(one, 2, lines)]))[0]
      }),
    )
    expect(new Set(await fates(again))).toEqual(new Set(['serial-on-hand']))
    for (const { one } of sent) expect(await posted(one.documentId, 2)).toEqual(['1 Virtual/Transit/WH WH/Shop'])
    await inOnePlace('WH/Shop')
  })
})
