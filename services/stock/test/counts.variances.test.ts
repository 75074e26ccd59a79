/** Differences of counts become adjustments, over HTTP, on a real PostgreSQL. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { until, type Client } from '@stockline/test-kit'
import { runCounting, type Counting } from './counting.ts'
import { people, pointers, product, type Body, type RunningStock } from './running.ts'

let counting: Counting
let stock: RunningStock

beforeAll(async () => {
  counting = await runCounting()
  stock = counting.stock
})
afterAll(() => stock.stop())

const zone: Counting['zone'] = (goods) => counting.zone(goods)
const make: Counting['make'] = (body) => counting.make(body)
const read: Counting['read'] = (id, as) => counting.read(id, as)
const step: Counting['step'] = (...given) => counting.step(...given)

describe('C3: a difference becomes an adjustment', () => {
  const approve = async (as: Client, id: string) => {
    const { version } = (await stock.manager.get<Body>(`/v1/adjustments/${id}`)).body
    return as.send<Body & { status: string }>('POST', `/v1/adjustments/${id}/approve`, { body: {}, version })
  }
  const onHand = async (sku: string, location: string) => {
    const { items } = (await stock.manager.get<Body>(`/v1/quants?sku=${sku}&location=${location}`)).body
    return items.map((item) => item['onHand'])
  }
  /** What is picked of a product at a place, for a delivery of which that is said. */
  const picked = (documentId: string, location: string, sku: string, quantity: string) =>
    stock.publish('picking.floor', 'picking.floor-changed.v1', documentId, {
      ...{ documentId, number: 'WH/OUT/09999', warehouse: 'WH', kind: 'delivery', at: new Date().toISOString() },
      ...{ picked: quantity === '0' ? [] : [{ location, sku, quantity }], put: [] },
    })
  const put = (documentId: string, moved: readonly object[]) =>
    stock.publish('picking.floor', 'picking.floor-changed.v1', documentId, {
      ...{ documentId, number: 'WH/IN/09999', warehouse: 'WH', kind: 'receipt', at: new Date().toISOString() },
      ...{ picked: [], put: moved },
    })
  const putAt = async (location: string) => {
    const text = 'select sum(put)::float8 as put from floor where location = $1'
    const [row] = await stock.service.db.query<{ put: number | null }>({ name: 'put-at', text }, [location])
    return row?.put
  }
  const heard = (location: string, quantity: string) =>
    until('the floor', async () => {
      const statement = {
        name: 'floor-at',
        text: 'select sum(picked)::float8 as picked from floor where location = $1',
      }
      const [row] = await stock.service.db.query<{ picked: number | null }>(statement, [location])
      return row?.picked === Number(quantity)
    })

  test('that a supervisor who did not count approves; then the sheet is done and stock is right', async () => {
    const here = await zone({ PA: '42', PB: '15' })
    const sheet = await make({ zone: here, assignee: people.user })
    await step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted: '40' }, { line: 2, counted: '17' }] })
    const submitted = (await step(stock.user, sheet, 'submit')).body
    expect(submitted).toMatchObject({ status: 'submitted', adjustments: [expect.any(String)], lines: [{ difference: null }, { difference: null }] })
    const [id = ''] = submitted.adjustments
    const adjustment = (await stock.supervisor.get(`/v1/adjustments/${id}`)).body
    expect(adjustment).toMatchObject({ status: 'submitted', reason: 'count', lines: [{ expected: '42', counted: '40', difference: '-2' }, { expected: '15', counted: '17', difference: '2' }] })
    expect((await approve(stock.user, id)).status).toBe(403)
    expect((await approve(stock.supervisor, id)).body.status).toBe('posted')
    await until('it is done', async () => (await read(sheet.id)).status === 'done')
    expect([await onHand('PA', here), await onHand('PB', here)]).toEqual([['40'], ['17']])
    expect((await read(sheet.id, stock.user)).lines).toMatchObject([{ expected: '42', difference: '-2' }, { expected: '15', difference: '2' }])
    expect((await stock.user.get(`/v1/count-accuracy?zone=${here}`)).body).toMatchObject({ covered: 2, lines: 2, exact: 0, accuracy: '0.00' })
  }) // prettier-ignore

  test('a bin of 42 with 8 on a cart, 34 seen: no difference; one less is one', async () => {
    const here = await zone({ PA: '42' })
    const document = randomUUID()
    await picked(document, here, 'PA', '8')
    await heard(here, '8')
    const sheet = await make({ zone: here, assignee: people.user })
    await step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted: '33' }] })
    expect((await read(sheet.id, stock.supervisor)).lines).toMatchObject([{ expected: '34', difference: '-1' }])
    await step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted: '34' }] })
    await picked(document, here, 'PA', '9')
    await heard(here, '9')
    // It shows no difference, and nobody knows whether the ninth was on the cart when it was looked at.
    expect((await step(stock.user, sheet, 'submit')).body).toMatchObject({
      status: 'in_progress',
      lines: [{ state: 'again' }],
    })
    await picked(document, here, 'PA', '8')
    await heard(here, '8')
    await step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted: '34' }] })
    const done = (await step(stock.user, sheet, 'submit')).body
    expect(done).toMatchObject({ status: 'done', adjustments: [], lines: [{ expected: '34', difference: '0' }] })
    expect(await onHand('PA', here)).toEqual(['42'])
  })

  test('a difference whose place had a pick since it was looked at is asked again, and counts then', async () => {
    const here = await zone({ PA: '42' })
    const sheet = await make({ zone: here, assignee: people.user })
    await step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted: '39' }] })
    await picked(randomUUID(), here, 'PA', '3')
    await heard(here, '3')
    const again = (await step(stock.user, sheet, 'submit')).body
    expect(again).toMatchObject({ status: 'in_progress', adjustments: [], lines: [{ state: 'again', counted: null, why: expect.stringContaining('picked') }] })
    await step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted: '39' }] })
    expect((await step(stock.user, sheet, 'submit')).body).toMatchObject({ status: 'done', lines: [{ difference: '0' }] })
  }) // prettier-ignore

  test('what a receipt has put there as held is expected as held, and what changes of it is asked again', async () => {
    const here = await zone({ PA: '1' })
    const document = randomUUID()
    const held = (quantity: string) => put(document, [{ location: here, sku: 'PA', quantity, status: 'quarantine' }])
    await held('5')
    await until('the floor', async () => (await putAt(here)) === 5)
    const sheet = await make({ zone: here, assignee: people.user })
    const found = { sku: 'PA', location: here, status: 'quarantine', counted: '5' }
    await step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted: '1' }, found] })
    expect((await read(sheet.id, stock.supervisor)).lines).toMatchObject([{ expected: '1', difference: '0' }, { expected: '5', difference: '0' }])
    await held('6')
    await until('the floor', async () => (await putAt(here)) === 6)
    expect((await step(stock.user, sheet, 'submit')).body).toMatchObject({ status: 'in_progress', adjustments: [], lines: [{ state: 'counted' }, { state: 'again', counted: null }] })
    await step(stock.user, sheet, 'lines', { lines: [{ line: 2, counted: '6' }] })
    expect((await step(stock.user, sheet, 'submit')).body).toMatchObject({ status: 'done', adjustments: [] })
  }) // prettier-ignore

  test('what was put there as it was counted is waited for, by sheets without number, and nothing else waits for them', async () => {
    const places = await Promise.all(Array.from({ length: 14 }, () => zone({ PB: '10' })))
    const [first = ''] = places
    const receipt = randomUUID()
    await stock.publish('picking.receipts', 'picking.receipt-expected.v1', receipt, {
      ...{ documentId: receipt, number: 'WH/IN/09999', warehouse: 'WH', at: new Date().toISOString(), destination: first },
      lines: [{ line: 1, sku: 'PB', quantity: '10' }],
    })
    await until('it is expected', async () => {
      const rows = await stock.service.db.query({ name: 'expected', text: 'select from expected_lines where document_id = $1' }, [receipt])
      return rows.length === 1
    })
    const sheets = await Promise.all(places.map((here) => make({ zone: here })))
    const counted = await Promise.all(sheets.map((sheet) => step(stock.manager, sheet, 'lines', { lines: [{ line: 1, counted: '20' }] })))
    const order: string[] = []
    const submits = counted.map(async ({ body }) => {
      const reply = await step(stock.manager, body, 'submit', {}, body.version)
      order.push('submit')
      return reply.body
    })
    await put(receipt, [{ location: first, sku: 'PB', quantity: '10' }])
    await until('the floor', async () => (await putAt(first)) === 10)
    order.push('read')
    const [one, ...others] = await Promise.all(submits)
    expect(order[0]).toBe('read')
    expect(one).toMatchObject({ status: 'in_progress', lines: [{ state: 'again' }] })
    expect(new Set(others.map(({ status }) => status))).toEqual(new Set(['submitted']))
    await put(receipt, [])
  }) // prettier-ignore

  test.each(['approved', 'within a limit'])('what the ledger refuses is an adjustment of its own; the rest is posted: %s', async (how) => {
    const [sku, lot] = [`SN ${how}`, 'S1']
    await stock.made('/v1/products', product(sku, { unit: 'unit', tracking: 'serial' }))
    const [here, elsewhere] = [await zone({ PA: '10' }), await zone()]
    await stock.made('/v1/opening-stock', { lines: [{ sku, lot, quantity: '1', location: elsewhere, unitCost: '2.00' }] })
    const sheet = await make({ zone: here })
    await step(stock.supervisor, sheet, 'lines', { lines: [{ line: 1, counted: '9' }, { sku, lot, location: here, counted: '1' }] })
    const limit = async (quantity: string) => {
      const { version } = (await stock.manager.get<Body>('/v1/adjustment-limits')).body
      const body = { limits: [{ group: 'supervisor', quantity }] }
      expect((await stock.manager.send('PUT', '/v1/adjustment-limits', { body, version })).status).toBe(200)
    }
    if (how !== 'approved') await limit('1000')
    const submitted = (await step(stock.supervisor, sheet, 'submit')).body
    const [first = ''] = submitted.adjustments
    if (how === 'approved') expect((await approve(stock.manager, first)).body).toMatchObject({ status: 'posted', lines: [{ sku: 'PA' }] })
    expect(await onHand('PA', here)).toEqual(['9'])
    const { items } = (await stock.manager.get<Body>('/v1/adjustments?status=submitted&limit=200')).body
    const found = await Promise.all(items.map(async ({ id }) => (await stock.manager.get<Body & { countId: string, lines: { sku: string }[] }>(`/v1/adjustments/${String(id)}`)).body))
    const apart = found.find(({ lines }) => lines.some((line) => line.sku === sku))!
    expect(apart).toMatchObject({ status: 'submitted', problem: expect.stringContaining('in stock already'), lines: [{ sku, difference: '1' }] })
    expect((await read(sheet.id)).status).toBe('submitted')
    if (how !== 'approved') await limit('0')
    await stock.manager.send('POST', `/v1/adjustments/${apart.id}/reject`, { body: { reason: 'it is elsewhere' }, version: apart.version })
    await until('it is done', async () => (await read(sheet.id)).status === 'done')
  }) // prettier-ignore

  test('past the tolerance another person counts, and none of both approves', async () => {
    const here = await zone({ PA: '42' })
    const sheet = await make({ zone: here, assignee: people.user, tolerance: { quantity: '1' } })
    await step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted: '30' }] })
    expect((await step(stock.user, sheet, 'submit')).body).toMatchObject({ status: 'in_progress', lines: [{ state: 'recount' }] })
    const own = await step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted: '30' }] })
    expect([own.status, pointers(own)]).toEqual([403, ['/lines/0']])
    await step(stock.supervisor, sheet, 'lines', { lines: [{ line: 1, counted: '31' }] })
    const submitted = (await step(stock.user, sheet, 'submit')).body
    expect(submitted.status).toBe('submitted')
    const refused = await approve(stock.supervisor, submitted.adjustments[0]!)
    expect([refused.status, refused.body.type]).toEqual([403, expect.stringContaining('approver-counted')])
    expect((await approve(stock.manager, submitted.adjustments[0]!)).body.status).toBe('posted')
    expect(await onHand('PA', here)).toEqual(['31'])
  }) // prettier-ignore

  test('one who counted does not approve by way of a recount; what was submitted before is rejected', async () => {
    const here = await zone({ PA: '42' })
    const sheet = await make({ zone: here, assignee: people.supervisor })
    await step(stock.supervisor, sheet, 'lines', { lines: [{ line: 1, counted: '40' }] })
    const first = (await step(stock.supervisor, sheet, 'submit')).body
    const again = (await step(stock.supervisor, sheet, 'recount')).body
    expect(again).toMatchObject({ status: 'in_progress', adjustments: [], lines: [{ state: 'recount', counted: null }] })
    expect((await stock.manager.get(`/v1/adjustments/${first.adjustments[0]!}`)).body).toMatchObject({ status: 'rejected' })
    await step(stock.manager, sheet, 'assignee', { user: people.user })
    await step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted: '40' }] })
    const second = (await step(stock.user, sheet, 'submit')).body
    expect((await approve(stock.supervisor, second.adjustments[0]!)).status).toBe(403)
    expect(await onHand('PA', here)).toEqual(['42'])
    expect((await approve(stock.manager, second.adjustments[0]!)).body.status).toBe('posted')
    expect((await step(stock.supervisor, sheet, 'recount')).status).toBe(409)
  }) // prettier-ignore

  test('16 move goods between two places while 4 count them: each count is compared with its own position, and sums stay', async () => {
    const [one, other] = [await zone({ PA: '500' }), await zone({ PA: '500' })]
    const move = (from: string, to: string) => {
      const documentId = randomUUID()
      return stock.publish('picking.transfers', 'picking.transfer-validated.v1', documentId, {
        ...{ documentId, number: `WH/INT/${documentId.slice(0, 8)}`, warehouse: 'WH', attempt: 1 },
        lines: [{ line: 1, documentLine: 1, sku: 'PA', quantity: '1', category: 'Goods', from, to }],
      })
    }
    const moving = Promise.all(
      Array.from({ length: 16 }, async (_one, index) => {
        for (let round = 0; round < 8; round += 1) await (index % 2 === 0 ? move(one, other) : move(other, one))
      }),
    )
    const looks = await Promise.all(
      Array.from({ length: 4 }, async (_one, index) => {
        const at = index % 2 === 0 ? one : other
        const sheet = await make({ zone: at, blind: false })
        const seen: { at: string; position: string; expected: string | null }[] = []
        for (let round = 0; round < 8; round += 1) {
          const { status, body } = await step(stock.manager, sheet, 'lines', { lines: [{ line: 1, counted: '500' }] })
          expect(status).toBe(200)
          const [line] = body.lines
          seen.push({ at, position: String(line?.position), expected: line?.expected ?? null })
        }
        return seen
      }),
    )
    await moving
    const total = async () => [...(await onHand('PA', one)), ...(await onHand('PA', other))].map(Number)
    await until('all to be posted', async () => {
      const moves = await stock.manager.get<Body>(`/v1/moves?from=${one}&limit=200`)
      const back = await stock.manager.get<Body>(`/v1/moves?from=${other}&limit=200`)
      return moves.body.items.length + back.body.items.length === 128
    })
    expect((await total()).reduce((sum, each) => sum + each, 0)).toBe(1000)
    for (const { at, position, expected } of looks.flat()) {
      const then = await stock.manager.get<Body>(`/v1/quants?sku=PA&location=${at}&atPosition=${position}`)
      expect([position, then.body.items[0]?.['onHand']]).toEqual([position, expected])
    }
    expect(new Set(looks.flat().map(({ position }) => position)).size).toBeGreaterThan(1)
  }, 60_000) // prettier-ignore

  test('2,000 lines are made, counted in steps, submitted and posted within bounds', async () => {
    const size = 2000
    const here = await zone()
    const skus = Array.from({ length: size }, (_one, index) => `BULK-${String(index).padStart(4, '0')}`)
    const unnested = { name: 'bulk', text: `insert into products (id, sku, name, type, unit, category, tracking, created_at, changed_at)
      select gen_random_uuid(), s, s, 'stockable', 'unit', 'bulk', 'none', now(), now() from unnest($1::text[]) s` }
    await stock.service.db.query(unnested, [skus])
    for (let at = 0; at < size; at += 1000)
      await stock.made('/v1/opening-stock', { lines: skus.slice(at, at + 1000).map((sku) => ({ sku, location: here, quantity: '10', unitCost: '1' })) })
    globalThis.gc?.()
    const [began, memory] = [performance.now(), process.memoryUsage().rss]
    const cpu = process.cpuUsage()
    const sheet = await make({ zone: here })
    expect(sheet.lines).toHaveLength(size)
    let { version } = sheet
    for (let at = 0; at < size; at += 200) {
      const lines = Array.from({ length: 200 }, (_one, index) => ({ line: at + index + 1, counted: '9' }))
      const reply = await step(stock.supervisor, sheet, 'lines', { lines }, version)
      version = reply.body.version
    }
    const submitted = (await step(stock.supervisor, sheet, 'submit', {}, version)).body
    for (const id of submitted.adjustments) expect((await approve(stock.manager, id)).body.status).toBe('posted')
    const [tookMs, more] = [performance.now() - began, process.memoryUsage().rss - memory]
    expect(submitted.adjustments).toHaveLength(2)
    if (process.env['COUNTS_FIGURES'] !== undefined) process.stderr.write(`2,000 lines: ${tookMs.toFixed(0)} ms, ${(more / 2 ** 20).toFixed(0)} MiB, ${(process.cpuUsage(cpu).user / 1000).toFixed(0)} ms of CPU in Node\n`)
    await until('it is done', async () => (await read(sheet.id)).status === 'done')
    expect(await onHand('BULK-1999', here)).toEqual(['9'])
  }) // prettier-ignore
})
