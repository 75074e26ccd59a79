/** Row R4, written: what is asked of the documents of another warehouse is refused, and changes nothing. */
import { randomUUID } from 'node:crypto'
import { expect } from '@jest/globals'
import { groups, mayDo } from '@stockline/contracts'
import type { Client } from '@stockline/test-kit'
import { allRoutes } from '../../tools/generate/routes.ts'
import type { Things } from './scope.ts'

/** What is sent to a path: what stands for its parameter, and the body. */
type Written = readonly [parameter: string, body: object]

/** What there is of the other warehouse, and somebody who works there. */
type There = Things & { readonly neighbour: string }

const reason = 'damage'
const packed = (of: There): Written => [of.package, { code: of.plain }]
const received = (of: There): Written => [of.receipt, { reason }]
const delivered = (of: There): Written => [of.delivery, {}]
const transferred = (of: There): Written => [of.transfer, {}]
const adjusted = (of: There): Written => [of.adjustment, {}]
const counted = (of: There): Written => [of.sheet, {}]

/**
 * What each command that a supervisor may send is sent of the other warehouse; a new one has none, and fails the test until it is said
 * here. `everywhere` is one that counts wherever goods are, `read` one that writes nothing.
 */
const sent: Readonly<Record<string, ((of: There) => Written) | 'everywhere' | 'read'>> = {
  'stock patch /v1/lots/:id': 'everywhere',
  'stock post /v1/lots/:id/hold': 'everywhere',
  'stock post /v1/lots/:id/release': 'everywhere',
  'stock post /v1/lots/:id/recall': 'everywhere',
  'stock post /v1/lots/:id/split': (of) => [
    of.lotId,
    { code: 'NEW', reason, lines: [{ location: `${of.warehouse}/A`, quantity: '1' }] },
  ],
  'stock post /v1/lots/:id/merge': (of) => [of.lotId, { into: randomUUID(), reason }],
  'stock put /v1/users/:id/locations': (of) => [of.neighbour, { locations: [] }],
  'stock post /v1/reservations/:documentId/release': (of) => [of.delivery, { reason }],
  'stock post /v1/scans': 'read',
  'stock patch /v1/count-sheets/:id/lines': (of) => [of.sheet, { lines: [{ line: 1, counted: '5' }] }],
  'stock put /v1/count-sheets/:id/assignee': (of) => [of.sheet, { user: null }],
  'stock post /v1/count-sheets/:id/submit': counted,
  'stock post /v1/count-sheets/:id/recount': counted,
  'stock post /v1/count-sheets/:id/cancel': (of) => [of.sheet, { reason }],
  'stock post /v1/adjustments': (of) => [
    '',
    { reason, lines: [{ sku: of.plain, location: `${of.warehouse}/A`, counted: '1' }] },
  ],
  'stock patch /v1/adjustments/:id': (of) => [of.adjustment, { note: 'mine' }],
  'stock post /v1/adjustments/:id/submit': adjusted,
  'stock post /v1/adjustments/:id/approve': adjusted,
  'stock post /v1/adjustments/:id/reject': (of) => [of.adjustment, { reason }],
  'stock post /v1/status-changes': (of) => [
    '',
    {
      reason,
      lines: [{ sku: of.plain, location: `${of.warehouse}/A`, quantity: '1', from: 'available', to: 'damaged' }],
    },
  ],
  'stock post /v1/scraps': (of) => [
    '',
    { reason, lines: [{ sku: of.plain, location: `${of.warehouse}/A`, quantity: '1' }] },
  ],
  'picking post /v1/receipts': (of) => ['', { warehouse: of.warehouse, lines: [] }],
  'picking patch /v1/receipts/:id/lines': (of) => [of.receipt, { entries: [{ line: 1, quantity: '5' }] }],
  'picking post /v1/receipts/:id/validate': (of) => [of.receipt, {}],
  'picking post /v1/receipts/:id/approve': (of) => [of.receipt, {}],
  'picking post /v1/receipts/:id/return-to-operator': received,
  'picking post /v1/receipts/:id/cancel': received,
  'picking post /v1/deliveries': (of) => [
    '',
    { warehouse: of.warehouse, lines: [{ sku: of.plain, quantity: '1', unit: 'unit' }] },
  ],
  'picking patch /v1/deliveries/:id/picks': (of) => [
    of.delivery,
    { picks: [{ line: 1, location: `${of.warehouse}/A`, picked: '1' }] },
  ],
  'picking post /v1/deliveries/:id/scans': (of) => [of.delivery, { code: of.plain }],
  'picking post /v1/deliveries/:id/put-back': delivered,
  'picking post /v1/deliveries/:id/reserve': delivered,
  'picking post /v1/deliveries/:id/validate': delivered,
  'picking post /v1/deliveries/:id/cancel': (of) => [of.delivery, { reason }],
  'picking post /v1/transfers': (of) => [
    '',
    {
      source: `${of.warehouse}/A`,
      destination: `${of.warehouse}/B`,
      lines: [{ sku: of.plain, quantity: '1', unit: 'unit' }],
    },
  ],
  'picking patch /v1/transfers/:id/lines': (of) => [
    of.transfer,
    { lines: [{ line: 1, sku: of.plain, quantity: '1', unit: 'unit' }] },
  ],
  'picking post /v1/transfers/:id/confirm': transferred,
  'picking post /v1/transfers/:id/validate': transferred,
  'picking post /v1/transfers/:id/cancel': (of) => [of.transfer, { reason, returnTo: `${of.warehouse}/A` }],
  'picking post /v1/relocations': (of) => [
    '',
    {
      warehouse: of.warehouse,
      lines: [{ sku: of.plain, quantity: '1', unit: 'unit', from: `${of.warehouse}/A`, to: `${of.warehouse}/B` }],
    },
  ],
  'picking post /v1/packages': (of) => ['', { delivery: of.delivery }],
  'picking put /v1/packages/:id/contents': (of) => [of.package, { lines: [] }],
  'picking post /v1/packages/:id/scans': packed,
  'picking post /v1/packages/:id/close': (of) => [of.package, {}],
  'picking post /v1/packages/:id/reopen': (of) => [of.package, {}],
  'picking post /v1/packages/:id/cancel': (of) => [of.package, {}],
}

