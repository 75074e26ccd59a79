/**
 * Loads the working set of a batch from the database: a fixed number of statements, whatever the number of documents.
 * What is independent is sent without waiting for answers. Reads only what the batch can touch, so that history
 * costs nothing.
 */
import { companyDate, plus, type Quantity, zero } from '@stockline/amounts'
import { isOwned } from '@stockline/contracts/locations'
import { type Queryable, sql, plainArray } from '@stockline/service-kit'
import { compareDemands } from '../reservations/demand.ts'
import { pickedLines } from '../reservations/picked.ts'
import type { DemandRequest, LedgerRequest, Offer, PostingLine } from './request.ts'
import { transitPlace } from '../transfers/in-transit.ts'
import { fromItsPlace } from '../transfers/transfer.ts'
import {
  addTransfers,
  type Departing,
  loadOrigins,
  loadTransferRows,
  loadWaitingTransfers,
  noTransfers,
  productsOfTransfers,
} from './transfers.store.ts'

import type { LedgerCompany } from './ledger.actions.ts'
import { loadReference, loadLots, loadEpoch } from './reference.store.ts'
import type { LedgerLocation } from './reference.ts'
import { type DemandRows, loadDemandRows, noDemands } from './demands.store.ts'
import {
  type Index,
  balanceFrom,
  addLotRow,
  addNamed,
  addDemands,
  newIndex,
  productOf,
  quantFrom,
} from './working-set.rows.store.ts'
import { type Attempt, type WorkingSet, emptyWorkingSet, knownLot, supplyOf } from './working-set.ts'
import { none } from './quant.ts'
import { loadLives } from './lives.store.ts'
import type { QuantStatus } from './stock.ts'
import {
  type ArrivingStock,
  type QuantKey,
  type WaitingRow,
  loadBalances,
  loadHolders,
  loadAvailableQuants,
  loadWaiting,
} from './quants.store.ts'

interface Head {
  readonly position: bigint
  readonly recordedAt: Date
  /** Does any transfer wait? */
  readonly transfersWait: boolean
}

const lockedHead = sql(
  `select position, recorded_at as "recordedAt", transfers_wait as "transfersWait"
   from ledger_head where company = $1 for update`,
)
const firstHead = sql('insert into ledger_head (company) values ($1) on conflict do nothing')
const attemptsById = sql(
  'select document_id as "documentId", attempt, position from postings where document_id = any($1::uuid[])',
)

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
 * @param now when the batch is decided: its date in the company's time zone is what lots expire by
 * @param waitingLimit how many waiting deliveries are loaded for each product that arrives
 */
export async function loadWorkingSet(
  db: Queryable,
  company: LedgerCompany,
  now: Date,
  requests: readonly LedgerRequest[],
  waitingLimit: number,
): Promise<WorkingSet> {
  const names = namesIn(requests)
  const [head, epoch, lots, attempts, demands, transfers] = await Promise.all([
    tryHead(db, company.company),
    loadEpoch(db),
    names.lots.length === 0
      ? []
      : loadLots(
          db,
          names.lots.map((lot) => lot[0]),
          names.lots.map((lot) => lot[1]),
        ),
    names.postings.length === 0 ? [] : db.query<AttemptRow>(attemptsById, [plainArray(names.postings)]),
    names.deliveries.length === 0 ? noDemands : loadDemandRows(db, names.deliveries),
    names.transfers.length === 0 ? noTransfers : loadTransferRows(db, names.transfers),
  ])
  if (head === undefined) {
    // The very first posting: without the head, nothing was read under its lock.
    await lockHead(db, company.company)
    return loadWorkingSet(db, company, now, requests, waitingLimit)
  }
  names.locations.push(...transfers.heads.map(({ destination }) => transitPlace(destination)))
  const reference = await loadReference(db, epoch, {
    skus: names.skus,
    productIds: [...productsOf(demands), ...productsOfTransfers(transfers)],
    locations: names.locations,
  })
  const { timeZone } = company
  const today = companyDate(timeZone, now)
  const workingSet = emptyWorkingSet(
    { today, timeZone },
    head.position,
    head.recordedAt.getTime(),
    reference.rules ?? [],
  )
  const index = newIndex(workingSet, epoch, reference)
  addNamed(index, names)
  lots.forEach((lot) => addLotRow(index, lot))
  addAttempts(workingSet, attempts)
  addDemands(index, demands)
  addTransfers(index, transfers)
  await loadStock(db, index, requests, waitingLimit)
  if (head.transfersWait && !isRestoring(requests)) await loadTransfersWaitingFor(db, index, requests)
  await loadDepartures(db, index, requests)
  await loadLives(db, index, requests)
  return workingSet
}

