import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { contracts, purchasingOrderConfirmed, topics } from './index.ts'
import { asyncApi } from './asyncapi.ts'
import { jsonSchemaOf, type JsonSchema } from './json-schema.ts'

const folder = join(import.meta.dirname, '../schemas')
const published = new Map(
  readdirSync(folder).map((file) => [
    file.replace(/\.json$/, ''),
    JSON.parse(readFileSync(join(folder, file), 'utf8')) as JsonSchema,
  ]),
)

describe('published schemas', () => {
  test.each(contracts.map((one) => [one.type, one] as const))('%s is published as it is declared', (type, one) => {
    expect(published.get(type)).toEqual(JSON.parse(JSON.stringify(jsonSchemaOf(one))))
  })

  test('no published event was taken away', () => {
    const declared = new Set(contracts.map((one) => one.type))
    expect([...published.keys()].filter((type) => !declared.has(type))).toEqual([])
  })
})

describe('order events', () => {
  const order = {
    orderNumber: 'PO-2026-001',
    warehouse: 'WH',
    vendor: { code: 'ACME', name: 'Acme Supplies' },
    scheduledDate: '2026-04-23',
    currency: 'USD',
    lines: [{ line: 1, sku: 'RM-A', quantity: '100', unit: 'kg', unitPrice: '2.50' }],
  }
  const faults = (data: unknown) =>
    purchasingOrderConfirmed.data.safeParse(data).error?.issues.map((issue) => issue.path.join('/')) ?? []

  test('revision is 1 where a confirmation names none', () => {
    expect(purchasingOrderConfirmed.data.parse(order).revision).toBe(1)
  })

  test.each([
    '-1',
    '0',
    '0.000',
    '0.0000001',
    '1e-7',
    '1e14',
    'NaN',
    '',
    ' 1',
    '+1',
    '.5',
    '1.',
    '123456789012345',
    '1,5',
  ])('G1: the quantity %p is refused', (quantity) => {
    expect(faults({ ...order, lines: [{ ...order.lines[0], quantity }] })).toEqual(['lines/0/quantity'])
  })

  test('every wrong field is named at once', () => {
    expect(
      faults({
        ...order,
        warehouse: 'no such/thing',
        currency: 'dollars',
        lines: [{ line: 0, sku: '', quantity: 2.5, unit: 'kg' }],
      }),
    ).toEqual(['warehouse', 'currency', 'lines/0/line', 'lines/0/sku', 'lines/0/quantity'])
  })

  test('1,001 lines and a line number that stands twice are refused', () => {
    const line = order.lines[0]!
    expect(
      faults({ ...order, lines: Array.from({ length: 1001 }, (_, index) => ({ ...line, line: index + 1 })) }),
    ).toEqual(['lines'])
    expect(faults({ ...order, lines: [line, line] })).toEqual(['lines/1/line'])
  })
})

test('each topic is in the AsyncAPI document, with its events', () => {
  const channels = asyncApi()['channels'] as Record<string, { address: string; messages: object }>
  expect(Object.values(channels).map((channel) => channel.address)).toEqual(topics.map((topic) => topic.name))
  for (const channel of Object.values(channels)) expect(Object.keys(channel.messages).length).toBeGreaterThan(0)
})
