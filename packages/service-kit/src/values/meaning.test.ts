import { describe, expect, test } from '@jest/globals'
import { purchasingOrderConfirmed, values } from '@stockline/contracts'
import { z } from 'zod'
import { compared, digestOf, digestOfEvent, digestOfRequest, writtenOf } from './digest.ts'
import { meaningBySchema, withNumerals } from './meaning.ts'

const meaning = meaningBySchema(purchasingOrderConfirmed.data)
const line = { line: 1, sku: 'RM-A', quantity: '100', unit: 'kg', unitPrice: '2.50' }
const order = { orderNumber: 'PO-1', warehouse: 'WH', vendor: { code: 'A', name: 'A' }, lines: [line] }
const { unitPrice: _unitPrice, ...unpriced } = line
const withLine = (change: object) => ({ ...order, lines: [{ ...line, ...change }] })

describe('events that mean the same', () => {
  test.each<[string, unknown, unknown]>([
    ['a decimal in another notation', order, withLine({ quantity: '100.0', unitPrice: '2.5' })],
    ['with an exponent', order, withLine({ quantity: '1E+2', unitPrice: '25e-1' })],
    ['a decimal as a number', order, withLine({ quantity: 100 })],
    ['another order of keys', order, Object.fromEntries(Object.entries(order).reverse())],
    ['null and absent', order, { ...order, scheduledDate: null, revision: null }],
    ['a first revision that is named', order, { ...order, revision: 1 }],
    ['the same beside an unknown field', { ...order, x: 1 }, { ...order, revision: 1, x: 1 }],
    ['null and absent in a line', { ...order, lines: [unpriced] }, withLine({ unitPrice: null })],
    ['an unknown field that is null', order, withLine({ colour: null })],
    ['keys within an unknown field', { ...order, x: { a: 1, b: null } }, { ...order, x: { a: 1 } }],
    ['keys in another order within one', { ...order, x: [{ a: 1, b: 2 }] }, { ...order, x: [{ b: 2, a: 1 }] }],
  ])('%s', (_what, one, other) => expect(meaning(other)).toBe(meaning(one)))
})

describe('events that do not', () => {
  test.each<[string, unknown, unknown]>([
    ['another quantity', order, withLine({ quantity: '100.000001' })],
    ['another revision than the first', order, { ...order, revision: 2 }],
    ['a code that looks like a number', withLine({ sku: '100' }), withLine({ sku: '0100' })],
    ['an unknown field', order, { ...order, x: 1 }],
    ['an unknown text that looks like a decimal', { ...order, x: '1.0' }, { ...order, x: '1' }],
    ['an unknown number and its text', { ...order, x: 1 }, { ...order, x: '1' }],
    ['the order of lines', { ...order, lines: [line, 1] }, { ...order, lines: [1, line] }],
    ['null in a list', { ...order, x: [null] }, { ...order, x: [] }],
    ['a field within another', { ...order, x: { y: 1 } }, { ...order, y: 1, x: {} }],
  ])('%s', (_what, one, other) => expect(meaning(other)).not.toBe(meaning(one)))
})

test('a field stands where it stood when the schema learns of it', () => {
  const before = meaningBySchema(z.object({ a: z.string(), c: z.string() }))
  const after = meaningBySchema(z.object({ a: z.string(), b: z.string().optional(), c: z.string() }))
  expect(after({ c: '3', b: '2', a: '1' })).toBe(before({ c: '3', b: '2', a: '1' }))
})

test('where null clears a field it is not absent; where absent is null it is', () => {
  const body = meaningBySchema(
    z.object({ cleared: values.sku.nullable().optional(), none: values.sku.nullable().default(null) }),
  )
  expect(body({ cleared: null })).not.toBe(body({}))
  expect(body({ none: null })).toBe(body({}))
})

test('a default that is said is no more than one that is left out, by its value', () => {
  const body = meaningBySchema(
    z.object({
      amount: values.percent.default('0'),
      list: z.array(values.sku).default([]),
      on: z.boolean().default(true),
    }),
  )
  expect(body({ amount: '0.00', list: [], on: true })).toBe(body({}))
  for (const other of [{ amount: '1' }, { list: ['A'] }, { on: false }]) expect(body(other)).not.toBe(body({}))
})

test('numbers that JavaScript cannot hold are told apart', () => {
  const texts = ['1234567890123456789', '1234567890123456788', '0.1234567890123456789', '0.1234567890123456788']
  const meanings = texts.map((text) => meaning(withNumerals(`{"a":[ ${text}],"b":${text}}`)))
  expect(new Set(meanings).size).toBe(texts.length)
  expect(withNumerals('{"a":"1234567890123456789","b":123456789012345}')).toBeUndefined()
})

describe('a repeat is judged by the version of the row', () => {
  const sent = digestOfEvent({ type: 't', subject: 's' }, order, () => meaning(order))
  const repeat = withLine({ quantity: '100.0' })
  const again = digestOfEvent({ type: 't', subject: 's' }, repeat, () => meaning(repeat))
  const asSent = { version: 1, hash: sent.by(1) ?? Buffer.alloc(0) }

  test('by meaning where the row has that', () => expect(compared(again, writtenOf(sent))).toBe('same'))
  test('as sent where the row is of 0.1.0', () =>
    expect([compared(again, asSent), compared(sent, asSent)]).toEqual(['other', 'same']))
  test('a version that is not known here is told', () =>
    expect(compared(sent, { version: 3, hash: Buffer.alloc(32) })).toBe('unjudged'))
  test('a digest is made once', () => {
    let made = 0
    const digest = digestOf(1, { 1: () => Buffer.from([(made += 1)]) })
    expect([digest.by(1), digest.by(1), made]).toEqual([Buffer.from([1]), Buffer.from([1]), 1])
  })
  test('a request whose body nobody reads is known by its bytes', () =>
    expect(writtenOf(digestOfRequest('/a', Buffer.from('{}'), undefined)).version).toBe(1))
})
