/** Each invariant of stock's own documents finds its violation: bad data is planted beside real ones, and rolled back. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { plantedCases, type PlantedData, violatedBy } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { adjusting, line, runAdjustedStock } from './adjusting.ts'
import { documentInvariantNames } from './document-invariants.ts'
import { people, type RunningStock } from './running.ts'

let stock: RunningStock
/** Ids of the documents, by their names in the statements below. */
const documents: Record<string, string> = {}
const { begin, step, submitted } = adjusting(() => stock)

/** An adjustment that lost and gained, one that found no difference, a draft; a sheet that is done, an open one; two changes of status, two scraps. */
beforeAll(async () => {
  stock = await runAdjustedStock()
  const posted = await step(await submitted([line('RM-A', '40'), line('RM-B', '17')]), 'approve', stock.supervisor)
  expect(posted.body).toMatchObject({ status: 'posted', position: expect.any(String) })
  const even = await submitted([line('RM-A', '40')])
  expect(even).toMatchObject({ status: 'posted', position: null })
  const decided = async (path: 'status-changes' | 'scraps', of: object) => {
    const lines = [{ sku: 'RM-A', location: 'WH/Stock', quantity: '4', ...of }]
    const made = await stock.made(`/v1/${path}`, { reason: 'damage', lines })
    expect(made).toMatchObject({ status: 'posted' })
    return made.id
  }
  const counted = async () => {
    const { id, version } = await stock.made('/v1/count-sheets', { zone: 'WH/Stock', skus: ['RM-B', 'RM-A'] })
    const path = `/v1/count-sheets/${id}`
    const lines = [{ line: 1, counted: '40' }, { line: 2, counted: '17' }] // prettier-ignore
    expect((await stock.patch(`${path}/lines`, { lines }, version)).status).toBe(200)
    const done = await stock.manager.send('POST', `${path}/submit`, { body: {}, version: version + 1 })
    expect(done.body).toMatchObject({ status: 'done' })
    return id
  }
  const quarantined = { from: 'available', to: 'quarantine' }
  Object.assign(documents, {
    postedAdjustment: posted.body.id,
    evenAdjustment: even.id,
    doneSheet: await counted(),
    oneChange: await decided('status-changes', quarantined),
    otherChange: await decided('status-changes', quarantined),
    oneScrap: await decided('scraps', {}),
    otherScrap: await decided('scraps', {}),
    draftAdjustment: (await begin([line('RM-A', '3')])).id,
    openSheet: (await stock.made('/v1/count-sheets', { zone: 'WH/Stock', assignee: people.user })).id,
  })
  expect(await violated([])).toEqual([])
}, 60_000)
afterAll(() => stock.stop())