/** Whatever set out in a ledger that fell back sets out by its own document. */
function isRestoring(requests: readonly LedgerRequest[]): boolean {
  return requests.some((request) => 'restored' in request && request.restored !== undefined)
}

/** Transfers that wait for what becomes available. */
async function loadTransfersWaitingFor(db: Queryable, index: Index, requests: readonly LedgerRequest[]): Promise<void> {
  const { workingSet } = index
  const arrivals = arrivalsOf(workingSet, requests)
  const waiting = arrivals.length === 0 ? [] : await loadWaitingTransfers(db, arrivals)
  const missing = waiting.filter((id) => !workingSet.transfers.has(id))
  if (missing.length === 0) return
  const rows = await loadTransferRows(db, missing)
  const locations = rows.heads.map(({ destination }) => transitPlace(destination))
  await loadReference(db, index.epoch, { skus: [], productIds: productsOfTransfers(rows), locations })
  addNamed(index, { skus: [], locations })
  for (const { product } of addTransfers(index, rows)) workingSet.products.set(product.sku, product)
}

/** What transfers may take, of those that are confirmed now and of those that may set out now. */
async function loadDepartures(db: Queryable, index: Index, requests: readonly LedgerRequest[]): Promise<void> {
  const { workingSet } = index
  const confirmed = requests.flatMap((request): Departing[] => {
    if (request.action !== 'transfer') return []
    const productIds = request.lines.flatMap(({ sku }) => workingSet.products.get(sku)?.id ?? [])
    return [{ source: request.source, destination: request.destination, productIds }]
  })
  const waiting = [...workingSet.transfers.values()].filter(({ status }) => status === 'waiting')
  const departing = [
    ...confirmed,
    ...waiting.map((one): Departing => ({ ...one, productIds: one.lines.map(({ product }) => product.id) })),
  ]
  if (departing.length > 0) for (const row of await loadOrigins(db, departing)) quantFrom(index, row)
}

type AttemptRow = Attempt & { readonly documentId: string }

function addAttempts({ attempts: known }: WorkingSet, attempts: readonly AttemptRow[]): void {
  for (const [documentId, tries] of Map.groupBy(attempts, (row) => row.documentId)) known.set(documentId, tries)
}

function productsOf({ lines }: DemandRows): string[] {
  return [...new Set(lines.map((line) => line.productId))]
}

function namesIn(requests: readonly LedgerRequest[]) {
  const skus = new Set<string>()
  const locations = new Set<string>()
  const lots = new Map<string, [sku: string, code: string]>()
  const postings: string[] = []
  const deliveries: string[] = []
  const transfers: string[] = []
  for (const request of requests) {
    if (request.action === 'withdraw') deliveries.push(...request.documentIds)
    else if (request.action === 'offer') for (const sku of request.skus) skus.add(sku)
    else if (request.action === 'transfer' || request.action === 'end-transfer') transfers.push(request.documentId)
    else if (request.action !== 'post' || request.kind === 'delivery') deliveries.push(request.documentId)
    else if (request.kind === 'transfer') transfers.push(request.documentId)
    if (request.action !== 'post' && request.action !== 'reserve' && request.action !== 'transfer') continue
    for (const line of request.lines) skus.add(line.sku)
    if (request.action !== 'reserve') postings.push(request.documentId)
    if (request.action === 'transfer')
      for (const code of [request.source, request.destination, transitPlace(request.destination)]) locations.add(code)
    for (const line of request.action === 'transfer' ? request.lines : movedLines(request)) {
      if ('from' in line) locations.add(line.from).add(line.to)
      if (line.lot !== null) lots.set(`${line.sku}\n${line.lot}`, [line.sku, line.lot])
      if ('toLot' in line && line.toLot !== undefined) lots.set(`${line.sku}\n${line.toLot}`, [line.sku, line.toLot])
    }
  }
  return { skus: [...skus], locations: [...locations], lots: [...lots.values()], postings, deliveries, transfers }
}

