/** Sheets that are done, and the report that is made of them, over HTTP on a real PostgreSQL. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import { until, type Client } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { runCounting, type Counting, type Sheet } from './counting.ts'
import { people, type Body, type RunningStock } from './running.ts'

let counting: Counting
let stock: RunningStock
beforeAll(async () => {
  counting = await runCounting()
  stock = counting.stock
})
afterAll(async () => {
  for (const { name, statement } of invariants)
    expect([name, await stock.service.db.query(statement)]).toEqual([name, []])
  await stock.stop()
})

/** A sheet of 42 of which 40 were counted, submitted. */
const submitted = async () => {
  const zone = await counting.zone({ PA: '42' })
  const sheet = await counting.make({ zone, assignee: people.user })
  await counting.step(stock.user, sheet, 'lines', { lines: [{ line: 1, counted: '40' }] })
  const { body } = await counting.step(stock.user, sheet, 'submit')
  expect(body).toMatchObject({ status: 'submitted', adjustments: [expect.any(String)] })
  return body
}
const judge = async ({ adjustments: [id = ''] }: Sheet, name: 'approve' | 'reject', as: Client = stock.supervisor) => {
  const { version } = (await stock.manager.get<Body>(`/v1/adjustments/${id}`)).body
  const body = name === 'approve' ? {} : { reason: 'count again' }
  expect((await as.send('POST', `/v1/adjustments/${id}/${name}`, { body, version })).status).toBe(200)
}
const isDone = ({ id }: Sheet) => until('it is done', async () => (await counting.read(id)).status === 'done')
const report = async ({ zone }: Sheet) => {
  const { body } = await stock.user.get<Record<string, unknown>>(`/v1/count-accuracy?zone=${zone}`)
  return [body['places'], body['covered'], body['lines'], body['exact'], body['accuracy']].map(String).join(' ')
}

describe('C3: the report of counts', () => {
  test.each(['approve', 'reject'] as const)('has nothing of a sheet that is submitted, whose lines may be counted again, and all of it once it is done: %s', async (name) => {
    const sheet = await submitted()
    expect(await report(sheet)).toBe('1 0 0 0 null')
    await judge(sheet, name)
    await isDone(sheet)
    // Also what was rejected was counted, and differed.
    expect(await report(sheet)).toBe('1 1 1 0 0.00')
  }) // prettier-ignore

  test('has the last count of a line that was counted again, once', async () => {
    const sheet = await submitted()
    await counting.step(stock.supervisor, sheet, 'recount')
    await counting.step(stock.manager, sheet, 'lines', { lines: [{ line: 1, counted: '42' }] })
    expect((await counting.step(stock.manager, sheet, 'submit')).body.status).toBe('done')
    expect(await report(sheet)).toBe('1 1 1 1 100.00')
  })
})

test('C3: a sheet that got another adjustment while its end was waited for is not done before that is posted or rejected', async () => {
  const sheet = await submitted()
  const { db } = stock.service
  const waiting = sql(
    `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%count_sheets%'`,
  )
  await db.transaction({ actor: null, correlationId: 'test' }, async (tx) => {
    await tx.query(sql(`select from count_sheets where id = $1 for update`), [sheet.id])
    await judge(sheet, 'reject')
    await until('its end waits for the sheet', async () => (await db.query(waiting)).length > 0)
    // As a submit after a recount leaves it.
    await tx.query(sql(`update adjustments set status = 'submitted', version = version + 1 where count_id = $1`), [
      sheet.id,
    ])
  })
  // Looks are a second apart.
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  expect((await counting.read(sheet.id)).status).toBe('submitted')
  await judge(sheet, 'approve')
  await isDone(sheet)
})
