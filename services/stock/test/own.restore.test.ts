/** Stock falls back to an older copy of its database: its own documents are again what the bus says of them, under their numbers. */
import { expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import { adjusting, differences, line, path, type Adjustment } from './adjusting.ts'
import { fallingBack } from './fallen-back.ts'
import type { Body } from './running.ts'

const { stock, keep, fall, expectInvariants } = fallingBack()
const { begin, step, submitted, shown, onHand } = adjusting(stock)
type Made = Body & { readonly number: string }
const move = { sku: 'RM-B', location: 'WH/Stock', quantity: '2', from: 'available', to: 'quarantine' }
/** Approved by somebody else, where it is above the limit. */
const posted = async (one: Adjustment) => {
  const after = one.status === 'submitted' ? (await step(one, 'approve', stock().supervisor)).body : one
  expect(after).toMatchObject({ status: 'posted' })
  return after
}
const dispose = async (kind: 'status-changes' | 'scraps') => {
  const lines = [kind === 'scraps' ? { sku: 'RM-B', location: 'WH/Stock', quantity: '2' } : move]
  return (await stock().made(`/v1/${kind}`, { reason: 'damage', lines })) as unknown as Made
}
const lots = async () => (await stock().manager.get<Body>('/v1/lots?sku=LOT')).body.items as unknown as readonly Body[]
const split = async (code: string) => {
  const [lot] = await lots()
  const body = { code, reason: 'Wet', lines: [{ location: 'WH/Stock', quantity: '1' }] }
  const reply = await stock().manager.send<Body>('POST', `/v1/lots/${String(lot?.id)}/split`, { body })
  expect([reply.status, reply.body]).toEqual([201, expect.anything()])
}
const ledgerNumbers = async () => {
  const rows = await stock().service.db.query<{ number: string }>(
    sql('select number from postings where position is not null order by position'),
  )
  return rows.map(({ number }) => number)
}
/** What must be the same afterwards. When it was made is known by its id, to some milliseconds. */
const lasting = (one: object) => {
  const changing = new Set(['version', 'history', 'reason', 'note', 'createdAt', 'submittedAt'])
  return Object.fromEntries(Object.entries(one).filter(([field]) => !changing.has(field)))
}

test('documents are posted as they were, their numbers are not given again, and a restored one says what is not known', async () => {
  await stock().made('/v1/opening-stock', {
    lines: [{ sku: 'LOT', location: 'WH/Stock', quantity: '5', lot: 'L1', unitCost: '2' }],
  })
  const drafted = await begin([line('RM-A', '40')])
  await keep()

  await posted((await step(drafted, 'submit')).body)
  await begin([line('RM-A', '1')])
  const gone = await posted(await submitted([line('RM-A', '38'), line('RM-B', '16')]))
  const changed = await dispose('status-changes')
  const scrapped = await dispose('scraps')
  await split('L2')
  const wanted = {
    drafted: await shown(drafted),
    gone: await shown(gone),
    numbers: await ledgerNumbers(),
    onHand: [await onHand('RM-A'), await onHand('RM-B')],
  }
  expect([gone.number, changed.number, scrapped.number]).toEqual(['WH/ADJ/00003', 'WH/STS/00001', 'WH/SCR/00001'])
  const said = await fall()

  expect(said).toMatch(/Adjustments made again as they were posted: WH\/ADJ\/00003\./)
  expect(said).toMatch(/Adjustments that are posted again: WH\/ADJ\/00001\./)
  expect(said).toMatch(/Adjustments of which nothing was posted, kept as rejected ones: WH\/ADJ\/00002\./)
  expect(await ledgerNumbers()).toEqual(wanted.numbers)
  expect([await onHand('RM-A'), await onHand('RM-B')]).toEqual(wanted.onHand)
  // What the database had of it stays: who counted, what was expected.
  expect(lasting(await shown(drafted))).toEqual(lasting(wanted.drafted))
  const again = await shown(gone)
  expect([again.status, differences(again)]).toEqual([
    'posted',
    [
      ['40', '38', '-2'],
      ['15', '16', '1'],
    ],
  ])
  expect(lasting({ ...again, lines: [] })).toEqual(lasting({ ...wanted.gone, lines: [] }))
  expect(again.history).toMatchObject([
    { what: 'posted', why: expect.stringMatching(/restored .* Not known are its reason/) },
  ])
  for (const one of [changed, scrapped]) {
    const kind = one === changed ? 'status-changes' : 'scraps'
    const { body } = await stock().manager.get<Body>(`/v1/${kind}/${one.id}`)
    expect(lasting(body)).toEqual(lasting(one))
  }
  const rejected = await stock().manager.get<Body>(`${path}?number=WH/ADJ/00002`)
  expect(rejected.body.items).toMatchObject([{ status: 'rejected' }])
  await expectInvariants()

  const next: readonly Adjustment[] = [await begin([line('RM-A', '37')])]
  expect(next[0]?.number).toBe('WH/ADJ/00004')
  expect([(await dispose('status-changes')).number, (await dispose('scraps')).number]).toEqual([
    'WH/STS/00002',
    'WH/SCR/00002',
  ])
  await split('L3')
  expect((await ledgerNumbers()).at(-1)).toBe('LOT/00002')
}, 120_000)
