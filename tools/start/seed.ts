/**
 * The demo data. Users and the service client make identity's own start; the rest goes through the services' own
 * interface as the manager would, each request with a fixed key: a seed that was interrupted is simply run again.
 */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { type DataFolder, recall, remember } from './data-folder.ts'
import type { DemoSecrets } from './services.ts'
import { CannotStart, type Seed } from './settings.ts'

const patienceMs = 60_000
const pauseMs = 100

/** A request of the seed. */
export interface SeedStep {
  readonly method: 'POST' | 'PUT'
  readonly path: string
  readonly body: unknown
}

const units = [
  { code: 'kg', name: 'Kilogram', decimals: 3 },
  { code: 'unit', name: 'Unit', decimals: 0 },
]
const gram = { code: 'g', name: 'Gram', decimals: 0, reference: { unit: 'kg', numerator: '1', denominator: '1000' } }
const warehouse = { code: 'WH', name: 'Main warehouse', defaultReceiptLocation: 'WH/Stock' }

const locations = [
  { code: 'WH/Stock' },
  { code: 'WH/Stock/A1-03', pickSequence: 10 },
  { code: 'WH/Stock/B2-01', pickSequence: 20 },
  { code: 'WH/Stock/C4-11', pickSequence: 30 },
  { code: 'WH/Input', reservable: false },
  { code: 'WH/Output', reservable: false },
]

const products = [
  { sku: 'RM-A', name: 'Raw material A', unit: 'kg', category: 'raw materials', barcodes: ['4000000000013'] },
  { sku: 'RM-B', name: 'Raw material B', unit: 'kg', category: 'raw materials', barcodes: ['4000000000020'] },
  { sku: 'PX', name: 'Product X', unit: 'unit', category: 'finished goods', barcodes: ['4000000000037'] },
  { sku: 'PY', name: 'Product Y', unit: 'unit', category: 'finished goods', barcodes: ['4000000000044'] },
  { sku: 'PZ', name: 'Product Z', unit: 'unit', category: 'finished goods', barcodes: ['4000000000051'] },
]

const posted = (path: string, body: object): SeedStep => ({ method: 'POST', path, body })

/** What is made at stock: one group after the other, since each stands on those before it. */
export const stockSteps: readonly (readonly SeedStep[])[] = [
  [...units.map((unit) => posted('/stock/v1/units', unit)), posted('/stock/v1/warehouses', warehouse)],
  [
    posted('/stock/v1/units', gram),
    ...locations.slice(0, 1).map((location) => posted('/stock/v1/locations', location)),
  ],
  locations.slice(1).map((location) => posted('/stock/v1/locations', location)),
  products.map((product) => posted('/stock/v1/products', { ...product, type: 'stockable', tracking: 'none' })),
]

