/** Ledger lines per second against hand-written minimal SQL, both in batches of 100 documents of 10 lines. */
import { randomUUID } from 'node:crypto'
import { parseQuantity } from '../../packages/amounts/src/index.ts'
import { migrate, openDatabase } from '@stockline/service-kit'
import pg from 'pg'
import { virtualLocations } from '../../services/stock/src/ledger/reference.ts'
import type { PostingLine } from '../../services/stock/src/ledger/request.ts'
import { decideBatch } from '../../services/stock/src/ledger/ledger.actions.ts'
import type { PrismaClient } from '../../services/stock/src/generated/client.ts'
import { type BareDocument, postBare } from './ledger.bare-sql.ts'
import { location, product, uuid } from '../../services/stock/test/builders.ts'
import { demo, migrations, nobody, seed } from '../../services/stock/test/stock-database.ts'

export interface LedgerBenchmarkOptions {
  /** Maintenance database of a server on which databases may be made. */
  readonly url: string
  /** Pairs of rounds, one of each kind. Default 5. */
  readonly rounds?: number
  /** Batches in a round. Default 30. */
  readonly batches?: number
}

export interface LedgerBenchmark {
  readonly ledgerLinesPerSecond: number
  readonly bareSqlLinesPerSecond: number
  /** Longest that a batch took, in the middle of all rounds: as long as it held the head at most. */
  readonly batchMs: { readonly p50: number; readonly p99: number }
}

const documentsInBatch = 100
const linesInDocument = 10
const products = Array.from({ length: 1000 }, (_, n) => product(`P${String(n)}`, { id: uuid(0x10000 + n) }))
const locations = Array.from({ length: 50 }, (_, n) => location(`WH/L${String(n)}`, { id: uuid(0x20000 + n) }))
const vendorsId = '019a0000-0000-7000-8000-000000000001'

/** Measures both on the same server, in alternating rounds after a warm-up; medians. */
export async function ledgerBenchmark({
  url,
  rounds = 5,
  batches = 30,
}: LedgerBenchmarkOptions): Promise<LedgerBenchmark> {
  const [ours, bare] = [await freshDatabase(url), await freshDatabase(url)]
  const db = openDatabase<PrismaClient>({ url: ours.url, service: 'stock' })
  const bareDb = openDatabase<PrismaClient>({ url: bare.url, service: 'bare' })
  const client = new pg.Client({ connectionString: bare.url })
  try {
    await seed(db, products, locations)
    await seed(bareDb, products, locations)
    await client.connect()
    await client.query("insert into ledger_head (company) values ('DEMO')")
    const random = numbers(7)
    const batchTimes: number[] = []
    const ledgerRound = () =>
      linesPerSecond(
        batches,
        () => ledgerBatch(random),
        (batch) => db.transaction(nobody, (tx) => decideBatch(tx, demo, batch)),
        batchTimes,
      )
    const bareRound = () =>
      linesPerSecond(
        batches,
        () => bareBatch(random),
        (batch) => postBare(client, batch),
        [],
      )
    await ledgerRound()
    await bareRound()
    batchTimes.length = 0
    const results: { ledger: number; bare: number }[] = []
    for (let round = 0; round < rounds; round += 1)
      results.push({ ledger: await ledgerRound(), bare: await bareRound() })
    return {
      ledgerLinesPerSecond: at(
        results.map((one) => one.ledger),
        0.5,
      ),
      bareSqlLinesPerSecond: at(
        results.map((one) => one.bare),
        0.5,
      ),
      batchMs: { p50: at(batchTimes, 0.5), p99: at(batchTimes, 0.99) },
    }
  } finally {
    await client.end()
    await db.close()
    await bareDb.close()
    await ours.drop()
    await bare.drop()
  }
}

/** Batches are made outside the clock: in life they are parsed from messages. */
async function linesPerSecond<Batch>(
  batches: number,
  make: () => Batch,
  post: (batch: Batch) => Promise<unknown>,
  times: number[],
): Promise<number> {
  const made = Array.from({ length: batches }, make)
  const begun = performance.now()
  for (const batch of made) {
    const before = performance.now()
    await post(batch)
    times.push(performance.now() - before)
  }
  return (batches * documentsInBatch * linesInDocument * 1000) / (performance.now() - begun)
}

interface Line {
  readonly product: number
  readonly location: number
  readonly quantity: number
}

function documentLines(random: () => number): Line[] {
  return Array.from({ length: linesInDocument }, () => ({
    product: Math.floor(random() * products.length),
    location: Math.floor(random() * locations.length),
    quantity: 1 + Math.floor(random() * 100),
  }))
}

function ledgerBatch(random: () => number) {
  return Array.from({ length: documentsInBatch }, () => {
    const lines = documentLines(random).map((one, index): PostingLine => ({
      line: index + 1,
      documentLine: index + 1,
      sku: products[one.product]?.sku ?? '',
      lot: null,
      expiresOn: null,
      status: 'available',
      quantity: parseQuantity(String(one.quantity)),
      from: virtualLocations.vendor,
      to: locations[one.location]?.code ?? '',
      passThrough: {
        entered: { quantity: String(one.quantity), unit: 'kg' },
        price: { unitPrice: '2.50', unit: 'kg', currency: 'USD', numerator: '1', denominator: '1' },
      },
    }))
    const documentId = randomUUID()
    const number = `WH/IN/${documentId.slice(0, 8)}`
    const posting = { action: 'post', kind: 'receipt', documentId, number, attempt: 1, warehouse: 'WH' } as const
    return {
      request: { ...posting, effectiveAt: Date.now(), effectiveAtStated: false, lines },
      actor: { id: 'u', name: 'User' },
    }
  })
}

function bareBatch(random: () => number): BareDocument[] {
  return Array.from({ length: documentsInBatch }, () => {
    const id = randomUUID()
    const lines = documentLines(random).map((one) => ({
      productId: products[one.product]?.id ?? '',
      sku: products[one.product]?.sku ?? '',
      fromId: vendorsId,
      from: 'Virtual/Vendors',
      toId: locations[one.location]?.id ?? '',
      to: locations[one.location]?.code ?? '',
      quantity: String(one.quantity),
    }))
    return { id, number: `WH/IN/${id.slice(0, 8)}`, lines }
  })
}

async function freshDatabase(admin: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `ledger_bench_${randomUUID().slice(0, 8)}`
  await execute(admin, `create database ${name}`)
  const url = new URL(admin)
  url.pathname = `/${name}`
  await migrate(url.href, migrations)
  return { url: url.href, drop: () => execute(admin, `drop database ${name} with (force)`) }
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statement)
  await client.end()
}

/** The same numbers every time: a linear congruential generator. */
function numbers(start: number): () => number {
  let state = start
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648
}

function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
