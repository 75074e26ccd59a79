import { describe, expect, test } from '@jest/globals'
import type { IncomingEvent, Read } from '../src/messaging/inbox.read.ts'
import {
  ascii,
  attributes,
  byHttp,
  ceHeaders,
  counted,
  data,
  errorsOf,
  json,
  onBus,
  placed,
  raw,
  reader,
  subjectOf,
} from './cloudevents.ts'

describe('what the usual libraries send is one and the same event', () => {
  const { subject: _subject, ...noSubject } = attributes
  const structured = { ...attributes, time: '2026-04-20T08:00:00.123Z', data }
  const cases: [string, Read][] = [
    [
      'structured, with a charset (JavaScript)',
      onBus(json(structured), { 'content-type': 'application/cloudevents+json; charset=utf-8' }),
    ],
    [
      'structured, escaped to ASCII (Python)',
      onBus(Buffer.from(ascii({ ...structured, time: '2026-04-20T08:00:00.123456+00:00', sequence: '7' }))),
    ],
    ['structured, whatever the case', onBus(json(structured), { 'Content-Type': 'Application/CloudEvents+JSON' })],
    [
      'structured, a whole number as extension and nine digits of time (Go)',
      onBus(
        json({
          ...structured,
          time: '2026-04-20T08:00:00.287498713Z',
          sequence: 7,
          datacontenttype: 'application/json',
        }),
      ),
    ],
    [
      'structured, null for what is absent (C#)',
      onBus(json({ ...structured, dataschema: null, correlationid: null, time: null, actor: null })),
    ],
    ['data as base64', onBus(json({ ...attributes, data_base64: json(data).toString('base64') }))],
    [
      'binary (Python)',
      onBus(json(data), ceHeaders('ce_', { ...attributes, time: '2026-04-20T08:00:00Z', sequence: '7' })),
    ],
    [
      'binary, with a content type (Java)',
      onBus(json(data), { ...ceHeaders('ce_', attributes), 'content-type': 'application/json; charset=UTF-8' }),
    ],
    ['binary, names in capitals', onBus(json(data), ceHeaders('CE_', attributes))],
    ['HTTP structured', byHttp({ 'content-type': 'application/cloudevents+json; charset=utf-8' }, json(structured))],
    ['HTTP structured, as plain JSON', byHttp({ 'content-type': 'application/json' }, json(structured))],
    ['HTTP structured, without a type', byHttp({}, json(structured))],
    [
      'HTTP binary, bytes as they are (Go)',
      byHttp(
        {
          ...ceHeaders('ce-', { ...attributes, subject: raw(attributes.subject), sequence: '7' }),
          'content-type': 'application/json',
        },
        json(data),
      ),
    ],
    [
      'HTTP binary, percent-encoded (Python)',
      byHttp(ceHeaders('ce-', { ...attributes, subject: 'PO%20Gr%C3%B6%C3%9Fe%201' }), json(data)),
    ],
    [
      'HTTP binary, in quotes',
      byHttp(
        {
          ...ceHeaders('ce-', { ...attributes, subject: '"PO Gr%C3%B6%C3%9Fe \\1"' }),
          'content-type': 'application/vnd.shop+json',
        },
        json(data),
      ),
    ],
    ['a byte order mark', onBus(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), json(structured)]))],
    [
      'no subject: the order number',
      onBus(json({ ...noSubject, data: { ...data, orderNumber: attributes.subject } }), {}, { key: null }),
    ],
  ]
  test.each(cases)('%s', (what, read) => {
    expect(subjectOf(read)).toBe(attributes.subject)
    if (read.kind !== 'event') throw new Error(what)
    expect(read.event).toMatchObject({ id: 'a-1', source: '/erp', type: placed.type, data: { note: data.note } })
    expect(JSON.parse(read.text())).toMatchObject({ id: 'a-1' })
    const again = reader.kept((read.kept ?? read.text)(), 'shop.orders')
    if (again.kind !== 'event') throw new Error(JSON.stringify(again))
    expect([again.event, ...digestsOf(again)]).toEqual([read.event, ...digestsOf(read)])
  })

  const digestsOf = ({ digest }: Pick<IncomingEvent, 'digest'>) =>
    [1, 2].map((version) => digest.by(version)?.toString('hex'))

  test('all have one digest, and its first version is the one that 0.1.0 wrote', () => {
    const digests = new Set(cases.slice(0, -1).map(([, read]) => (read.kind === 'event' ? digestsOf(read)[0] : '')))
    expect([...digests]).toEqual(['482160224504226747520ff6681af862a62a655d2895ca66c89181e67f4e1fb1'])
  })
})

