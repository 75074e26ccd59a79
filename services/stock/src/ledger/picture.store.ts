/**
 * Draws the picture of a batch from the database: a fixed number of statements, whatever the number of documents.
 * What is independent is sent without waiting for answers. Reads only what the batch can touch, so that history
 * costs nothing.
 */
import { type Queryable, sql } from '@stockline/service-kit'
import { compareNeeds } from '../reservations/need.ts'
import { pickedLines } from '../reservations/picked.ts'
import type { LedgerRequest, NeedRequest, Offering, Posting, PostingLine } from './document.ts'
import { loadFacts, loadLots, loadStamp } from './facts.store.ts'
import { type Place, virtualPlaces } from './facts.ts'
import { type NeedRows, loadNeedRows, noNeeds } from './needs.store.ts'
import {
  type Index,
  balanceFrom,
  enterLot,
  enterNamed,
  enterNeeds,
  newIndex,
  productOf,
  quantFrom,
} from './picture.rows.store.ts'
import { type Picture, blankPicture, lotOf, shelfOf } from './picture.ts'
import { none } from './quant.ts'
import {
  type Arrival,
  type QuantKey,
  type WaitingRow,
  loadBalances,
  loadClaimants,
  loadFreeQuants,
  loadWaiting,
} from './quants.store.ts'
import { plainArray } from './rows.store.ts'

interface Head {
  readonly position: bigint
  readonly recorded_at: Date
}

const lockedHead = sql('select position, recorded_at from ledger_head where company = $1 for update')
const firstHead = sql('insert into ledger_head (company) values ($1) on conflict do nothing')
const settledById = sql('select document_id, attempt, position from postings where document_id = any($1::uuid[])')

/** Takes the ledger's head: from here to the end of the transaction this is the only posting. */
export async function lockHead(db: Queryable, company: string): Promise<void> {
  if ((await tryHead(db, company)) === undefined) {
    await db.query(firstHead, [company])
    await tryHead(db, company)
  }
}

async function tryHead(db: Queryable, company: string): Promise<Head | undefined> {
  return (await db.query<Head>(lockedHead, [company]))[0]
}

/**
 * Locks the head and loads what the requests touch.
 *
 * @param waitingLimit how many waiting deliveries are loaded for each product that arrives
 */
export async function drawPicture(
  db: Queryable,
  company: string,
  today: string,
  requests: readonly LedgerRequest[],
  waitingLimit: number,
): Promise<Picture> {
  const asked = whatIsAsked(requests)
  const [head, stamp, lots, settled, needs] = await Promise.all([
    tryHead(db, company),
    loadStamp(db),
    asked.lots.length === 0
      ? []
      : loadLots(
          db,
          asked.lots.map((lot) => lot[0]),
          asked.lots.map((lot) => lot[1]),
        ),
    asked.postings.length === 0 ? [] : db.query<SettledRow>(settledById, [plainArray(asked.postings)]),
    asked.deliveries.length === 0 ? noNeeds : loadNeedRows(db, asked.deliveries),
  ])
  if (head === undefined) {
    // The very first posting: what was read beside the missing head was not read under its lock.
    await lockHead(db, company)
    return drawPicture(db, company, today, requests, waitingLimit)
  }
  const facts = await loadFacts(db, stamp, { skus: asked.skus, productIds: productsOf(needs), places: asked.places })
  const picture = blankPicture(today, head.position, head.recorded_at.getTime(), facts.rules ?? [])
  const index = newIndex(picture, stamp, facts)
  enterNamed(index, asked)
  lots.forEach((lot) => enterLot(index, lot))
  enterSettled(picture, settled)
  enterNeeds(index, needs)
  await drawStock(db, index, requests, waitingLimit)
  return picture
}

interface SettledRow {
  readonly document_id: string
  readonly attempt: number
  readonly position: bigint | null
}

function enterSettled(picture: Picture, settled: readonly SettledRow[]): void {
  for (const { document_id, ...one } of settled) {
    const tries = picture.settled.get(document_id)
    if (tries === undefined) picture.settled.set(document_id, [one])
    else tries.push(one)
  }
}

