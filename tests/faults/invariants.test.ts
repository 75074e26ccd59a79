/** `pnpm invariants` and the metrics find what is missing, in a system whose services all say that they are well. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, until } from '@stockline/test-kit'
import pg from 'pg'
import { postingIsAnswered } from '../../tools/invariants/across.documents.ts'
import { postedIsMoved } from '../../tools/invariants/across.transfers.ts'
import { checkAll, type Report } from '../../tools/invariants/check.ts'
import { withDatabases } from '../../tools/invariants/databases.ts'
import { must, sendOrder } from '@stockline/test-kit/load/documents'
import { linesOf, makeProducts, stockUp } from '@stockline/test-kit/load/goods'
import { processesBelow } from '@stockline/test-kit/load/processes'
import { startSystem, type System } from '@stockline/test-kit/load/system'

type Name = 'stock' | 'picking' | 'valuation' | 'bus'

let system: System
let skus: string[]
let originMetrics: number
const databases = new Map<Name, pg.Client>()

beforeAll(async () => {
  originMetrics = await freePort()
  system = await startSystem({ environment: { METRICS_PORT: String(originMetrics) } })
  const { owners } = JSON.parse(readFileSync(join(system.dataFolder, 'databases.json'), 'utf8')) as {
    owners: Record<Name, string>
  }
  const passwords = JSON.parse(readFileSync(join(system.dataFolder, 'passwords.json'), 'utf8')) as { postgres: string }
  for (const name of ['stock', 'picking', 'valuation', 'bus'] as const) {
    // The administrator: entries and moves refuse to be changed by anybody else.
    const url = new URL(owners[name])
    url.username = 'postgres'
    url.password = passwords.postgres
    const client = new pg.Client({ connectionString: url.href })
    await client.connect()
    await client.query('set session_replication_role = replica')
    databases.set(name, client)
  }
  skus = await makeProducts(system, 3, 'invariants')
  for (let n = 0; n < 4; n += 1) await stockUp(system, skus, '5')
}, 180_000)

afterAll(async () => {
  for (const client of databases.values()) await client.end()
  await system.stop()
  await system.remove()
})

const ask = async <Row extends object>(name: Name, text: string, values: unknown[] = []): Promise<Row[]> =>
  (await databases.get(name)!.query<Row>(text, values)).rows

/** What is older than a second is a violation here, so that no test waits for a minute. */
const look = (limitSeconds = 1): Promise<Report> => checkAll(system.dataFolder, { limitSeconds })
const clean = () =>
  until(
    'all holds again',
    async () => (await look(60)).violations.length === 0 && (await look(60)).remarks.length === 0,
  )

/** Stops a process as a machine does that hangs: its connections stay, and it says nothing. */
async function whileStopped(
  service: 'stock' | 'picking' | 'valuation',
  work: (pid: number) => Promise<void>,
): Promise<void> {
  const pid = processesBelow(system.pid).find(({ name }) => name === service)?.pid
  if (pid === undefined) throw new Error(`${service} does not run`)
  process.kill(pid, 'SIGSTOP')
  try {
    await work(pid)
  } finally {
    try {
      process.kill(pid, 'SIGCONT')
    } catch {
      // Killed meanwhile: `start` brings another.
    }
  }
}

const post = async (quantity: string): Promise<void> => {
  const manager = await system.login('manager')
  const lines = linesOf(skus).map(({ sku }) => ({ sku, location: 'WH/Stock/A1-03', quantity, unitCost: '2.00' }))
  expect((await manager.send('POST', '/stock/v1/opening-stock', { body: { lines } })).status).toBe(201)
}

