import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { v7 as uuidv7 } from 'uuid'
import type { IncomingMessage } from '../src/bus/bus.ts'
import { listQuarantined, quarantine, type QuarantineFilter } from '../src/messaging/quarantine.ts'
import { kitDatabase, message, systemOrigin, type KitDatabase } from './kit.database.ts'

let kit: KitDatabase
beforeEach(async () => {
  kit = await kitDatabase()
})
afterEach(() => kit.end())

const place = { partition: 2, offset: 40n } as const
const setAside = (...messages: readonly IncomingMessage[]) =>
  kit.db.transaction(systemOrigin(), (tx) =>
    quarantine(
      tx,
      messages.map((one) => ({ message: one, reason: 'not-json', faults: [{ pointer: '', message: 'is no JSON' }] })),
    ),
  )
/** The statement of version 0.1.0, word for word. */
const setAsideByTheVersionBefore = (one: IncomingMessage) =>
  kit.rows(
    `insert into kit.quarantine (id, topic, partition, message_offset, message_key, headers, value, reason, faults)
  select id, topic, partition, message_offset, message_key, headers::jsonb, value, reason, faults::jsonb
  from unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::text[], $9::text[])
    as rejected (id, topic, partition, message_offset, message_key, headers, value, reason, faults)
  on conflict (topic, partition, message_offset) do nothing`,
    [uuidv7()],
    [one.topic],
    [one.partition],
    [one.offset],
    [one.key],
    [JSON.stringify(one.headers)],
    [one.value],
    ['not-json'],
    ['[]'],
  )
const texts = async () => (await listQuarantined(kit.db, 100)).map(({ text }) => text).sort()

test('another message at the same place is another dead letter, and read again neither comes twice', async () => {
  const all = [
    message('first', place),
    message('second', place),
    message('first', { ...place, key: 'other' }),
    message('first', { ...place, key: null }),
    message('first', { ...place, headers: { a: '1' } }),
    message('', { ...place, value: null }),
    message('', place),
  ]
  for (const one of all) await setAside(one)
  for (const one of [...all].reverse()) await setAside(one)
  await setAside(...all)
  const rows = await listQuarantined(kit.db, 100)
  expect(rows).toHaveLength(all.length)
  expect(new Set(rows.map((row) => `${row.topic} ${String(row.partition)} ${String(row.offset)}`))).toEqual(
    new Set(['notes 2 40']),
  )
})

test('headers in another order are the same', async () => {
  await setAside(message('a', { ...place, headers: { b: '1', a: '2' } }))
  await setAside(message('a', { ...place, headers: { a: '2', b: '1' } }))
  expect(await texts()).toEqual(['a'])
})

test('in one batch, and by two processes at once, each is set aside once', async () => {
  const [one, other] = [message('one', place), message('other', place)]
  await Promise.all([setAside(one), setAside(other), setAside(one), setAside(other)])
  expect(await texts()).toEqual(['one', 'other'])
})

test('rows of the version before are known by their content, and it goes on beside this one', async () => {
  const [old, anew] = [message('old', { ...place, headers: { b: '1', a: 'ü' } }), message('anew', place)]
  await setAsideByTheVersionBefore(old)
  await setAside(old, anew)
  expect(await texts()).toEqual(['anew', 'old'])
  // Of its own it takes nothing twice, and what this version has set aside stays.
  for (const one of [old, anew, message('next', { ...place, offset: 41n })]) await setAsideByTheVersionBefore(one)
  await setAside(message('next', { ...place, offset: 41n }))
  expect(await texts()).toEqual(['anew', 'next', 'old'])
})

test('texts that the database cannot keep are told all the same; the bytes stay as they came', async () => {
  const bytes = Buffer.from('{"\\u0000": "\\ud800" \0')
  const odd = message(bytes, { key: 'k\0\ud800', headers: { 'h\0': '\udc00' } })
  await kit.db.transaction(systemOrigin(), (tx) =>
    quarantine(tx, [{ message: odd, reason: 'schema', faults: [{ pointer: '/\ud800\\u0000', message: 'x\0' }] }]),
  )
  expect(await listQuarantined(kit.db, 1)).toMatchObject([
    {
      key: 'k��',
      headers: { 'h�': '�' },
      value: bytes.toString('base64'),
      faults: [{ pointer: '/�\\u0000', message: 'x�' }],
    },
  ])
})

test('of very many faults the first are kept, and how many there are', async () => {
  const faults = Array.from({ length: 50_000 }, (_, at) => ({
    pointer: `/data/lines/${at}/sku`,
    message: 'is missing',
  }))
  await kit.db.transaction(systemOrigin(), (tx) =>
    quarantine(tx, [{ message: message('{}'), reason: 'schema', faults }]),
  )
  const [row] = await listQuarantined(kit.db, 1)
  expect(JSON.stringify(row?.faults).length).toBeLessThan(65_536)
  expect(row?.faults.at(-1)?.message).toMatch(/^has \d+ more faults$/)
})

test('dead letters are found by system, reason and what they are about', async () => {
  const event = (source: unknown) => JSON.stringify({ specversion: '1.0', id: '1', source })
  await setAside(
    message(event('/erp/one'), { ...place, key: 'PO-1' }),
    message(event('/erp/two'), { ...place, offset: 41n, key: 'PO-1' }),
    message(event(7), { ...place, offset: 42n }),
    message('no JSON', { ...place, offset: 43n }),
    message('{}', {
      ...place,
      offset: 44n,
      headers: { ce_specversion: '1.0', ce_source: '/erp/one', 'content-type': 'application/json' },
    }),
  )
  const offsets = async (filter: QuarantineFilter) =>
    (await listQuarantined(kit.db, 100, filter)).map(({ offset }) => offset).sort()
  expect(await offsets({ source: '/erp/one' })).toEqual(['40', '44'])
  expect(await offsets({ source: '/erp/one', key: 'PO-1' })).toEqual(['40'])
  expect(await offsets({ key: 'PO-1', reason: 'not-json' })).toEqual(['40', '41'])
  expect(await offsets({ reason: 'schema' })).toEqual([])
  expect((await listQuarantined(kit.db, 100)).filter(({ source }) => source === null)).toHaveLength(2)
})
