/** Stock falls back to an older copy of its database: no count sheet's number is given again, and no queue shows one that is not there. */
import { expect, test } from '@jest/globals'
import { stockCountSheetChanged, type CountSheetChanged } from '@stockline/contracts'
import type { Client } from '@stockline/test-kit'
import type { Sheet } from './counting.ts'
import { fallingBack } from './fallen-back.ts'
import { people } from './running.ts'

const { stock, keep, fall, expectInvariants } = fallingBack()
const path = '/v1/count-sheets'
const make = async (sku: string, more: object = {}) =>
  (await stock().made(path, { zone: 'WH/Stock', skus: [sku], ...more })) as unknown as Sheet
const read = async ({ id }: Sheet) => (await stock().manager.get<Sheet>(`${path}/${id}`)).body
const step = async (as: Client, sheet: Sheet, name: string, body: object = {}) => {
  const { version } = await read(sheet)
  const method = name === 'lines' ? 'PATCH' : 'POST'
  const reply = await as.send<Sheet>(method, `${path}/${sheet.id}/${name}`, { version, body })
  expect([reply.status, reply.body]).toEqual([200, expect.anything()])
  return reply.body
}
const lastSaid = async ({ id }: Sheet) =>
  (await stock().said<CountSheetChanged>(stockCountSheetChanged.type, id)).at(-1)?.status

test('C2: sheets that were told to be over are, lost ones are made again without counts, and the next has a new number', async () => {
  const mine = { assignee: people.user }
  const [counted, given] = [await make('RM-A', mine), await make('RM-B')]
  await step(stock().user, counted, 'lines', { lines: [{ line: 1, counted: '41' }] })
  await keep()

  await step(stock().user, counted, 'lines', { lines: [{ line: 1, counted: '42' }] })
  expect(await step(stock().user, counted, 'submit')).toMatchObject({ status: 'done' })
  const { version } = await read(given)
  await stock().manager.send('PUT', `${path}/${given.id}/assignee`, { version, body: { user: people.user } })
  const [open, done] = [await make('RM-A', { ...mine, dueOn: '2026-05-01' }), await make('RM-B', mine)]
  await step(stock().user, open, 'lines', { lines: [{ line: 1, counted: '40' }] })
  await step(stock().user, done, 'lines', { lines: [{ line: 1, counted: '15' }] })
  expect(await step(stock().user, done, 'submit')).toMatchObject({ status: 'done' })
  const said = await fall()

  expect(said).toMatch(/Count sheets that are over, as they were told: WH\/CNT\/00001\./)
  expect(said).toMatch(/Count sheets made again without what was counted: WH\/CNT\/00003, WH\/CNT\/00004\./)
  const sheets = [counted, given, open, done]
  const now = await Promise.all(sheets.map(read))
  expect(now.map(({ number, status }) => `${number} ${status}`)).toEqual([
    'WH/CNT/00001 done',
    'WH/CNT/00002 unassigned',
    'WH/CNT/00003 cancelled',
    'WH/CNT/00004 done',
  ])
  expect(now[2]).toMatchObject({ zone: 'WH/Stock', dueOn: '2026-05-01', assignee: people.user, lines: [] })
  expect(now[2]?.history).toMatchObject([{ what: 'restored', why: expect.stringContaining('is not known') }])
  // Whoever keeps them hears what they are now.
  expect(await Promise.all(sheets.map(lastSaid))).toEqual(now.map(({ status }) => status))
  expect((await make('RM-A')).number).toBe('WH/CNT/00005')
  // Of what the database has of an ended one the report has what the sheet shows: the last count is lost.
  expect(now[0]?.lines).toMatchObject([{ sku: 'RM-A', counted: '41', difference: '-1' }])
  const report = await stock().manager.get('/v1/count-accuracy?zone=WH/Stock')
  expect(report.body).toMatchObject({ lines: 1, exact: 0, covered: 1 })
  await expectInvariants()
}, 120_000)