describe('what is missing is found', () => {
  test('at rest nothing is', clean, 60_000)

  test('postings without an entry beyond where the books stand, while the consumer is at its end', async () => {
    const saved = ['entries', 'entry_lines', 'inputs', 'books', 'kit.inbox']
    for (const table of saved)
      await ask('valuation', `create temporary table saved_${table.slice(-5)} as table ${table}`)
    const [books] = await ask<{ last: string }>('valuation', 'select last_position::text as last from books')
    const kept = String(BigInt(books!.last) - 3n)
    await ask('valuation', 'update books set last_position = $1', [kept])
    await ask('valuation', 'delete from entry_lines where entry in (select id from entries where position > $1)', [
      kept,
    ])
    await ask('valuation', 'delete from entries where position > $1', [kept])
    await ask('valuation', 'delete from inputs where position > $1', [kept])
    const found = (await look()).violations.join('\n')
    expect(found).toMatch(/a posted document has one original journal entry.*: 3 offending/)
    await ask('valuation', 'insert into inputs select * from saved_nputs on conflict do nothing')
    await ask('valuation', 'insert into entries select * from saved_tries on conflict do nothing')
    await ask('valuation', 'insert into entry_lines select * from saved_lines on conflict do nothing')
    await ask('valuation', 'update books set last_position = $1', [books!.last])
    await clean()
  })

  test('a reader that stands still: first as what is on its way, then as a violation', async () => {
    await whileStopped('valuation', async () => {
      await post('1')
      const young = await look(60)
      expect(young.violations).toEqual([])
      expect(young.remarks.join()).toMatch(/on its way: 1/)
      await until('it is older than a second', async () => (await look()).violations.length > 0)
      const found = (await look()).violations.join('\n')
      expect(found).toMatch(/every event that was published was taken.*"reader":"valuation","topic":"stock.ledger"/)
      expect(found).toMatch(/one original journal entry/)
    })
    await clean()
  })

  test('a message that is lost on the bus; what stands behind it is held, and told as such', async () => {
    const [product] = await ask<{ id: string }>('stock', 'select id::text as id from products where sku = $1', [
      skus[0],
    ])
    const rename = async (name: string) => {
      const manager = await system.login('manager')
      const now = await manager.get<{ version: number }>(`/stock/v1/products/${product!.id}`)
      const change = { body: { name }, version: now.body.version }
      expect((await manager.send('PATCH', `/stock/v1/products/${product!.id}`, change)).status).toBe(200)
    }
    const ofProduct = `from bus.event e where e.key = convert_to($1, 'utf8')`
    const onBus = async () =>
      Number((await ask<{ n: string }>('bus', `select count(*) as n ${ofProduct}`, [product!.id]))[0]!.n)
    await whileStopped('picking', async (pid) => {
      const before = await onBus()
      await rename('Lost')
      await until('the first is on the bus', async () => (await onBus()) === before + 1)
      await ask(
        'bus',
        `update bus.event set key = convert_to('nobody', 'utf8'), value = convert_to('{}', 'utf8')
         where (partition_id, event_offset) =
           (select e.partition_id, e.event_offset ${ofProduct} order by e.published_at desc limit 1)`,
        [product!.id],
      )
      await rename('Arrives')
      // What it was told before it stopped is gone with it: the next one reads the log.
      process.kill(pid, 'SIGKILL')
    })
    await until('the second is held', async () => (await look(60)).remarks.join().includes('gap at picking'))
    await until('the first is missed', async () => (await look()).violations.length > 0)
    const report = await look()
    expect(report.violations.join()).toMatch(/"reader":"picking","topic":"stock.products"/)
    const admin = await system.login('admin')
    const again = { topic: 'stock.products', subject: product!.id, from: '1' }
    expect((await admin.send('POST', '/stock/v1/outbox/republish', { body: again })).status).toBeLessThan(300)
    await until('nothing is held', async () => !(await look(60)).remarks.join().includes('gap'))
    await ask('picking', 'delete from kit.quarantine')
    await ask('valuation', 'delete from kit.quarantine')
    await clean()
  }, 90_000)

  test.each<[string, Name, string, string, RegExp]>([
    [
      'an inbox that forgot',
      'picking',
      `with gone as (delete from kit.inbox where type = 'stock.document-posted.v1' returning *) insert into saved select * from gone`,
      'insert into kit.inbox select * from saved',
      /every event that was published was taken.*"reader":"picking"/,
    ],
    [
      'a number that the writer has not given, while a reader has heard more',
      'valuation',
      `update kit.inbox_sequences set last = last + 5 where topic = 'stock.ledger'`,
      `update kit.inbox_sequences set last = last - 5 where topic = 'stock.ledger'`,
      /numbers of each stream.*"taken":"\d+","published":"\d+"/,
    ],
    [
      'a hole in what the writer has said',
      'stock',
      `with gone as (delete from kit.outbox where topic = 'stock.ledger' and sequence = 2 returning *) insert into saved select * from gone`,
      'insert into kit.outbox select * from saved',
      /numbers of each stream.*"writer":"stock"/,
    ],
  ])(
    '%s',
    async (_title, name, harm, mend, found) => {
      const table = harm.includes('kit.outbox') ? 'kit.outbox' : 'kit.inbox'
      await ask(name, `create temporary table saved as select * from ${table} limit 0`)
      await ask(name, harm)
      expect((await look()).violations.join('\n')).toMatch(found)
      await ask(name, mend)
      await ask(name, 'drop table saved')
      await clean()
    },
    60_000,
  )
})