function productsOf({ lines }: NeedRows): string[] {
  return [...new Set(lines.map((line) => line.product_id))]
}

function whatIsAsked(requests: readonly LedgerRequest[]) {
  const skus = new Set<string>()
  const places = new Set<string>(Object.values(virtualPlaces))
  const lots = new Map<string, [sku: string, code: string]>()
  const postings: string[] = []
  const deliveries: string[] = []
  for (const request of requests) {
    if (request.asks === 'withdraw') deliveries.push(...request.documentIds)
    else if (request.asks === 'offer') for (const sku of request.skus) skus.add(sku)
    else if (request.asks !== 'post' || request.kind === 'delivery') deliveries.push(request.documentId)
    if (request.asks !== 'post' && request.asks !== 'reserve') continue
    for (const line of request.lines) skus.add(line.sku)
    if (request.asks === 'post') postings.push(request.documentId)
    for (const line of movedLines(request)) {
      places.add(line.location)
      if (line.lot !== null) lots.set(`${line.sku}\n${line.lot}`, [line.sku, line.lot])
    }
  }
  return { skus: [...skus], places: [...places], lots: [...lots.values()], postings, deliveries }
}

/** Lines that are moved, or judged as if they were: what is picked for a delivery. */
function movedLines(request: LedgerRequest): readonly PostingLine[] {
  return request.asks === 'post' ? request.lines : request.asks === 'reserve' ? pickedLines(request) : []
}

/** Balances of what the documents move, those who wait for it, and all that these may be given. */
async function drawStock(
  db: Queryable,
  index: Index,
  requests: readonly LedgerRequest[],
  limit: number,
): Promise<void> {
  const { picture } = index
  const keys = postingKeys(picture, requests)
  const uncovering = keys.filter((key) => key.mayUncover)
  const shelves = shelvesToFill(picture, requests)
  const [balances, free, claimants, waiting] = await Promise.all([
    keys.length === 0 ? [] : loadBalances(db, keys),
    shelves.size === 0 ? [] : loadFreeQuants(db, picture.today, [...shelves.values()]),
    uncovering.length === 0 ? [] : loadClaimants(db, uncovering),
    loadWaitingFor(db, picture, requests, limit),
  ])
  for (const row of balances) balanceFrom(index, row)
  for (const row of free) quantFrom(index, row)
  await drawNeeds(db, index, claimants)
  // Those who may lose their claims make room for others.
  const offered = claimants.length === 0 ? waiting : await loadWaitingFor(db, picture, requests, limit)
  await drawNeeds(db, index, [...new Set(offered.map((row) => row.document_id))])
  setHorizons(index, offered, limit)
  const more = [...shelvesToFill(picture, requests)].filter(([key]) => !shelves.has(key))
  if (more.length > 0)
    for (const row of await loadFreeQuants(
      db,
      picture.today,
      more.map(([, one]) => one),
    ))
      quantFrom(index, row)
}

function loadWaitingFor(
  db: Queryable,
  picture: Picture,
  requests: readonly LedgerRequest[],
  limit: number,
): Promise<WaitingRow[]> {
  const arrivals = arrivalsOf(picture, requests)
  return arrivals.length === 0 ? Promise.resolve([]) : loadWaiting(db, picture.today, arrivals, limit)
}

type PostingKey = QuantKey & { readonly mayUncover: boolean }

/** Internal balances that postings move, once each. New lots have none yet. */
function postingKeys(picture: Picture, requests: readonly LedgerRequest[]): PostingKey[] {
  const keys = new Map<string, PostingKey>()
  for (const request of requests)
    for (const line of movedLines(request)) {
      const product = picture.products.get(line.sku)
      const place = picture.places.get(line.location)
      if (product === undefined || place === undefined) continue
      const lot = line.lot === null ? null : lotOf(picture, product, line.lot)
      if (lot === undefined) continue
      const lotId = lot === null ? none : lot.id
      const uncovers = request.asks === 'post' && mayUncover(request, line, place)
      const key = { product, place, lotId, status: line.status, mayUncover: uncovers }
      const name = product.id + place.id + lotId + line.status
      if (key.mayUncover || !keys.has(name)) keys.set(name, key)
    }
  return [...keys.values()]
}

