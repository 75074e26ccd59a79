/** One worker: products of its own, the people who work, and the check that system and model agree. */
import { setTimeout as delay } from 'node:timers/promises'
import { randomUUID } from 'node:crypto'
import { until, type Client } from '@stockline/test-kit'
import { must } from '@stockline/test-kit/load/documents'
import type { System } from '@stockline/test-kit/load/system'
import type { Choice } from '../fuzz/choice.ts'
import { isWithheld, keysOf, needsOf, transit, newModel, onHandAt, promisedAt, servedBy, sum, textOf } from './model.ts'
import type { Databases } from '../../tools/invariants/databases.ts'
import type { InTransit } from './moving.ts'
import type { Key, Model, Promised, Wanted } from './model.ts'

/** A product of a worker. */
export interface Goods {
  readonly sku: string
  readonly tracking: 'none' | 'lot' | 'serial'
}

export interface Worker {
  readonly system: System
  readonly databases: Databases
  readonly choice: Choice
  readonly name: string
  readonly goods: readonly Goods[]
  readonly model: Model
  readonly inTransit: InTransit[]
  /** Counts up: names of orders, lots and serial numbers. */
  next: number
  /** What was done, for whoever looks into a difference. */
  readonly trail: string[]
}

/** Own locations that goods are put to. */
export const locations = ['WH/Stock', 'WH/Stock/A1-03', 'WH/Stock/B2-01', 'WH/Stock/C4-11', 'WH/Input'] as const

const patienceMs = 30_000
/** Between two looks. */
const longestPauseMs = 100
/** So many of the last steps are told with a difference. */
const toldSteps = 12

/** A worker with five new products, known to all services once this is done. */
export async function newWorker(
  { system, databases }: Pick<Worker, 'system' | 'databases'>,
  choice: Choice,
  name: string,
  today: string,
): Promise<Worker> {
  const kinds = ['none', 'none', 'none', 'lot', 'serial'] as const
  const goods = kinds.map((tracking, index) => ({ sku: `${name}-${String(index + 1)}`, tracking }))
  const erp = await system.erp()
  for (const { sku, tracking } of goods) {
    const data = {
      sku,
      name: `Model ${sku}`,
      type: 'stockable',
      unit: 'unit',
      category: 'model',
      barcodes: [],
      tracking,
    }
    const event = { specversion: '1.0', id: randomUUID(), source: '/catalog', type: 'catalog.product-upserted.v1' }
    const headers = { 'content-type': 'application/cloudevents+json' }
    must(await erp.send('POST', '/stock/v1/events', { body: { ...event, subject: sku, data }, headers }), 202)
  }
  return { system, databases, choice, name, goods, model: newModel(today), inTransit: [], next: 0, trail: [] }
}

/** Whole units, few at a time. */
export const someOf = ({ choice }: Worker): number => 1 + choice.below(9)

/** A key that holds something, of those that `wanted` picks; undefined where none does. */
export function anyKey({ choice, model }: Worker, wanted: (key: Key) => boolean = () => true): Key | undefined {
  const keys = keysOf(model).filter((key) => key.location !== transit && wanted(key))
  return keys.length === 0 ? undefined : choice.of(keys)
}

/** A name that no other order, lot or serial number of the run has. */
export const nameFor = (worker: Worker, what: string): string => `${worker.name}-${what}${String(++worker.next)}`

/** The one document of an order that is as wanted; looks until it is there. */
export async function documentOf<Document extends { readonly id: string }>(
  worker: Worker,
  kind: 'receipts' | 'deliveries',
  orderNumber: string,
  wanted: (document: Document) => boolean,
): Promise<Document> {
  const manager = await worker.system.login('manager')
  for (const end = Date.now() + patienceMs; Date.now() < end;) {
    const address = `/picking/v1/${kind}?source=${encodeURIComponent(orderNumber)}`
    const found = must(await manager.get<{ items: Document[] }>(address, { wait: 2 }), 200).items
    for (const { id } of found) {
      const whole = must(await manager.get<Document>(`/picking/v1/${kind}/${id}`), 200)
      if (wanted(whole)) return whole
    }
    await delay(10)
  }
  throw new Error(`${kind} of ${orderNumber}: none is as wanted after ${String(patienceMs)} ms.`)
}

/**
 * A step of a document that waits for the ledger. Its version is read first; where an answer of the ledger changes it meanwhile, it is
 * read again, as a person would.
 */
export async function step<Document extends { readonly version: number }>(
  client: Client,
  at: string,
  name: string,
  body: object = {},
  method: 'POST' | 'PATCH' = 'POST',
): Promise<Document> {
  const { version } = must(await client.get<Document>(at), 200)
  const reply = await client.send<Document>(method, `${at}/${name}`, { body, version, wait: 20 })
  return reply.status === 412 ? step(client, at, name, body, method) : must(reply, 200)
}

/**
 * Resolves once stock has heard all that picking says of a document. A demand that it has not heard of is not offered anything, and one of
 * whose end it has not heard may still be served: either is right, and which one it is would be chance.
 */
export async function heardOf({ databases: { picking, stock } }: Worker, documentId: string): Promise<void> {
  const topics = ['picking.deliveries', 'picking.transfers']
  const last = async (ask: typeof stock, table: string) =>
    (await ask<{ last: string }>(`${table} where topic = any($1::text[]) and subject = $2`, [topics, documentId]))[0]
      ?.last
  await until(`stock to hear of ${documentId}`, async () => {
    const said = await last(picking, 'select last::text as last from kit.outbox_sequences')
    const heard = await last(stock, 'select last::text as last from kit.inbox_sequences')
    return said !== undefined && said === heard
  })
}