describe('transfers', () => {
  interface Transfer {
    readonly id: string
    readonly number: string
    readonly version: number
    readonly status: string
  }

  const draft = async (): Promise<Transfer> => {
    const lines = [{ sku: skus[0], quantity: '1' }]
    const body = { source: 'WH/Stock/A1-03', destination: 'WH/Stock/B2-01', lines }
    return must(await (await system.login('manager')).send<Transfer>('POST', '/picking/v1/transfers', { body }), 201)
  }
  const step = async ({ id, version }: Transfer, name: 'confirm' | 'validate', wait = 10) => {
    const manager = await system.login('manager')
    return manager.send<Transfer>('POST', `/picking/v1/transfers/${id}/${name}`, { version, body: {}, wait })
  }
  const shipped = async () => {
    const transfer = must(await step(await draft(), 'confirm'), 200)
    expect(transfer.status).toBe('in_transit')
    return transfer
  }
  /** This comparison alone: all of them take seconds. */
  const rowsOf = (compare: typeof postedIsMoved) =>
    withDatabases(system.dataFolder, async (all) => (await compare(all)).map(({ row }) => row))

  test('an attempt that picking does not know, knows elsewhere, or that the ledger never posted', async () => {
    const { id } = await shipped()
    await shipped()
    await until('both are known', async () => (await rowsOf(postedIsMoved)).length === 0)
    const of = 'from transfer_lines where transfer_id = $1'
    const [line] = await ask<{ moves: { position: string }[] }>('picking', `select moves ${of}`, [id])
    const [move] = line!.moves
    const harmed = async (moves: readonly object[]) => {
      await ask('picking', 'update transfer_lines set moves = $2 where transfer_id = $1', [id, JSON.stringify(moves)])
      return rowsOf(postedIsMoved)
    }
    const { position } = move!
    const unknown = { document: id, attempt: 1, position, posted: true, 'known to picking': false }
    expect(await harmed([])).toEqual([unknown])
    await until('it is older than a second', async () =>
      /what a transfer has shipped.*: 1 offending/.test((await look()).violations.join('\n')),
    )
    expect(await harmed([{ ...move, position: '999999' }])).toEqual([
      { document: id, attempt: 1, position: '999999', posted: false },
      unknown,
    ])
    expect(await harmed([{ ...move, attempt: 2 }])).toEqual([
      { document: id, attempt: 2, position, posted: false },
      unknown,
    ])
    expect(await harmed([move!])).toEqual([])
    // Picking has lost it whole, and has another one.
    const rename = async (from: string, to: string) => {
      await ask('picking', 'update transfers set id = $2 where id = $1', [from, to])
      await ask('picking', 'update transfer_lines set transfer_id = $2 where transfer_id = $1', [from, to])
    }
    const other = randomUUID()
    await rename(id, other)
    const found = await rowsOf(postedIsMoved)
    expect(found).toHaveLength(2)
    expect(found).toEqual(expect.arrayContaining([{ document: other, attempt: 1, position, posted: false }, unknown]))
    await rename(other, id)
    await clean()
  }, 120_000)

  test('one that stays posting, since stock stands still', async () => {
    const transfer = await draft()
    const posting = { document: transfer.id, number: transfer.number, status: 'posting' }
    await whileStopped('stock', async () => {
      expect((await step(transfer, 'confirm', 0)).status).toBeLessThan(300)
      expect(await rowsOf(postingIsAnswered)).toEqual([posting])
    })
    await until('it is answered', async () => (await rowsOf(postingIsAnswered)).length === 0)
    const came = await (await system.login('manager')).get<Transfer>(`/picking/v1/transfers/${transfer.id}`)
    expect(must(await step(came.body, 'validate'), 200)).toMatchObject({ status: 'done' })
    expect(await rowsOf(postedIsMoved)).toEqual([])
  }, 120_000)
})