/** By invariant: statements that break it, and what else is broken by them. */
const planted: PlantedData = {
  'stock-numbers-gapless': [
    { sql: [`update numbers set last = last + 1 where type = 'ADJ'`] },
    { sql: [`update count_sheets set number = 'WH/CNT/00099' where id = :openSheet`] },
    { sql: [`update status_changes set number = 'WH/STS/00099' where id = :otherChange`] },
    { sql: [`delete from numbers where type = 'SCR'`] },
  ],
  'stock-documents-have-history': [
    { sql: ['delete from history where document_id = :draftAdjustment'] },
    { sql: ['delete from history where document_id = :openSheet'] },
    { sql: ['delete from history where document_id = :oneChange'] },
    { sql: ['delete from history where document_id = :oneScrap'] },
  ],
  'stock-adjustment-scope-is-its-places': [
    { sql: [`update adjustments set locations = '{WH}' where id = :postedAdjustment`] },
    { sql: [`update adjustments set locations = locations || '{WH/Input}' where id = :evenAdjustment`] },
    { sql: [`update adjustment_lines set location = 'WH/Input' where adjustment_id = :draftAdjustment`] },
  ],
  'stock-count_sheet-scope-is-its-places': [
    { sql: [`update count_sheets set zone = 'WH/Input' where id = :openSheet`] },
    { sql: [`update count_sheets set locations = '{}' where id = :openSheet`] },
  ],
  'stock-status_change-posted-has-position': [
    { sql: ['update status_changes set position = null where id = :oneChange'] },
    { sql: [`update status_changes set status = 'rejected' where id = :oneChange`] },
    {
      sql: [
        'update status_changes set position = (select position from status_changes where id = :otherChange) where id = :oneChange',
      ],
    },
  ],
  'stock-status_change-scope-is-its-places': [
    { sql: [`update status_changes set locations = locations || '{WH}' where id = :oneChange`] },
    { sql: [`update status_change_lines set location = 'WH/Input' where status_change_id = :oneChange`] },
  ],
  'stock-scrap-posted-has-position': [
    { sql: ['update scraps set position = null where id = :oneScrap'] },
    { sql: [`update scraps set status = 'submitted' where id = :oneScrap`] },
    { sql: ['update scraps set position = (select position from scraps where id = :otherScrap) where id = :oneScrap'] },
  ],
  'stock-scrap-scope-is-its-places': [
    { sql: [`update scraps set locations = '{}' where id = :oneScrap`] },
    { sql: [`update scrap_lines set location = 'WH/Input' where scrap_id = :oneScrap`] },
  ],
  adjustment_posted_iff_moved: [
    { sql: ['update adjustments set position = 1 where id = :draftAdjustment'] },
    { sql: [`update adjustments set status = 'rejected' where id = :postedAdjustment`] },
    {
      sql: [`update adjustments set status = 'posted' where id = :draftAdjustment`],
      also: ['adjustment_differences_are_moves'],
    },
    {
      sql: ['delete from postings where document_id = :postedAdjustment'],
      also: ['positions_gapless', 'moves_iff_posted'],
    },
  ],
  adjustment_differences_are_moves: [
    { sql: ['update adjustment_lines set counted = 39 where adjustment_id = :postedAdjustment and line = 1'] },
    { sql: ['update adjustment_lines set counted = expected where adjustment_id = :postedAdjustment and line = 2'] },
    {
      sql: ['update adjustment_lines set counted = 41 where adjustment_id = :evenAdjustment'],
      also: ['adjustment_posted_iff_moved'],
    },
    {
      sql: [
        `update moves set from_location_id = to_location_id, to_location_id = from_location_id
         where line = 2 and position = (select position from adjustments where id = :postedAdjustment)`,
      ],
      also: ['quant_is_sum_of_moves'],
    },
  ],
  count_results_are_lines_of_done_sheets: [
    { sql: ['delete from count_results where sheet_id = :doneSheet and line = 1'] },
    { sql: ['update count_results set differs = true where sheet_id = :doneSheet and line = 2'] },
    { sql: ['update count_results set recounted = true where sheet_id = :doneSheet and line = 2'] },
    { sql: ['update count_results set position = position + 1 where sheet_id = :doneSheet and line = 1'] },
    {
      sql: [
        `update count_results set counted_at = counted_at + interval '1 ms' where sheet_id = :doneSheet and line = 1`,
      ],
    },
    { sql: [`update count_results set status = 'damaged' where sheet_id = :doneSheet and line = 1`] },
    { sql: [`update count_results set location_id = gen_random_uuid() where sheet_id = :doneSheet and line = 1`] },
    { sql: [`update count_sheets set status = 'submitted' where id = :doneSheet`] },
    { sql: ['update count_sheet_lines set counted = counted + 1 where count_sheet_id = :doneSheet and line = 1'] },
    {
      sql: [
        `insert into count_results (sheet_id, line, product_id, location_id, position, counted_at, differs, recounted)
         select :openSheet, line, product_id, location_id, position, counted_at, differs, recounted from count_results
         where sheet_id = :doneSheet and line = 1`,
      ],
    },
  ],
}

/** Names of the invariants that these statements break. Nothing of them stays. */
const violated = (statements: readonly string[]) =>
  violatedBy(
    stock.service.db,
    invariants,
    statements.map((one) =>
      one.replaceAll(/:(\w+(?:Adjustment|Sheet|Change|Scrap))/g, (_, name: string) => `'${documents[name]!}'::uuid`),
    ),
  )

describe('bad data of documents is named', () => {
  test('each of their invariants has some', () => {
    expect(Object.keys(planted)).toEqual(documentInvariantNames)
  })

  test.each(plantedCases(invariants, planted))('%s: %s', async (_name, _last, statements, broken) => {
    expect(await violated(statements)).toEqual(broken)
  })
})