/** Lines that are moved, or judged as if they were: what is picked for a delivery. */
function movedLines(request: LedgerRequest): readonly PostingLine[] {
  return request.action === 'post' ? request.lines : request.action === 'reserve' ? pickedLines(request) : []
}

/** Balances of what the documents move, those who wait for it, and all that these may be given. */
async function loadStock(
  db: Queryable,
  index: Index,
  requests: readonly LedgerRequest[],
  limit: number,
): Promise<void> {
  const { workingSet } = index
  const keys = postingKeys(workingSet, requests)
  const uncovering = keys.filter((key) => key.mayUncover)
  const supplies = suppliesToFill(workingSet, requests)
  const [balances, available, holders, waiting] = await Promise.all([
    keys.length === 0 ? [] : loadBalances(db, keys),
    supplies.size === 0 ? [] : loadAvailableQuants(db, workingSet.today, [...supplies.values()]),
    uncovering.length === 0 ? [] : loadHolders(db, uncovering),
    loadWaitingFor(db, workingSet, requests, limit),
  ])
  for (const row of balances) balanceFrom(index, row)
  for (const row of available) quantFrom(index, row)
  await loadDemands(db, index, holders)
  // Allocations that holders lose become available to waiting demands.
  const offered = holders.length === 0 ? waiting : await loadWaitingFor(db, workingSet, requests, limit)
  await loadDemands(db, index, [...new Set(offered.map((row) => row.documentId))])
  setHorizons(index, offered, limit)
  const more = [...suppliesToFill(workingSet, requests)].filter(([key]) => !supplies.has(key))
  if (more.length > 0)
    for (const row of await loadAvailableQuants(
      db,
      workingSet.today,
      more.map(([, one]) => one),
    ))
      quantFrom(index, row)
}

function loadWaitingFor(
  db: Queryable,
  workingSet: WorkingSet,
  requests: readonly LedgerRequest[],
  limit: number,
): Promise<WaitingRow[]> {
  const arrivals = arrivalsOf(workingSet, requests)
  return arrivals.length === 0 ? Promise.resolve([]) : loadWaiting(db, workingSet.today, arrivals, limit)
}

/** A balance, and whether a posting may leave less of it than is reserved. */
type PostingKey = QuantKey & { readonly mayUncover: boolean }

/** Balances of what is owned that postings move, once each. New lots have none yet. */
function postingKeys(workingSet: WorkingSet, requests: readonly LedgerRequest[]): PostingKey[] {
  const keys = new Map<string, PostingKey>()
  const add = (
    line: PostingLine,
    code: string,
    lotCode: string | null,
    status: QuantStatus,
    mayUncover: (location: LedgerLocation) => boolean,
  ) => {
    const product = workingSet.products.get(line.sku)
    const location = workingSet.locations.get(code)
    if (product === undefined || location === undefined || !isOwned(location.type)) return
    const lot = lotCode === null ? null : knownLot(workingSet, product, lotCode)
    if (lot === undefined) return
    const lotId = lot === null ? none : lot.id
    const key = { product, location, lotId, status, mayUncover: mayUncover(location) }
    const name = product.id + location.id + lotId + status
    if (key.mayUncover || !keys.has(name)) keys.set(name, key)
  }
  for (const request of requests) {
    const isPosted = request.action === 'post'
    for (const line of movedLines(isPosted ? fromItsPlace(workingSet, request) : request)) {
      add(
        line,
        line.from,
        line.lot,
        line.status,
        ({ allowNegative }) => isPosted && (allowNegative || request.kind === 'adjustment'),
      )
      add(line, line.to, line.toLot ?? line.lot, line.toStatus ?? line.status, () => false)
    }
  }
  return [...keys.values()]
}