test('documents that stay posting are counted, with the age of the oldest, and found', async () => {
  const erp = await system.erp()
  const harness = await system.login('manager')
  const picking = await metricsOf('picking')
  expect(picking('stockline_posting_documents', 'receipt')).toBe(0)
  await sendOrder(erp, 'purchasing.order-confirmed.v1', 'PO-INV-1', {
    vendor: { code: 'ACME', name: 'Acme Supplies' },
    lines: linesOf(skus).map((line) => ({ ...line, unitPrice: '2.50' })),
  })
  interface Receipt {
    readonly id: string
    readonly version: number
  }
  const found = await until('the receipt', async () => {
    const { body } = await harness.get<{ items: Receipt[] }>('/picking/v1/receipts?source=PO-INV-1')
    return body.items[0]
  })
  const entries = linesOf(skus).map(({ line, quantity, unit }) => ({ line, quantity, unit }))
  const counted = await harness.send<Receipt>('PATCH', `/picking/v1/receipts/${found.id}/lines`, {
    version: found.version,
    body: { entries },
  })
  await whileStopped('stock', async () => {
    const validate = { version: counted.body.version, body: {} }
    expect((await harness.send('POST', `/picking/v1/receipts/${found.id}/validate`, validate)).status).toBeLessThan(300)
    await until('it has been posting for a second', async () => {
      const now = await metricsOf('picking')
      return (
        now('stockline_posting_documents', 'receipt') === 1 && now('stockline_posting_oldest_seconds', 'receipt')! > 1
      )
    })
    expect((await look()).violations.join()).toMatch(/document that is posting.*"status":"posting"/)
  })
  await clean()
  expect((await metricsOf('picking'))('stockline_posting_documents', 'receipt')).toBe(0)
  await until('both say the same position', async () => {
    const [stock, valuation] = [await metricsOf('stock'), await metricsOf('valuation')]
    return stock('stockline_ledger_position') === valuation('stockline_valuation_position')
  })
}, 90_000)

test('every metric that an alert or the dashboard names is there', async () => {
  const root = join(import.meta.dirname, '../..')
  const base = Number(new URL(system.origin).port)
  const ports = [base + 1, base + 2, base + 3, base + 4, originMetrics]
  const texts = await Promise.all(
    ports.map(async (port) => (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text()),
  )
  const there = new Set(texts.flatMap((text) => [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name ?? '')))
  for (const file of ['deploy/alerts/stockline.yaml', 'deploy/dashboards/stockline.json']) {
    const named = readFileSync(join(root, file), 'utf8').matchAll(/\b(?:stockline|process)_[a-z_]+(?=[{[ ),\n"])/g)
    const metrics = new Set([...named].map(([name]) => name.replace(/_(bucket|sum|count)$/, '')))
    expect(metrics.size).toBeGreaterThan(10)
    // The built-in bus has no topics that somebody could change; `bus/kafka/topics.test.ts` sees this one.
    expect([...metrics].filter((name) => !there.has(name))).toEqual(['stockline_topic_differences'])
  }
  // Ours alone carry the prefix, and nothing of ours goes without it.
  const others = [...there].filter((name) => !/^(stockline|process|nodejs)_/.test(name))
  expect(others).toEqual([])
  expect((await fetch(`${system.origin}/metrics`)).status).toBe(404)
})

/** A service's metrics, from its own address: the ports follow the origin's. */
async function metricsOf(name: 'stock' | 'picking' | 'valuation') {
  const ports = { identity: 1, stock: 2, picking: 3, valuation: 4 }
  const base = Number(new URL(system.origin).port)
  const text = await (await fetch(`http://127.0.0.1:${String(base + ports[name])}/metrics`)).text()
  return (metric: string, kind?: string): number | undefined => {
    const line = text
      .split('\n')
      .find((one) => one.startsWith(`${metric}{`) && (kind === undefined || one.includes(`kind="${kind}"`)))
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1))
  }
}
