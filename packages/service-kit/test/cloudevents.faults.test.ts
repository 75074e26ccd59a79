import { describe, expect, test } from '@jest/globals'
import type { Read } from '../src/messaging/inbox.read.ts'
import { attributes, byHttp, ceHeaders, data, json, onBus, placed, reader } from './cloudevents.ts'

describe('what cannot be taken says why', () => {
  const nested = '['.repeat(8_000) + ']'.repeat(8_000)
  test.each<[string, Read, string, string, RegExp]>([
    ['a tombstone', onBus(null), 'tombstone', '', /tombstone/],
    ['a tombstone in binary mode', onBus(null, ceHeaders('ce_', attributes)), 'tombstone', '', /no value/],
    ['nothing', onBus(Buffer.alloc(0)), 'not-json', '', /nothing at all/],
    ['a schema registry', onBus(Buffer.from([0, 0, 0, 0, 7, 0x7b, 0x7d])), 'not-json', '', /schema 7/],
    ['no JSON in binary mode', onBus(Buffer.from('<a/>'), ceHeaders('ce_', attributes)), 'not-json', '/data', /XML/],
    [
      'a batch',
      onBus(json([attributes]), { 'content-type': 'application/cloudevents-batch+json' }),
      'format',
      '',
      /batch/,
    ],
    [
      'another format',
      onBus(Buffer.from('x'), { 'content-type': 'application/cloudevents+avro' }),
      'format',
      '',
      /\+avro/,
    ],
    [
      '8,000 brackets',
      onBus(Buffer.from(JSON.stringify({ ...attributes, data }).replace('}}', `,"x":${nested}}}`))),
      'too-deep',
      '',
      /64/,
    ],
    ['too many fields', onBus(json({ ...attributes, data, x: new Array(100_001).fill(1) })), 'too-many', '', /100000/],
    ['too many bytes', onBus(json({ ...attributes, data, x: 'x'.repeat(1_048_576) })), 'too-large', '', /1048576/],
    ['a character', onBus(json({ ...attributes, data: { ...data, note: 'a\0' } })), 'envelope', '/data/note', /NUL/],
    ['half a pair', onBus(json({ ...attributes, id: '\ud800', data })), 'envelope', '/id', /surrogate/],
    [
      'half a pair in a field that nobody knows',
      onBus(json({ ...attributes, data: { ...data, x: ['\udc00'] } })),
      'envelope',
      '/data/x/0',
      /surrogate/,
    ],
    [
      'half a pair in the name of a field',
      onBus(json({ ...attributes, data: { ...data, '\udc00': 1 } })),
      'envelope',
      '/data/\udc00',
      /surrogate/,
    ],
    [
      'half a pair in base64',
      onBus(json({ ...attributes, data_base64: json({ ...data, note: '\ud800' }).toString('base64') })),
      'envelope',
      '/data/note',
      /surrogate/,
    ],
    [
      'a character in JSON within JSON',
      onBus(json({ ...attributes, actor: '{"id":"\\u0000","name":"x"}', data })),
      'envelope',
      '/actor',
      /NUL/,
    ],
    [
      'a header that is no UTF-8',
      onBus(json(data), ceHeaders('ce_', { ...attributes, subject: '\uFFFD' })),
      'envelope',
      '/subject',
      /UTF-8/,
    ],
    [
      'by HTTP a header that is no UTF-8',
      byHttp(ceHeaders('ce-', { ...attributes, subject: '\xff' }), json(data)),
      'envelope',
      '/subject',
      /UTF-8/,
    ],
    [
      'by HTTP a header encoded wrongly',
      byHttp(ceHeaders('ce-', { ...attributes, id: '%ED%A0%80' }), json(data)),
      'envelope',
      '/id',
      /UTF-8|missing/,
    ],
    [
      'by HTTP an encoded NUL',
      byHttp(ceHeaders('ce-', { ...attributes, subject: 'a%00' }), json(data)),
      'envelope',
      '/subject',
      /NUL/,
    ],
    [
      'a source that is ours, on a topic of others',
      onBus(json({ ...attributes, source: '/stockline/x', data })),
      'envelope',
      '/source',
      /ours/,
    ],
    [
      'a type that nobody knows, from a source that is ours, on a topic of others',
      onBus(json({ ...attributes, source: '/stockline/x', type: 'shop.order-placd.v1', data })),
      'envelope',
      '/source',
      /ours/,
    ],
  ])('%s', (_what, read, reason, pointer, message) => {
    if (read.kind !== 'unreadable') throw new Error(read.kind)
    expect(read.reason).toBe(reason)
    expect(read.faults).toContainEqual({ pointer, message: expect.stringMatching(message) as unknown as string })
    expect(read.error).toBeUndefined()
  })

  test.each([
    'text/plain',
    'application/cloudevents+xml',
    'application/cloudevents-batch+avro',
    'application/avro',
    'image/png',
  ])('by HTTP the content type %s is not read', (contentType) => {
    expect(
      reader.submitted({ ...ceHeaders('ce-', attributes), 'content-type': contentType }, json(data), [placed]),
    ).toEqual({
      mode: 'unsupported',
      contentType,
    })
  })
})

describe('a batch', () => {
  const batch = (body: string) => {
    const sent = reader.submitted(
      { 'content-type': 'Application/CloudEvents-Batch+JSON; charset=utf-8' },
      Buffer.from(body),
      [placed],
    )
    return sent.mode === 'batch' ? sent.reads : sent
  }
  const one = (id: string, more: object = {}) => JSON.stringify({ ...attributes, id, data, ...more })

  test('is its events, each to the letter', () => {
    const odd = one('2').replace('"data"', ' "x" : 1.50 , "data"')
    expect(batch(`[ ${one('1')} , ${odd} ]`)).toMatchObject([{ event: { id: '1' } }, { event: { id: '2' } }])
    const [, second] = batch(`[${one('1')},${odd}]`) as readonly Read[]
    expect(second?.text()).toBe(odd)
  })
  test('may be empty', () => expect(batch('[]')).toEqual([]))
  test('names what is wrong with each', () => {
    expect(batch(`[${one('1')},5,${one('', { data: {} })}]`)).toMatchObject([
      { kind: 'event' },
      { reason: 'not-json' },
      { reason: 'envelope', faults: [{ pointer: '/id' }, { pointer: '/data/orderNumber' }] },
    ])
  })
  test.each(['', '{}', '[', one('1')])('that is no list is nothing: %j', (body) => {
    expect(batch(body)).toMatchObject([{ kind: 'unreadable', reason: 'not-json' }])
  })
})
