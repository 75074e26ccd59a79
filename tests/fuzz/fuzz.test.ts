import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { clientFor } from '@stockline/test-kit'
import { startSystem, type System } from '@stockline/test-kit/load/system'
import { largestProblem, wrongWith } from './answers.ts'
import { openCallers, type Callers, type Role } from './callers.ts'
import { nameOf, operationsOf, type Operation, type Schema } from './documents.ts'
import { exchange, type Received } from './exchange.ts'
import { fuzz, may } from './fuzz.ts'

let system: System
let callers: Callers
let operations: readonly Operation[]
beforeAll(async () => {
  system = await startSystem()
  callers = await openCallers(system)
  operations = await operationsOf(clientFor(system.origin))
}, 180_000)
afterAll(async () => {
  await system.stop()
  await system.remove()
})

const byRight: readonly Role[] = ['manager', 'administrator', 'client', 'nobody']

/** Sends a body to an operation as somebody who may, and gives what is wrong with the answer besides its size. */
async function sent(operation: Operation, change: { path?: string; body?: string; headers?: Record<string, string> }) {
  const role = byRight.find((one) => may(one, operation['x-right'])) ?? 'nobody'
  const token = await callers.tokenOf(role)
  const [mediaType = 'application/json'] = Object.keys(operation.requestBody?.content ?? {})
  const id = randomUUID()
  const path = `/${operation.service}${operation.path.replaceAll(/\{\w+\}/g, id)}${change.path ?? ''}`
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(change.body === undefined ? {} : { 'content-type': mediaType }),
    ...{ 'idempotency-key': id, 'if-match': '"1"', ...change.headers },
  }
  const body = change.body === undefined ? {} : { body: Buffer.from(change.body) }
  return exchange(system.origin, { method: operation.method, path, headers, ...body })
}

/** Names of what is larger than it may be, or is not documented. */
function faultsOf(operation: Operation, what: string, received: Received): string[] {
  const size = received.body.length > largestProblem ? `${String(received.body.length)} bytes` : undefined
  const wrong = size ?? wrongWith(operation, received, false)
  return wrong === undefined
    ? []
    : [`${nameOf(operation)}, ${what}: ${wrong} ${received.body.toString('utf8', 0, 300)}`]
}

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at))
const fieldsOf = (operation: Operation): [string, Schema][] => {
  const schema = Object.values(operation.requestBody?.content ?? {})[0]?.schema
  return Object.entries((schema?.oneOf?.[0] ?? schema)?.properties ?? {})
}

/** Bodies of about 1 MB, each of another kind, that are wrong in as many places as they can be. */
const hostile: readonly [string, (operation: Operation) => string][] = [
  ['a name of 900 KB', () => JSON.stringify({ ['n'.repeat(900_000)]: 1 })],
  [
    '30,000 names that nobody knows',
    () => JSON.stringify(Object.fromEntries(many(30_000, (at) => [`f${String(at)}`, 0]))),
  ],
  [
    'lists of 30,000 wrong items',
    (of) =>
      JSON.stringify(
        Object.fromEntries(
          fieldsOf(of)
            .slice(0, 1)
            .map(([name]) => [name, many(30_000, () => 0)]),
        ),
      ),
  ],
  [
    'wrong objects in every list',
    (of) => JSON.stringify(Object.fromEntries(fieldsOf(of).map(([name]) => [name, many(9_000, () => ({ x: 0 }))]))),
  ],
  [
    'texts of 150,000 control characters',
    (of) =>
      JSON.stringify(
        Object.fromEntries(
          fieldsOf(of)
            .slice(0, 2)
            .map(([name]) => [name, '\u0001'.repeat(75_000)]),
        ),
      ),
  ],
]

describe('no answer to a bad request has more than 64 KB', () => {
  test.each(hostile)(
    '%s, to every operation that takes a body',
    async (what, make) => {
      const wrong: string[] = []
      for (const operation of operations.filter((one) => one.requestBody !== undefined))
        wrong.push(...faultsOf(operation, what, await sent(operation, { body: make(operation) })))
      expect(wrong).toEqual([])
    },
    240_000,
  )

  test.each<[string, { path?: string; headers?: Record<string, string> }]>([
    ['a query of 12 KB', { path: `?${many(1_500, (at) => `q${String(at)}=1`).join('&')}` }],
    ['a name of 12 KB in the query', { path: `?${'q'.repeat(12_000)}=1` }],
    ['a cursor of 12 KB', { path: `?cursor=${'%01'.repeat(4_000)}` }],
    ['a correlation id of 12 KB', { headers: { 'x-correlation-id': 'c'.repeat(12_000) } }],
    [
      'a key and a version of 6 KB',
      { headers: { 'idempotency-key': 'k'.repeat(6_000), 'if-match': 'v'.repeat(6_000) } },
    ],
    ['headers of 20 KB', { headers: { 'x-a': 'a'.repeat(20_000) } }],
  ])(
    '%s, to every operation',
    async (what, change) => {
      const wrong: string[] = []
      for (const operation of operations) wrong.push(...faultsOf(operation, what, await sent(operation, change)))
      expect(wrong).toEqual([])
    },
    240_000,
  )

  const filled = 'x'.repeat(900_000)
  test.each([
    ['a grant of 900 KB', `grant_type=${filled}`],
    ['a client of 900 KB', `grant_type=client_credentials&client_id=${filled}&client_secret=x`],
    ['a scope of 900 KB', `grant_type=client_credentials&client_id=nobody&client_secret=x&scope=${filled}`],
    ['90,000 fields', many(90_000, (at) => `f${String(at)}=1`).join('&')],
    ['90,000 times one field', many(90_000, () => 'client_id=1').join('&')],
  ])('a form with %s', async (what, body) => {
    const operation = operations.find(({ path }) => path === '/v1/tokens') as Operation
    expect(faultsOf(operation, what, await sent(operation, { body }))).toEqual([])
  })

  test('an event that is taken, with 50,000 fields that nobody knows', async () => {
    const sku = `SIZE-${randomUUID().slice(0, 8)}`
    const known = { sku, name: 'x', type: 'stockable', unit: 'unit', category: 'goods', tracking: 'none' }
    const data = { ...known, ...Object.fromEntries(many(50_000, (at) => [`unknown${String(at)}`, 1])) }
    const event = {
      specversion: '1.0',
      id: sku,
      source: '/catalog',
      type: 'catalog.product-upserted.v1',
      subject: sku,
      data,
    }
    const operation = operations.find((one) => nameOf(one) === 'POST stock /v1/events') as Operation
    const received = await sent(operation, { body: JSON.stringify(event) })
    expect(faultsOf(operation, 'an event', received)).toEqual([])
    const answer = JSON.parse(received.body.toString()) as { warnings: object[]; moreWarnings: number }
    expect(answer.warnings.length + answer.moreWarnings).toBe(50_000)
  })
})

test('900 generated requests and 200 at the other doors: every answer is documented, none is 500 or 503', async () => {
  const report = await fuzz({
    system,
    requests: 900,
    doors: 200,
    seed: 7,
    atOnce: 4,
    fault: false,
    say: () => undefined,
  })
  expect(report.wrong).toEqual([])
  expect(report.sent).toBeGreaterThan(1_000)
  // Most of what is asked as documented must get beyond the first checks, or little is tried.
  expect(report.statuses['200']).toBeGreaterThan(100)
}, 300_000)
