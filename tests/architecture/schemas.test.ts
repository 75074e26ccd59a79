import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { contracts } from '@stockline/contracts'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'

/** As a system of another maker sees it: the published files and a validator off the shelf, nothing of ours. */
const folder = join(import.meta.dirname, '../../packages/contracts/schemas')
const ajv = new Ajv2020({ strict: false, allErrors: true })
ajvFormats.default(ajv)
const validators = new Map<string, ValidateFunction>(
  readdirSync(folder).map((file) => [
    file.replace(/\.json$/, ''),
    ajv.compile(JSON.parse(readFileSync(join(folder, file), 'utf8')) as object),
  ]),
)
const validates = (type: string, data: unknown): boolean => validators.get(type)?.(data) === true
const accepts = (type: string, data: unknown): boolean =>
  contracts.find((one) => one.type === type)?.data.safeParse(data).success === true

const line = { line: 1, sku: 'RM-A', quantity: '100', unit: 'kg', unitPrice: '2.50' }
const order = {
  orderNumber: 'PO-2026-001',
  revision: 1,
  warehouse: 'WH',
  vendor: { code: 'ACME', name: 'Acme Supplies' },
  scheduledDate: '2026-04-23',
  currency: 'USD',
  lines: [line, { line: 2, sku: 'RM-B', quantity: '50', unit: 'kg', unitPrice: '4.00' }],
}
const withLine = (change: object): object => ({ ...order, lines: [{ ...line, ...change }] })
const confirmed = 'purchasing.order-confirmed.v1'

interface SchemaEvent {
  readonly type: string
  readonly what: string
  readonly data: string
  readonly taken: boolean
  readonly unsaid?: true
}
const events = readFileSync(join(import.meta.dirname, '../clients/schema-events.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as SchemaEvent)

describe('good and bad events are judged as the product judges them', () => {
  test('there are 200 at least, of every event', () => {
    expect(events.length).toBeGreaterThanOrEqual(200)
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(contracts.map(({ type }) => type)))
    expect(events.filter(({ taken }) => taken).length).toBeGreaterThan(100)
  })

  test('by ajv, but for what a schema cannot say', () => {
    const other = events.filter(
      ({ type, data, taken, unsaid }) => validates(type, JSON.parse(data)) !== (taken || unsaid === true),
    )
    expect(other).toEqual([])
  })

  test('what a schema cannot say stands in its description', () => {
    const descriptions = new Map([...validators].map(([type, { schema }]) => [type, JSON.stringify(schema)]))
    const silent = events.filter(
      ({ type, unsaid }) => unsaid === true && descriptions.get(type)?.includes('which a schema cannot say') !== true,
    )
    expect(silent).toEqual([])
  })

  test('no pattern looks around or has escapes that languages read differently', () => {
    const patterns = [...validators.values()].flatMap(({ schema }) =>
      [...JSON.stringify(schema).matchAll(/"pattern":"((?:[^"\\]|\\.)*)"/g)].map(([, pattern]) => pattern ?? ''),
    )
    expect(patterns.filter((pattern) => /\(\?[=!<]|\\\\[dDwWsSbBup]/.test(pattern))).toEqual([])
    expect(patterns.length).toBeGreaterThan(100)
  })
})

describe('published schemas, with a validator of another maker', () => {
  test('there is one for each event', () => {
    expect([...validators.keys()].sort()).toEqual(contracts.map(({ type }) => type).sort())
  })

  test('G1: the order of the example is valid', () => {
    expect([validates(confirmed, order), accepts(confirmed, order)]).toEqual([true, true])
  })

  test('an order without a revision is valid, and so is a field that nobody knows', () => {
    const { revision: _revision, ...first } = order
    expect([validates(confirmed, first), validates(confirmed, { ...order, buyer: 'Jo' })]).toEqual([true, true])
  })

  test.each([
    ['a negative quantity', withLine({ quantity: '-1' })],
    ['an exponent alone', withLine({ quantity: 'e3' })],
    ['no number', withLine({ quantity: 'NaN' })],
    ['a number that is not whole', withLine({ quantity: 2.5 })],
    ['too many decimals', withLine({ quantity: '0.0000001' })],
    ['too many digits', withLine({ quantity: '123456789012345' })],
    ['a negative price', withLine({ unitPrice: '-1' })],
    ['no product', withLine({ sku: '' })],
    ['no lines', { ...order, lines: undefined }],
    ['a date that is none', { ...order, scheduledDate: '23.04.2026' }],
  ])('%s: the schema refuses what the service refuses', (_what, data) => {
    expect([validates(confirmed, data), accepts(confirmed, data)]).toEqual([false, false])
  })
})