/** The key of a step: always the same for the same step. */
export function seedKey(step: SeedStep): string {
  const hex = createHash('sha256')
    .update(`seed ${step.method} ${step.path} ${JSON.stringify(step.body)}`)
    .digest('hex')
  // A UUID of version 8: its content is the maker's own affair.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const mark = 'seeded.json'

/** Did an earlier start bring all of it in? */
export function isSeeded(folder: DataFolder): boolean {
  return recall(folder, mark, z.unknown()) !== undefined
}

/** All of it is in, and has arrived everywhere. */
export function markSeeded(folder: DataFolder): void {
  if (!isSeeded(folder)) remember(folder, mark, { seeded: 'demo' })
}

const choiceShape = z.object({ seed: z.enum(['demo', 'none']) })

/** Demo data or none? A data folder stays what it was begun as; only at its beginning can it be chosen. */
export function useSeed(folder: DataFolder, wanted: Seed | undefined): Seed {
  const begun = recall(folder, 'seed.json', choiceShape)?.seed ?? (isSeeded(folder) ? 'demo' : undefined)
  if (begun !== undefined && wanted !== undefined && begun !== wanted) {
    throw new CannotStart(
      `This folder was begun ${begun === 'demo' ? 'with' : 'without'} demo data. Start without SEED to go on with it, ` +
        `or with another DATA_DIR to begin one ${wanted === 'demo' ? 'with' : 'without'}.`,
    )
  }
  const seed = begun ?? wanted ?? 'demo'
  remember(folder, 'seed.json', { seed })
  return seed
}

/** Makes what is missing of the demo data. */
export async function seedDemo(base: string, demo: DemoSecrets, say: (line: string) => void): Promise<void> {
  const token = await logIn(base, demo)
  for (const group of stockSteps) await Promise.all(group.map((step) => take(base, token, step)))
  const users = await usersOf(base, token)
  for (const name of ['supervisor', 'user']) {
    const id = users.get(name)
    if (id === undefined) throw new CannotStart(`The demo user ${name} is not there. Start on an empty data folder.`)
    await take(base, token, { method: 'PUT', path: `/stock/v1/users/${id}/locations`, body: { locations: ['WH'] } })
  }
  say('the demo data is in')
}

const sessionShape = z.object({ accessToken: z.string() })

async function logIn(base: string, demo: DemoSecrets): Promise<string> {
  const body = { username: 'manager', password: demo.password }
  const answer = await patiently(() => send(base, { method: 'POST', path: '/identity/v1/sessions', body }, {}))
  if (answer.status === 401) {
    throw new CannotStart(
      "The user manager is not there with the password in demo.json of the data folder: identity's database had users " +
        'before this folder, or the file was changed. Put it back, or take an empty database and an empty data folder.',
    )
  }
  return sessionShape.parse(wanted('log in', answer)).accessToken
}

const usersShape = z.object({ items: z.array(z.object({ id: z.string(), username: z.string() })) })

async function usersOf(base: string, token: string): Promise<Map<string, string>> {
  const path = '/stock/v1/users?limit=200'
  const names = ['supervisor', 'user']
  const deadline = performance.now() + patienceMs
  for (;;) {
    const answer = await patiently(() => send(base, { method: 'GET', path }, { authorization: `Bearer ${token}` }))
    const { items } = usersShape.parse(wanted('list the users', answer))
    const found = new Map(items.map((user) => [user.username, user.id]))
    // They come to stock by event: a moment after identity has made them.
    if (names.every((name) => found.has(name)) || performance.now() > deadline) return found
    await sleep(pauseMs)
  }
}

async function take(base: string, token: string, step: SeedStep): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': seedKey(step) }
  const answer = await patiently(() => send(base, step, headers))
  wanted(`${step.method} ${step.path}`, answer)
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

async function send(
  base: string,
  step: { method: string; path: string; body?: unknown },
  headers: Record<string, string>,
): Promise<Answer> {
  const answer = await fetch(base + step.path, {
    method: step.method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(step.body === undefined ? {} : { body: JSON.stringify(step.body) }),
    signal: AbortSignal.timeout(15_000),
  })
  const text = await answer.text()
  try {
    return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) }
  } catch {
    return { status: answer.status, body: text }
  }
}

/** Repeats a request that was not taken because a service restarts, has not caught up, or is busy. */
async function patiently(attempt: () => Promise<Answer>): Promise<Answer> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    try {
      const answer = await attempt()
      if (!isPassing(answer) || performance.now() > deadline) return answer
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
    await sleep(pauseMs)
  }
}

function isPassing(answer: Answer): boolean {
  return answer.status >= 500 || answer.status === 429 || typeOf(answer) === 'idempotency-key-in-use'
}

const typed = z.object({ type: z.string() })

function typeOf(answer: Answer): string | undefined {
  return typed.safeParse(answer.body).data?.type
}

function wanted(what: string, answer: Answer): unknown {
  if (answer.status < 300) return answer.body
  throw new CannotStart(
    `The demo data could not be made: ${what} answered ${answer.status}: ${JSON.stringify(answer.body)}`,
  )
}
