/** What the services answer over a stretch of time: whether they live, what they say of their readiness, and requests. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, clientFor } from '@stockline/test-kit'
import type { System } from '@stockline/test-kit/load/system'

const services = ['identity', 'stock', 'picking', 'valuation'] as const
const everyMs = 1_000

/** What was answered. */
export interface Answers {
  /** Looks at whether each service lives, and those that were not answered with 200. */
  readonly looks: number
  readonly notLiving: number
  /** Reads of documents and stock, and orders by HTTP; and those that were not answered as always. */
  readonly requests: number
  readonly failed: readonly string[]
  readonly slowestMs: number
  /** Sentences of readiness, by service and check, in the order in which they first came. */
  readonly said: readonly string[]
}

export interface AnswerWatch {
  /** By performance.now(): since when all have been ready; undefined while one is not. */
  readonly allReadySince: () => number | undefined
  stop(): Promise<Answers>
}

/** Looks once a second until it is stopped. */
export function watchAnswers(system: System): AnswerWatch {
  const anonymous = clientFor(system.origin)
  const said = new Set<string>()
  const failed: string[] = []
  let [looks, notLiving, requests, slowestMs] = [0, 0, 0, 0]
  let readySince: number | undefined
  let going = true

  const look = async (): Promise<void> => {
    const answers = await Promise.all(
      services.map(async (service) => {
        looks += 1
        const live = await quietly(anonymous, `/${service}/health/live`)
        if (live?.status !== 200) notLiving += 1
        const ready = await quietly(anonymous, `/${service}/health/ready`)
        for (const [check, sentence] of Object.entries(unreadyChecks(ready?.body)))
          said.add(`${service} ${check}: ${sentence}`)
        return ready?.status === 200
      }),
    )
    if (!answers.every(Boolean)) readySince = undefined
    else readySince ??= performance.now()
  }

  const ask = async (name: string, request: () => Promise<number>, wanted: number): Promise<void> => {
    const at = performance.now()
    requests += 1
    const status = await request().catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
    slowestMs = Math.max(slowestMs, Math.round(performance.now() - at))
    if (status !== wanted) failed.push(`${name}: ${String(status)}`)
  }

  const askAll = async (): Promise<void> => {
    const [manager, erp] = await Promise.all([system.login('manager'), system.erp()])
    const read = (path: string) => ask(path, async () => (await manager.get(path, { timeoutMs: 5_000 })).status, 200)
    await Promise.all([
      read('/picking/v1/receipts?limit=5'),
      read('/stock/v1/quants?limit=5'),
      read('/valuation/v1/inventory-value'),
      ask('an order by HTTP', async () => (await order(erp)).status, 202),
    ])
  }

  const loop = async (step: () => Promise<void>): Promise<void> => {
    while (going) {
      await step().catch((error: unknown) => failed.push(String(error)))
      await sleep(everyMs)
    }
  }
  const running = Promise.all([loop(look), loop(askAll)])
  return {
    allReadySince: () => readySince,
    stop: async () => {
      going = false
      await running
      return { looks, notLiving, requests, failed: [...new Set(failed)], slowestMs, said: [...said] }
    },
  }
}

/** The checks that do not hold, with their sentences; `reason` where the service holds itself back. */
export function unreadyChecks(body: unknown): Readonly<Record<string, string>> {
  const { checks = {}, reason } = (typeof body === 'object' && body !== null ? body : {}) as {
    readonly checks?: Readonly<Record<string, { readonly ok: boolean; readonly detail?: unknown }>>
    readonly reason?: string
  }
  const wrong = Object.entries(checks).flatMap(([name, { ok, detail }]) =>
    ok ? [] : [[name, String(detail)] as const],
  )
  return Object.fromEntries(reason === undefined ? wrong : [...wrong, ['reason', reason]])
}

async function quietly(client: Client, path: string) {
  try {
    return await client.get(path, { timeoutMs: 5_000 })
  } catch {
    return undefined
  }
}

function order(erp: Client) {
  const orderNumber = `W-${randomUUID().slice(0, 13)}`
  const body = {
    specversion: '1.0',
    id: randomUUID(),
    source: '/erp',
    type: 'purchasing.order-confirmed.v1',
    subject: orderNumber,
    data: {
      orderNumber,
      warehouse: 'WH',
      vendor: { code: 'ACME', name: 'Acme' },
      lines: [{ line: 1, sku: 'RM-A', quantity: '1', unit: 'kg', unitPrice: '1' }],
    },
  }
  const headers = { 'content-type': 'application/cloudevents+json' }
  return erp.send('POST', '/picking/v1/events', { body, headers, timeoutMs: 5_000 })
}
