/** An order from outside as CloudEvent, in all the forms in which it may come. */
import { contract } from '@stockline/contracts/envelope'
import { z } from 'zod'
import type { IncomingMessage } from '../src/bus/bus.ts'
import { readerFor, type Read } from '../src/messaging/inbox.read.ts'
import { reaction } from '../src/messaging/reactions.ts'

export const data = { orderNumber: 'PO-1', note: 'Größe 😀' }
export const placed = contract({
  type: 'shop.order-placed.v1',
  topic: 'shop.orders',
  subject: 'order number',
  subjectField: 'orderNumber',
  summary: 'An order was placed.',
  data: z.object({ orderNumber: z.string().min(1), note: z.string().optional() }),
})
export const counted = contract({
  type: 'stock.counted.v1',
  topic: 'stock.counts',
  subject: 'count',
  summary: 'Something was counted.',
  data: z.object({ orderNumber: z.string().min(1) }),
})
export const reader = readerFor([placed, counted].map((one) => reaction(one, { react: () => Promise.resolve() })))

export const attributes = { specversion: '1.0', id: 'a-1', source: '/erp', type: placed.type, subject: 'PO Größe 1' }
export const json = (value: unknown) => Buffer.from(JSON.stringify(value))
/** As Python's json writes it. */
export const ascii = (value: unknown) =>
  JSON.stringify(value).replaceAll(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
/** Bytes in a header, as node:http gives them. */
export const raw = (text: string) => Buffer.from(text).toString('latin1')

export function onBus(
  value: Buffer | null,
  headers: Record<string, string> = {},
  more: Partial<IncomingMessage> = {},
): Read {
  return reader.message({ topic: 'shop.orders', partition: 0, offset: 1n, key: 'PO-1', value, headers, ...more })
}
export function byHttp(headers: Record<string, string>, body: Buffer): Read {
  const sent = reader.submitted(headers, body, [placed])
  if (sent.mode !== 'one') throw new Error(sent.mode)
  return sent.read
}
export const subjectOf = (read: Read) => (read.kind === 'event' ? read.event.subject : read)
export const errorsOf = (read: Read) => (read.kind === 'unreadable' ? read.faults.map((one) => one.pointer) : read.kind)
export const ceHeaders = (prefix: string, texts: Record<string, string>) =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${prefix}${name}`, text]))