/** What may become available in this batch: what comes in, and what deliveries give back. */
function arrivalsOf(workingSet: WorkingSet, requests: readonly LedgerRequest[]): ArrivingStock[] {
  const arrivals = new Map<string, ArrivingStock>()
  const add = (productId: string, warehouse: string, more: Quantity) => {
    const key = productId + warehouse
    arrivals.set(key, { productId, warehouse, quantity: plus(arrivals.get(key)?.quantity ?? zero.quantity, more) })
  }
  for (const request of requests)
    if (request.action === 'post')
      for (const line of request.lines) {
        const product = workingSet.products.get(line.sku)
        const warehouse = workingSet.locations.get(line.to)?.warehouse ?? null
        if (product !== undefined && warehouse !== null) add(product.id, warehouse, line.quantity)
      }
  for (const request of [...requestedTwice(requests), ...requests.filter((one) => one.action === 'offer')])
    for (const sku of skusOf(request)) {
      const product = workingSet.products.get(sku)
      if (product !== undefined) add(product.id, request.warehouse, zero.quantity)
    }
  for (const demand of workingSet.demands.values())
    for (const allocation of demand.allocations) add(allocation.quant.product.id, demand.warehouse, allocation.quantity)
  return [...arrivals.values()]
}

/** Deliveries that are given stock in this batch and may give it back in the same batch. */
function requestedTwice(requests: readonly LedgerRequest[]): DemandRequest[] {
  const times = new Map<string, number>()
  for (const request of requests)
    if ('documentId' in request) times.set(request.documentId, (times.get(request.documentId) ?? 0) + 1)
  return requests.filter(
    (request) => request.action === 'reserve' && (times.get(request.documentId) ?? 0) > 1,
  ) as DemandRequest[]
}

function skusOf(request: DemandRequest | Offer): readonly string[] {
  return request.action === 'offer' ? request.skus : request.lines.map((line) => line.sku)
}

/** Supplies that a demand of the working set may be allocated from. */
function suppliesToFill(
  workingSet: WorkingSet,
  requests: readonly LedgerRequest[],
): Map<string, { productId: string; warehouse: string }> {
  const supplies = new Map<string, { productId: string; warehouse: string }>()
  const add = (productId: string, warehouse: string) => supplies.set(productId + warehouse, { productId, warehouse })
  for (const demand of workingSet.demands.values())
    if (demand.status === 'open') for (const { product } of demand.lines) add(product.id, demand.warehouse)
  for (const request of requests)
    if (request.action === 'reserve')
      for (const { sku } of request.lines) {
        const product = workingSet.products.get(sku)
        if (product !== undefined) add(product.id, request.warehouse)
      }
  return supplies
}

/** Where more wait than were loaded, the last one loaded is as far as we see. */
function setHorizons(index: Index, waiting: readonly WaitingRow[], limit: number): void {
  for (const rows of Map.groupBy(waiting, (row) => row.productId + row.warehouse).values()) {
    const [first] = rows
    if (first === undefined || rows.length < limit) continue
    const demands = rows.flatMap((row) => index.workingSet.demands.get(row.documentId) ?? [])
    const supply = supplyOf(index.workingSet, productOf(index, first.productId), first.warehouse)
    supply.horizon = demands.reduce((last, demand) => (compareDemands(demand, last) > 0 ? demand : last))
  }
}

async function loadDemands(db: Queryable, index: Index, documentIds: readonly string[]): Promise<void> {
  const missing = documentIds.filter((id) => !index.workingSet.demands.has(id))
  if (missing.length === 0) return
  const rows = await loadDemandRows(db, missing)
  await loadReference(db, index.epoch, { skus: [], productIds: productsOf(rows), locations: [] })
  addDemands(index, rows)
}
