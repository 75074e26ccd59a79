/**
 * A machine's clock is two hours ahead for fifteen seconds, under a running system, and picking has lost its database
 * meanwhile: afterwards all is as it was.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Client, until } from '@stockline/test-kit'
import { administratorUrl } from '@stockline/test-kit/load/database'
import { walkDelivery, walkReceipt } from '@stockline/test-kit/load/documents'
import { linesOf, makeProducts, stockUp, tellProducts } from '@stockline/test-kit/load/goods'
import { processesBelow } from '@stockline/test-kit/load/processes'
import { startSystem, type System } from '@stockline/test-kit/load/system'

const aheadMs = 15_000
const preload = `--require=${join(import.meta.dirname, 'shifted-clock.cjs')}`

/** What was seen after the clock was right again. */
export interface ClockReport {
  /** Milliseconds until every service was ready and took a token from before. */
  readonly healthyAfterMs: number
  /** Milliseconds until picking had taken what it could not take meanwhile: it pauses five seconds at most. */
  readonly caughtUpAfterMs: number
  /** Services that were started anew. */
  readonly restarted: readonly string[]
  /** Milliseconds that a receipt and a delivery took, from the order to the journal entry. */
  readonly receiptMs: number
  readonly deliveryMs: number
}

/** Sets the clock of all our programs wrong and right again, and walks both paths afterwards, with tokens from before. */
export async function runShiftedClock(brokers: string | undefined): Promise<ClockReport> {
  const system = await startSystem({
    ...(brokers === undefined ? {} : { brokers }),
    environment: { NODE_OPTIONS: preload },
    readyMs: 240_000,
  })
  try {
    const products = [...(await makeProducts(system, 3, 'clock'))]
    await stockUp(system, products, '1000')
    const [erp, harness, books] = [await system.erp(), await system.login('manager'), await system.login('supervisor')]
    const before = services(system)
    await withoutPicking(system, async () => {
      // Picking hears of it while it cannot take anything in: it will try again later, by whatever clock.
      products.push(...(await tellProducts(erp, ['CLOCK-LATER'])))
      setClock(system)
      const wrongAt = performance.now()
      await until('the outage to be told', async () => (await harness.get('/health/ready')).status === 503, 60_000)
      await sleep(aheadMs - (performance.now() - wrongAt))
      setClock(system)
    })
    const rightAt = performance.now()
    await until('all to be healthy', () => isHealthy(harness), 60_000)
    const healthyAfterMs = performance.now() - rightAt
    await until('picking to have taken all messages', () => hasCaughtUp(system), 60_000)
    const caughtUpAfterMs = performance.now() - rightAt
    const walkers = { erp, harness, books }
    const receipt = await walkReceipt(walkers, 'CLOCK-IN', linesOf(products))
    const delivery = await walkDelivery(walkers, 'CLOCK-OUT', linesOf(products.slice(0, 3)))
    const after = services(system)
    return {
      healthyAfterMs,
      caughtUpAfterMs,
      restarted: [...after].filter(([name, pid]) => before.get(name) !== pid).map(([name]) => name),
      receiptMs: receipt.wholeMs,
      deliveryMs: delivery.wholeMs,
    }
  } finally {
    await system.stop()
    await system.remove()
  }
}

const names = ['identity', 'stock', 'picking', 'valuation']

function services(system: System): ReadonlyMap<string, number> {
  return new Map(processesBelow(system.pid).flatMap(({ name, pid }) => (names.includes(name) ? [[name, pid]] : [])))
}

/** Takes picking's database away while the work goes on. */
async function withoutPicking(system: System, work: () => Promise<void>): Promise<void> {
  const admin = new pg.Client({ connectionString: administratorUrl(system) })
  await admin.connect()
  try {
    await admin.query('alter database picking with allow_connections false')
    await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = 'picking'`)
    await work()
  } finally {
    await admin.query('alter database picking with allow_connections true')
    await admin.end()
  }
}

/** All programs of ours: services, origin, and what starts them. */
function setClock(system: System): void {
  for (const { name, pid } of processesBelow(system.pid)) if (name !== 'postgres') process.kill(pid, 'SIGUSR2')
}

/** Picking's port is the third after the origin's. */
async function hasCaughtUp(system: System): Promise<boolean> {
  const port = Number(new URL(system.origin).port) + 3
  const answer = await fetch(`http://127.0.0.1:${String(port)}/health/ready`)
  const body = (await answer.json()) as { checks: { consumers?: { detail?: { lag?: string } } } }
  return answer.ok && body.checks.consumers?.detail?.lag === '0'
}

async function isHealthy(client: Client): Promise<boolean> {
  const answers = await Promise.all([
    client.get('/health/ready'),
    client.get('/identity/v1/users/me'),
    client.get('/stock/v1/locations?limit=1'),
    client.get('/picking/v1/receipts?limit=1'),
    client.get('/valuation/v1/journal-entries?limit=1'),
  ])
  return answers.every(({ status }) => status === 200)
}