describe('attributes of foreign senders', () => {
  test.each<[string, object, object]>([
    ['small letters in a time', { time: '2026-04-20t08:00:00z' }, { time: '2026-04-20T08:00:00Z' }],
    ['an offset', { time: '2026-04-20t10:00:00+02:00' }, { time: '2026-04-20T10:00:00+02:00' }],
    ['a sixtieth second', { time: '2026-06-30T23:59:60Z' }, { time: '2026-06-30T23:59:59Z' }],
    ['a sequence of any form', { sequence: '0000000007' }, { sequence: undefined }],
    ['a sequence that is a number', { sequence: 0 }, { sequence: undefined }],
    ['a sequence that could be ours', { sequence: '12', sequencetype: 'Integer' }, { sequence: '12' }],
    ['a correlation that is a number', { correlationid: 12345 }, { correlationid: '12345' }],
    ['a correlation that is no text at all', { correlationid: { a: 1 } }, { correlationid: undefined }],
    ['a trace that is too long', { traceparent: 'x'.repeat(300) }, { traceparent: undefined }],
    ['who it was as text', { actor: 'Ann' }, { actor: { id: 'Ann', name: 'Ann' } }],
    ['who it was as a number in text', { actor: '12345' }, { actor: { id: '12345', name: '12345' } }],
    ['who it was as JSON in text', { actor: '{"id":"1","name":"Ann"}' }, { actor: { id: '1', name: 'Ann' } }],
    ['who it was in another form', { actor: 5 }, { actor: undefined }],
    ['extensions of their own', { partitionkey: 'x', dataref: null, tenant: true }, {}],
  ])('%s', (_what, more, expected) => {
    const read = onBus(json({ ...attributes, ...more, data }))
    if (read.kind !== 'event') throw new Error(JSON.stringify(read))
    expect({ ...read.event, ...expected }).toEqual(read.event)
    expect(read.stream).toBeUndefined()
    expect(JSON.parse(read.text())).toEqual({ ...attributes, ...more, data })
  })

  test('of our own services they are judged', () => {
    const own = { ...attributes, source: '/stockline/stock', type: counted.type, data }
    const on = (more: object) => onBus(json({ ...own, ...more }), {}, { topic: 'stock.counts' })
    expect(errorsOf(on({ sequence: '007' }))).toEqual(['/sequence'])
    expect(errorsOf(on({ correlationid: 5 }))).toEqual(['/correlationid'])
    expect(on({ sequence: '7' })).toMatchObject({ kind: 'event', stream: { sequence: 7n } })
    expect(on({ sequence: null })).toMatchObject({ kind: 'event', stream: undefined })
  })

  test.each<[string, string | null, object, unknown]>([
    ['the order number', 'key', {}, 'PO-1'],
    ['the order number where subject is null', 'key', { subject: null }, 'PO-1'],
    ['the key where the data name nothing', 'key', { data: { orderNumber: 5 } }, undefined],
    ['a subject that is there', 'key', { subject: 's' }, 's'],
  ])('without a subject: %s', (_what, key, more, subject) => {
    const { subject: _subject, ...none } = attributes
    const read = onBus(json({ ...none, data, ...more }), {}, { key })
    if (subject === undefined) expect(errorsOf(read)).toEqual(['/data/orderNumber'])
    else expect(subjectOf(read)).toBe(subject)
  })

  test.each<[string | null, unknown]>([
    ['C-1', 'C-1'],
    [null, ['/subject']],
    ['', ['/subject']],
    ['\uFFFD', ['/subject']],
    ['a\0', ['/subject']],
  ])('where the data have no such field the key %j stands in', (key, expected) => {
    const { subject: _subject, ...none } = { ...attributes, type: counted.type }
    const read = onBus(json({ ...none, data }), {}, { topic: 'stock.counts', key })
    expect(read.kind === 'event' ? read.event.subject : errorsOf(read)).toEqual(expected)
  })

  test('a key that stands for the subject is kept with the event', () => {
    const { subject: _subject, ...none } = { ...attributes, type: counted.type }
    const read = onBus(json({ ...none, data }), {}, { topic: 'stock.counts', key: 'C-1' })
    if (read.kind !== 'event') throw new Error('no event')
    expect(reader.kept((read.kept ?? read.text)(), 'stock.counts')).toMatchObject({ event: { subject: 'C-1' } })
  })
})