/** A quant as stock answers it. */
export interface QuantAnswer extends Key {
  readonly onHand: string
  readonly reserved: string | null
}

interface DeliveryAnswer {
  readonly id: string
  readonly status: string
  readonly held: string | null
  readonly lines: readonly {
    readonly sku: string
    readonly picks: readonly { readonly location: string; readonly lot: string | null; readonly quantity: string }[]
  }[]
}

/**
 * Gives what is there to the deliveries that wait, those of `first` before all others. Then waits until the system says the same; what it
 * does not say in time is a difference.
 */
export async function settle(
  worker: Worker,
  after: string,
  first?: ReadonlySet<Wanted>,
  withinMs = patienceMs,
): Promise<void> {
  worker.trail.push(after)
  for (const delivery of servedBy(worker.model, first)) delivery.state = 'ready'
  let wrong = await compare(worker, new Set(worker.goods.map(({ sku }) => sku)))
  let pauseMs = 10
  for (const end = Date.now() + withinMs; wrong.length > 0 && Date.now() < end;) {
    await delay(pauseMs)
    pauseMs = Math.min(1.5 * pauseMs, longestPauseMs)
    wrong = await compare(worker, new Set(wrong.flatMap(({ skus }) => skus)))
  }
  if (wrong.length === 0) return
  const differs = wrong.map(({ text }) => text).join('; ')
  throw new Error(`${worker.name}: ${differs}. After ${worker.trail.slice(-toldSteps).join(', ')}.`)
}

/** What is other than the model has it, and the products that it is about: those are compared again, and no others. */
interface Wrong {
  readonly text: string
  readonly skus: readonly string[]
}

/** Compares these products and the deliveries that want any of them. */
async function compare({ model, system }: Worker, skus: ReadonlySet<string>): Promise<Wrong[]> {
  const manager = await system.login('manager')
  const concerned = model.deliveries.filter(({ lines }) => lines.some(({ sku }) => skus.has(sku)))
  const deliveries = await Promise.all(
    concerned.map(async (wanted) => {
      const answer = must(await manager.get<DeliveryAnswer>(`/picking/v1/deliveries/${wanted.id}`), 200)
      return { wanted, answer }
    }),
  )
  const wrong = deliveries.flatMap(({ wanted, answer }) =>
    [...takePromises(wanted, answer), ...withheldOf(model, wanted)].map((text) => ({
      text,
      skus: [...needsOf(wanted).keys()],
    })),
  )
  const quants = await Promise.all([...skus].map((sku) => quantsOf(manager, sku)))
  return [...wrong, ...quantDifferences(model, skus, quants.flat())]
}

/** Keeps what the system has promised to a delivery. Says where it is other than the model has it. */
function takePromises(wanted: Wanted, { status, held, lines }: DeliveryAnswer): string[] {
  wanted.promised = lines.flatMap(({ sku, picks }) =>
    picks.map(({ location, lot, quantity }): Promised => ({ sku, location, lot, quantity: Number(quantity) })),
  )
  const says = status === 'waiting' && held !== null ? 'held' : status
  if (says !== wanted.state) return [`delivery ${wanted.orderNumber} is ${says}, not ${wanted.state}`]
  return [...needsOf(wanted)].flatMap(([sku, needed]) => {
    const has = sum(wanted.promised.filter((one) => one.sku === sku).map(({ quantity }) => quantity))
    const should = wanted.state === 'ready' ? needed : 0
    return has === should ? [] : [`delivery ${wanted.orderNumber} has ${String(has)} of ${sku}, not ${String(should)}`]
  })
}

/** What is promised of lots that are held or have expired. */
function withheldOf(model: Model, { orderNumber, promised }: Wanted): string[] {
  const wrong = promised.filter((one) => isWithheld(model, one))
  return wrong.map(({ lot }) => `delivery ${orderNumber} has lot ${lot ?? ''}, which is withheld`)
}

async function quantsOf(client: Client, sku: string): Promise<QuantAnswer[]> {
  const address = `/stock/v1/quants?limit=200&sku=${encodeURIComponent(sku)}`
  return must(await client.get<{ items: QuantAnswer[] }>(address), 200).items
}

/** On hand and reserved at each key, of the system and of the model. What is nowhere in the warehouse, nor on its way to it, is left out. */
export function quantDifferences(model: Model, skus: ReadonlySet<string>, quants: readonly QuantAnswer[]): Wrong[] {
  const own = quants.filter(({ location }) => location.startsWith('WH/') || location === transit)
  const seen = new Map(own.map((quant) => [textOf(quant), quant]))
  const ofModel = keysOf(model).filter(({ sku }) => skus.has(sku))
  const keys = new Set([...seen.keys(), ...ofModel.map(textOf)])
  return [...keys].flatMap((name) => {
    const quant = seen.get(name)
    const key: Key = quant ?? keyFrom(model, name)
    const [onHand, reserved] = [onHandAt(model, key), promisedAt(model, key)]
    if (Number(quant?.onHand ?? 0) === onHand && Number(quant?.reserved ?? 0) === reserved) return []
    const says = `${quant?.onHand ?? 'nothing'}, ${quant?.reserved ?? '0'} reserved`
    const text = `${name}: ${says}; the model has ${String(onHand)}, ${String(reserved)} reserved`
    return [{ text, skus: [key.sku] }]
  })
}

function keyFrom(model: Model, text: string): Key {
  const key = keysOf(model).find((one) => textOf(one) === text)
  if (key === undefined) throw new Error(`The model has no key ${text}.`)
  return key
}
