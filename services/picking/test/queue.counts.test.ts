/** Stock's count sheets in the queue: who sees which as what, and what becomes of ended ones. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stockCountSheetChanged, type CountSheetChanged } from '@stockline/contracts'
import { until, type Client } from '@stockline/test-kit'
import { ids, openHarness, type Harness } from './harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

type People = 'user' | 'stranger' | 'supervisor' | 'second' | 'manager'
let sheets = 0
let version = 0

/** As stock tells of it. */
const told = (over: Partial<CountSheetChanged> = {}): CountSheetChanged => ({
  documentId: randomUUID(),
  number: `WH/CNT/${String((sheets += 1)).padStart(5, '0')}`,
  ...{ warehouse: 'WH', zone: 'WH/Stock', cause: 'hand', status: 'unassigned', notFor: [], workedOnBy: [] },
  ...over,
  version: (version += 1),
})
const heard = async ({ documentId }: CountSheetChanged) =>
  (await harness.service.db.prisma.countSheet.findUnique({ where: { id: documentId } }))?.version
/** Publishes states of one sheet, and waits until the last of them is heard. */
const tell = async (...states: readonly CountSheetChanged[]) => {
  const [type, topic] = [stockCountSheetChanged.type, 'stock.counts']
  await harness.publish(...states.map((data) => ({ type, topic, subject: data.documentId, data })))
  const last = states.at(-1)
  if (last === undefined) throw new Error('nothing is told')
  const isOver = last.status === 'done' || last.status === 'cancelled'
  await until('it is heard', async () => (await heard(last)) === (isOver ? undefined : last.version))
}
interface Item {
  readonly id: string
  readonly document: string
  readonly task: string
  readonly number: string
  readonly scheduledDate: string | null
  readonly problem: string | null
}
const queueOf = async (as: Client) =>
  (await as.get<{ items: readonly Item[] }>('/v1/queue?limit=200')).body.items.filter(
    ({ document }) => document === 'count-sheet',
  )
const taskOf = async (as: Client, { documentId }: CountSheetChanged) =>
  (await queueOf(as)).find(({ id }) => id === documentId)?.task
const tasks = async (sheet: CountSheetChanged) => {
  const asked: readonly People[] = ['user', 'stranger', 'supervisor', 'second', 'manager']
  const seen = await Promise.all(asked.map(async (who) => ({ who, task: await taskOf(harness[who], sheet) })))
  return Object.fromEntries(seen.flatMap(({ who, task }) => (task === undefined ? [] : [[who, task]])))
}

const { user, stranger, supervisor } = ids
const supervisors = (task: string) => ({ supervisor: task, second: task, manager: task })
test.each<[string, Partial<CountSheetChanged>, Partial<Record<People, string>>]>([
  ['of nobody: supervisors give it to somebody', {}, supervisors('assign')],
  ['mine to count', { status: 'scheduled', assignee: user }, { user: 'count' }],
  ['mine, begun', { status: 'in_progress', assignee: user, workedOnBy: [user] }, { user: 'count' }],
  ['of a supervisor, who counts it and need not give it away', { status: 'scheduled', assignee: supervisor }, { supervisor: 'count' }],
  ['mine, and another person must count again', { status: 'in_progress', assignee: user, notFor: [user], workedOnBy: [user] }, supervisors('assign')],
  ['given to another person for that', { status: 'in_progress', assignee: supervisor, notFor: [user], workedOnBy: [user] }, { supervisor: 'count' }],
  ['submitted: supervisors who did not count look at it', { status: 'submitted', assignee: user, workedOnBy: [user, supervisor] }, { second: 'review', manager: 'review' }],
  ['elsewhere, of somebody who acts there', { zone: 'WH/Input', status: 'scheduled', assignee: stranger }, { stranger: 'count' }],
  ['of nobody, elsewhere', { zone: 'WH/Input' }, { manager: 'assign' }],
  ['of a zone that is larger than where one acts', { zone: 'WH', status: 'scheduled', assignee: user }, {}],
  ['done', { status: 'done', assignee: user }, {}],
  ['cancelled', { status: 'cancelled' }, {}],
])('C2: a sheet %s', async (_title, over, expected) => {
  const sheet = told()
  await tell(sheet)
  await tell({ ...sheet, ...over, version: (version += 1) })
  expect(await tasks(sheet)).toEqual(expected)
}) // prettier-ignore

test('C2: the last of several states counts, told together or one by one; an ended sheet leaves nothing', async () => {
  const sheet = told({ dueOn: '2026-05-01' })
  await tell(sheet, { ...sheet, status: 'scheduled', assignee: user, version: (version += 1) })
  expect(await tasks(sheet)).toEqual({ user: 'count' })
  const [own] = (await queueOf(harness.user)).filter(({ id }) => id === sheet.documentId)
  expect(own).toMatchObject({ number: sheet.number, scheduledDate: '2026-05-01', problem: null, location: 'WH/Stock' })
  await tell({ ...sheet, status: 'cancelled', version: (version += 1) })
  expect(await tasks(sheet)).toEqual({})
  expect(await harness.service.db.prisma.countSheet.count({ where: { id: sheet.documentId } })).toBe(0)
})

test('C2: what comes late of a sheet that has ended, or twice, brings it into no queue', async () => {
  const sheet = told()
  const { documentId: subject } = sheet
  const at = (sequence: number, over: Partial<CountSheetChanged>) => ({
    ...{ type: stockCountSheetChanged.type, topic: 'stock.counts', subject, source: '/stockline/stock' },
    ...{
      id: `${subject}-${String(sequence)}`,
      sequence: String(sequence),
      data: { ...sheet, ...over, version: sequence },
    },
  })
  const open = at(1, { status: 'scheduled', assignee: user })
  const given = at(2, { status: 'scheduled', assignee: supervisor })
  const ended = at(3, { status: 'done', assignee: supervisor })
  await harness.publish(open)
  await until('it is heard', async () => (await taskOf(harness.user, sheet)) === 'count')
  // Behind a gap what comes waits for what is missing.
  await harness.publish(ended, given)
  await until('its end is heard', async () => (await heard(sheet)) === undefined)
  const other = told({ status: 'scheduled', assignee: user })
  await harness.publish(given, open, { ...open, id: randomUUID() }, ended)
  await tell(other)
  expect([await tasks(sheet), await heard(sheet)]).toEqual([{}, undefined])
  expect(await tasks(other)).toEqual({ user: 'count' })
})

test('the supervisor is told why a sheet is to be given to somebody else', async () => {
  const sheet = told({ status: 'in_progress', assignee: user, notFor: [user], workedOnBy: [user] })
  await tell(sheet)
  const [seen] = (await queueOf(harness.supervisor)).filter(({ id }) => id === sheet.documentId)
  expect(seen).toMatchObject({ task: 'assign', problem: 'Another person must count again.' })
})