/** Sends every command of a supervisor to another one's warehouse. A document that is outside answers 404; a place that is named in a body, as one that is not there. */
export async function refusedElsewhere(client: Client, things: Things, neighbour: string): Promise<void> {
  const supervisor = { groups: [groups.supervisor], scopes: [] }
  const commands = (await allRoutes()).filter(
    ({ service, method, right }) =>
      ['stock', 'picking'].includes(service) && method !== 'get' && mayDo(supervisor, right),
  )
  expect(Object.keys(sent).sort()).toEqual(commands.map((one) => `${one.service} ${one.method} ${one.path}`).sort())
  const answers = await Promise.all(
    Object.entries(sent).map(async ([name, what]) => {
      if (typeof what === 'string') return []
      const [service = '', method = '', path = ''] = name.split(' ')
      const [parameter, body] = what({ ...things, neighbour })
      const address = `/${service}${path.replace(/:\w+/, parameter)}`
      const { status, body: said } = await client.send<{ type?: string }>(method.toUpperCase(), address, {
        ...{ body, version: 1 },
      })
      const isNamedByPath = path.includes(':') && !(path in namedByBody)
      const isRefused = (isNamedByPath ? [404] : [403, 404, 422]).includes(status)
      // A body of the wrong shape would be refused wherever its place is.
      return isRefused && said.type !== 'fields-wrong' ? [] : [`${name} ${String(status)} ${JSON.stringify(said)}`]
    }),
  )
  expect(answers.flat()).toEqual([])
}

/** Paths of what both warehouses have: that another one is meant is said by the body. */
const namedByBody: Readonly<Record<string, true>> = {
  '/v1/lots/:id/split': true,
  '/v1/lots/:id/merge': true,
  '/v1/users/:id/locations': true,
}