/** Can it leave less than is reserved? */
function mayUncover(posting: Posting, line: PostingLine, place: Place): boolean {
  if (posting.kind === 'delivery') return place.allowNegative
  return posting.kind === 'adjustment' && line.quantity < 0n
}

/** What may become free in this batch: what comes in, and what deliveries give back. */
function arrivalsOf(picture: Picture, requests: readonly LedgerRequest[]): Arrival[] {
  const arrivals = new Map<string, Arrival>()
  const add = (productId: string, warehouse: string, more: bigint) => {
    const key = productId + warehouse
    arrivals.set(key, { productId, warehouse, quantity: (arrivals.get(key)?.quantity ?? 0n) + more })
  }
  for (const request of requests)
    if (request.asks === 'post' && request.kind !== 'delivery')
      for (const line of request.lines) {
        const product = picture.products.get(line.sku)
        const warehouse = picture.places.get(line.location)?.warehouse ?? null
        if (product !== undefined && warehouse !== null && line.quantity > 0n) add(product.id, warehouse, line.quantity)
      }
  for (const request of [...askedTwice(requests), ...requests.filter((one) => one.asks === 'offer')])
    for (const sku of skusOf(request)) {
      const product = picture.products.get(sku)
      if (product !== undefined) add(product.id, request.warehouse, 0n)
    }
  for (const need of picture.needs.values())
    for (const claim of need.claims) add(claim.quant.product.id, need.warehouse, claim.quantity)
  return [...arrivals.values()]
}

/** Deliveries that are given stock in this batch and may give it back in the same batch. */
function askedTwice(requests: readonly LedgerRequest[]): NeedRequest[] {
  const times = new Map<string, number>()
  for (const request of requests)
    if ('documentId' in request) times.set(request.documentId, (times.get(request.documentId) ?? 0) + 1)
  return requests.filter(
    (request) => request.asks === 'reserve' && (times.get(request.documentId) ?? 0) > 1,
  ) as NeedRequest[]
}

function skusOf(request: NeedRequest | Offering): readonly string[] {
  return request.asks === 'offer' ? request.skus : request.lines.map((line) => line.sku)
}

/** Shelves that someone in the picture may take from. */
function shelvesToFill(
  picture: Picture,
  requests: readonly LedgerRequest[],
): Map<string, { productId: string; warehouse: string }> {
  const shelves = new Map<string, { productId: string; warehouse: string }>()
  const add = (productId: string, warehouse: string) => shelves.set(productId + warehouse, { productId, warehouse })
  for (const need of picture.needs.values())
    if (need.status === 'open') for (const { product } of need.lines) add(product.id, need.warehouse)
  for (const request of requests)
    if (request.asks === 'reserve')
      for (const { sku } of request.lines) {
        const product = picture.products.get(sku)
        if (product !== undefined) add(product.id, request.warehouse)
      }
  return shelves
}

/** Where more wait than were loaded, the last one loaded is as far as we see. */
function setHorizons(index: Index, waiting: readonly WaitingRow[], limit: number): void {
  for (const rows of Map.groupBy(waiting, (row) => row.product_id + row.warehouse).values()) {
    const [first] = rows
    if (first === undefined || rows.length < limit) continue
    const needs = rows.flatMap((row) => index.picture.needs.get(row.document_id) ?? [])
    const shelf = shelfOf(index.picture, productOf(index, first.product_id), first.warehouse)
    shelf.horizon = needs.reduce((last, need) => (compareNeeds(need, last) > 0 ? need : last))
  }
}

async function drawNeeds(db: Queryable, index: Index, documentIds: readonly string[]): Promise<void> {
  const missing = documentIds.filter((id) => !index.picture.needs.has(id))
  if (missing.length === 0) return
  const rows = await loadNeedRows(db, missing)
  await loadFacts(db, index.stamp, { skus: [], productIds: productsOf(rows), places: [] })
  enterNeeds(index, rows)
}
