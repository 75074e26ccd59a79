/**
 * Clients that do not give up: what was sent without an answer is sent again, the same, with the same key, until the
 * answer is known. What is acknowledged is remembered, and looked up at the end.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, Reply } from '@stockline/test-kit'
import { linesOf } from '@stockline/test-kit/load/goods'
import type { OrderLine } from '@stockline/test-kit/load/documents'
import type { System } from '@stockline/test-kit/load/system'

/** A receipt of which the system said that it is done. */
export interface Acknowledged {
  readonly orderNumber: string
  readonly number: string
  readonly lines: readonly OrderLine[]
}

export interface PersistentLoad {
  /** When the first document was posted whose validation was sent after `at`; both by performance.now(). */
  firstPostedSince(at: number): number | undefined
  /** What ended the load, where a client gave up. */
  readonly failure: () => Error | undefined
  /** Ends the load: every document begun is brought to its end. */
  stop(): Promise<readonly Acknowledged[]>
}

interface Receipt {
  readonly id: string
  readonly number: string
  readonly status: string
  readonly version: number
}

const patienceMs = 300_000
const linesPerDocument = 5

/** An order as its system tells it. */
export interface OrderEvent {
  readonly subject: string
}

/**
 * Starts so many clients, each receiving one order after the other, and beginning none sooner than `everyMs` after the last.
 *
 * @param sendOrder how orders are sent; by HTTP unless it is given. With it, clients look for their receipt again when it is not
 *   what it was: picking's database may fall back meanwhile
 */
export function persistentLoad(
  system: System,
  products: readonly string[],
  clients: number,
  everyMs = 0,
  sendOrder?: (event: OrderEvent) => Promise<void>,
): PersistentLoad {
  const acknowledged: Acknowledged[] = []
  const posted: { sent: number; done: number }[] = []
  const run = randomUUID().slice(0, 8)
  let going = true
  const one = async (client: number): Promise<void> => {
    await sleep((everyMs * client) / clients)
    for (let document = 0; going; document++) {
      const began = performance.now()
      const orderNumber = `F-${run}-${String(client)}-${String(document)}`
      const from = (client * 3 + document) % (products.length - linesPerDocument)
      const lines = linesOf(products.slice(from, from + linesPerDocument))
      const result = await receive(system, orderNumber, lines, sendOrder)
      posted.push(result.times)
      acknowledged.push({ orderNumber, number: result.number, lines })
      await sleep(Math.max(0, began + everyMs - performance.now()))
    }
  }
  const all = Promise.all(Array.from({ length: clients }, (_, client) => one(client)))
  let failure: Error | undefined
  // A failure is reported by stop(); until then it must not end the process.
  all.catch((error: unknown) => (failure = error instanceof Error ? error : new Error(String(error))))
  return {
    firstPostedSince: (at) => {
      const later = posted.filter(({ sent }) => sent >= at).map(({ done }) => done)
      return later.length === 0 ? undefined : Math.min(...later)
    },
    failure: () => failure,
    stop: async () => {
      going = false
      await all
      return acknowledged
    },
  }
}

async function receive(
  system: System,
  orderNumber: string,
  lines: readonly OrderLine[],
  sendOrder: ((event: OrderEvent) => Promise<void>) | undefined,
): Promise<Received> {
  const event = {
    specversion: '1.0',
    id: randomUUID(),
    source: '/erp',
    type: 'purchasing.order-confirmed.v1',
    subject: orderNumber,
    data: {
      orderNumber,
      warehouse: 'WH',
      vendor: { code: 'ACME', name: 'Acme Supplies' },
      lines: lines.map((line) => ({ ...line, unitPrice: '2.50' })),
    },
  }
  if (sendOrder === undefined) {
    const headers = { 'content-type': 'application/cloudevents+json' }
    await insist(
      () => system.erp(),
      (erp) => erp.send('POST', '/picking/v1/events', { body: event, headers, timeoutMs: 10_000 }),
      202,
    )
    return validate(system, orderNumber, lines)
  }
  await sendOrder(event)
  for (const end = Date.now() + 2 * patienceMs; ;) {
    try {
      return await validate(system, orderNumber, lines)
    } catch (error) {
      if (!(error instanceof Definite) || Date.now() > end) throw error
    }
  }
}

interface Received {
  readonly number: string
  readonly times: { readonly sent: number; readonly done: number }
}

/** Counts and validates the order's receipt, if nobody has, and waits until it is posted. */
async function validate(system: System, orderNumber: string, lines: readonly OrderLine[]): Promise<Received> {
  const manager = () => system.login('manager')
  const found = await insist(
    manager,
    (client) => client.get<{ items: Receipt[] }>(`/picking/v1/receipts?source=${orderNumber}`, { timeoutMs: 10_000 }),
    200,
    (page) => page.items.some(({ status }) => status !== 'cancelled'),
  )
  const receipt = found.items.find(({ status }) => status !== 'cancelled')
  if (receipt === undefined) throw new Error(`no receipt of ${orderNumber}`)
  const path = `/picking/v1/receipts/${receipt.id}`
  if (receipt.status === 'posting' || receipt.status === 'done') {
    const sent = performance.now()
    const { number } = await insist(
      manager,
      (client) => client.get<Receipt>(path, { timeoutMs: 10_000 }),
      200,
      ({ status }) => status === 'done',
    )
    return { number, times: { sent, done: performance.now() } }
  }
  const entries = lines.map(({ line, quantity, unit }) => ({ line, quantity, unit }))
  const key = randomUUID()
  const counted = await insist(
    manager,
    (client) =>
      client.send<Receipt>('PATCH', `${path}/lines`, {
        key,
        version: receipt.version,
        body: { entries },
        timeoutMs: 10_000,
      }),
    200,
  )
  const validateKey = randomUUID()
  const sent = performance.now()
  const done = await insist(
    manager,
    (client) =>
      client.send<Receipt>('POST', `${path}/validate`, {
        key: validateKey,
        version: counted.version,
        body: {},
        wait: 5,
        timeoutMs: 10_000,
      }),
    200,
    (document) => document.status === 'done',
  )
  return { number: done.number, times: { sent, done: performance.now() } }
}

/** Asks until the answer is the one; what is definite and another is an error. */
async function insist<Body>(
  who: () => Promise<Client>,
  ask: (client: Client) => Promise<Reply<Body>>,
  status: number,
  enough: (body: Body) => boolean = () => true,
): Promise<Body> {
  let last: unknown
  for (const end = Date.now() + patienceMs; Date.now() < end;) {
    try {
      const reply = await ask(await who())
      if (reply.status === status && enough(reply.body)) return reply.body
      last = reply
      if (isDefinite(reply) && reply.status !== status) throw new Definite(JSON.stringify(reply.body))
    } catch (error) {
      if (error instanceof Definite) throw error
      last = error
    }
    await sleep(50)
  }
  throw new Error(
    `no answer within ${String(patienceMs)} ms; the last: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
  )
}

class Definite extends Error {}

/** 202 and 5xx say "not yet"; 409 with Retry-After that the twin still runs. */
function isDefinite(reply: Reply): boolean {
  if (reply.status >= 500 || reply.status === 202 || reply.status === 429) return false
  return reply.headers['retry-after'] === undefined
}
