import { describe, expect, test } from '@jest/globals'
import { formatQuantity } from '@stockline/amounts'
import { isRefusal } from '@stockline/service-kit/refusal'
import { q } from '../../test/builders.ts'
import { begun, delivery, facts, line, pick } from '../../test/deliveries-builders.ts'
import {
  isStillUnconfirmed,
  isUnconfirmed,
  needingConfirmation,
  pickRefusal,
  type PickFault,
} from './delivery.confirm.ts'
import { enterPicks, type Picks } from './delivery.pick.ts'
import { needRefused, reservedDelivery } from './delivery.reserve.ts'
import type { Delivery, Pick } from './delivery.ts'

const a = 'WH/Stock/A1-03'
const b = 'WH/Stock/B2-01'
const amount = (of: bigint | null) => (of === null ? '-' : formatQuantity(of as never))
const shown = (of: Delivery) =>
  of.lines[0]?.picks.map(
    ({ location, picked, before }) =>
      `${location} ${amount(picked)}${before === undefined ? '' : `, asked, before ${amount(before)}`}`,
  )
const ready = (...picks: readonly Pick[]) => delivery({ lines: [line(1, 'PX', '10', ...picks)] })
const enter = (of: Delivery, ...given: readonly Omit<Picks[number], 'line'>[]): Delivery => {
  const after = enterPicks(of, given.map((one) => ({ line: 1, ...one })), facts()) // prettier-ignore
  if (isRefusal(after)) throw new Error(after.detail)
  return after
}
const refused = (location: string, message = 'no'): PickFault => ({ line: 1, location, quantity: '1', code: 'not-enough-stock', message }) // prettier-ignore
const answer = (of: Delivery, picks: readonly Pick[], ...refusedPicks: readonly PickFault[]) =>
  reservedDelivery(of, { revision: of.needRevision, picks: new Map([[1, picks]]), refusedPicks })

describe('D2 D3 What nobody suggested is asked of stock', () => {
  test.each<[what: string, before: Delivery, given: Omit<Picks[number], 'line'>[], revision: number, picks: string[]]>([
    ['what was suggested: not asked', ready(pick(a, '10')), [{ location: a, picked: '10' }], 1, [`${a} 10`]],
    ['part of it: not asked', ready(pick(a, '10')), [{ location: a, picked: '3' }], 1, [`${a} 3`]],
    [
      'another place: asked',
      ready(pick(a, '10')),
      [{ location: b, picked: '3' }],
      2,
      [`${a} -`, `${b} 3, asked, before -`],
    ],
    [
      'more than is reserved there: asked',
      ready(pick(a, '6'), pick(b, '4')),
      [{ location: a, picked: '9' }],
      2,
      [`${a} 9, asked, before -`, `${b} -`],
    ],
    [
      'what stands already: not asked again',
      ready(pick(a, '10'), pick(b, '0', '3')),
      [{ location: b, picked: '3' }],
      1,
      [`${a} -`, `${b} 3`],
    ],
    [
      'more of it: asked, and what was there before is kept',
      ready(pick(a, '10'), pick(b, '0', '3')),
      [{ location: b, picked: '4' }],
      2,
      [`${a} -`, `${b} 4, asked, before 3`],
    ],
    [
      'of a lot that may have expired: asked',
      ready(pick(a, '10', null, { expiresOn: '2026-04-20' })),
      [{ location: a, picked: '3' }],
      2,
      [`${a} 3, asked, before -`],
    ],
    [
      'of one that expires later: not asked',
      ready(pick(a, '10', null, { expiresOn: '2026-04-21' })),
      [{ location: a, picked: '3' }],
      1,
      [`${a} 3`],
    ],
    [
      'nothing of a lot that may have expired: not asked',
      ready(pick(a, '10', '3', { expiresOn: '2026-04-19' })),
      [{ location: a, picked: '0' }],
      1,
      [`${a} 0`],
    ],
    ['less than is reserved there: not asked', ready(pick(a, '10', '8')), [{ location: a, picked: '2' }], 1, [`${a} 2`]], // prettier-ignore
  ])('%s', (_title, before, given, revision, picks) => {
    const after = enter(before, ...given)
    expect(after.needRevision).toBe(revision)
    expect(shown(after)).toEqual(picks)
  })

  test('of what was picked as suggested nothing is changed', () => {
    const after = begun(line(1, 'PX', '10', pick(a, '10', '10')))
    expect(needingConfirmation(ready(pick(a, '10')), after, new Date())).toBe(after)
  })

  test.each([
    ['a millionth more than is reserved: asked', pick(a, '5', '5.000001'), '2026-04-20T08:00:00Z', 2],
    ['of a lot that may have expired by now: asked', pick(a, '5', '5', { expiresOn: '2026-04-20' }), '2026-04-20T00:00:00Z', 2], // prettier-ignore
    ['a moment before: not asked', pick(a, '5', '5', { expiresOn: '2026-04-20' }), '2026-04-19T23:59:59Z', 1],
  ])('%s', (_title, picked, now, needRevision) => {
    const [before, after] = [{ ...picked, picked: null }, picked].map((one) => begun(line(1, 'KG', '9', one)))
    expect(needingConfirmation(before!, after!, new Date(now))).toMatchObject({ needRevision })
  })

  test('two picks at once: one demand more', () => {
    const before = delivery({ lines: [line(1, 'PX', '10', pick(a, '10')), line(2, 'PX', '5', pick(a, '5'))] })
    const given = [1, 2].map((line) => ({ line, location: b, picked: '3' }))
    expect(enterPicks(before, given, facts())).toMatchObject({ needRevision: 2 })
  })

  test('asked twice before stock answers: what stood before the first stays the one before', () => {
    const once = enter(ready(pick(a, '10')), { location: b, picked: '3' })
    const twice = enter(once, { location: b, picked: '5' })
    expect(twice.needRevision).toBe(3)
    expect(shown(twice)).toEqual([`${a} -`, `${b} 5, asked, before -`])
  })

  test('corrected to what is reserved: nothing is asked any more', () => {
    const asked = enter(ready(pick(a, '6'), pick(b, '4')), { location: a, picked: '9' })
    expect(shown(enter(asked, { location: a, picked: '6' }))).toEqual([`${a} 6`, `${b} -`])
  })
})

describe('D2 D3 Stock says whether it can be taken there', () => {
  const asked = enter(ready(pick(a, '10')), { location: b, picked: '3' })

  test('it can: it is reserved there', () => {
    const after = answer(asked, [pick(b, '3'), pick(a, '7')])
    expect(after).toMatchObject({ status: 'in_progress', problem: null })
    expect(after && shown(after)).toEqual([`${a} -`, `${b} 3`])
  })

  test('it can, where nothing may be reserved: it stays', () => {
    const after = answer(asked, [pick(a, '10')])
    expect(after && shown(after)).toEqual([`${a} -`, `${b} 3`])
  })

  test('it cannot: it is taken off again, and says why', () => {
    const after = answer(asked, [pick(a, '10')], refused(b, '3 of PX at B are wanted, 0 are there.'))
    expect(after).toMatchObject({
      status: 'ready',
      problem: 'Stock refused what was picked: line 1: 3 of PX at B are wanted, 0 are there.',
    })
    expect(after && shown(after)).toEqual([`${a} -`])
  })

  test('it cannot, and a millionth is reserved there: that stays suggested', () => {
    const after = answer(asked, [pick(a, '9.999999'), pick(b, '0.000001')], refused(b))
    expect(after && shown(after)).toEqual([`${a} -`, `${b} -`])
  })

  test('it cannot on one line, and can on another', () => {
    const lines = [1, 2].map((number) => line(number, 'PX', '5', pick(b, '0', '3', { before: null })))
    const both = begun(...lines, line(3, 'KG', '0.000001'), line(4, 'PX', '0', pick(a, '0', '1')))
    const after = reservedDelivery(both, { revision: 1, picks: new Map(), refusedPicks: [refused(b)] })
    expect(after?.lines.map(({ line: number, picks }) => [number, picks.length])).toEqual([[1, 0], [2, 1], [3, 0], [4, 1]]) // prettier-ignore
  })

  test('of more than five that it refuses five are named', () => {
    const lines = Array.from({ length: 6 }, (_, at) => line(at + 1, 'PX', '5', pick(b, '0', '3', { before: null })))
    const refusedPicks = lines.map(({ line }) => ({ ...refused(b), line }))
    expect(reservedDelivery(begun(...lines), { revision: 1, picks: new Map(), refusedPicks })?.problem).toBe(
      'Stock refused what was picked: line 1: no; line 2: no; line 3: no; line 4: no; line 5: no; and 1 more.',
    )
  })

  test('more of it cannot: what was there before stays', () => {
    const more = enter(ready(pick(a, '10', '2'), pick(b, '0', '3')), { location: b, picked: '5' })
    const after = answer(more, [pick(a, '10')], refused(b))
    expect(after).toMatchObject({ status: 'in_progress' })
    expect(after && shown(after)).toEqual([`${a} 2`, `${b} 3`])
  })

  test('what was confirmed once and is gone by now stays picked, and is said', () => {
    const gone = begun(line(1, 'PX', '10', pick(a, '10', '2'), pick(b, '0', '3')))
    const after = answer(gone, [pick(a, '10')], refused(b, 'gone'))
    expect(after).toMatchObject({ problem: 'Stock refused what was picked: line 1: gone.' })
    expect(after && shown(after)).toEqual([`${a} 2`, `${b} 3`])
  })

  test('two lines take from one place, and not both can: what was confirmed stays, what came last is off', () => {
    const lines = [line(1, 'PX', '10', pick(a, '10')), line(2, 'PX', '5', pick(b, '0', '3'))]
    const before = enter(begun(...lines), { location: b, picked: '3' })
    const picks = new Map([[1, [pick(a, '10')]], [2, [pick(b, '3'), pick(a, '2')]]]) // prettier-ignore
    const refusedPicks = [refused(b, 'too much'), { ...refused(b, 'too much'), line: 2 }]
    const after = reservedDelivery(before, { revision: 2, picks, refusedPicks })
    expect(after?.problem).toBe('Stock refused what was picked: line 1: too much.')
    expect(after && shown(after)).toEqual([`${a} -`])
    expect(after?.lines[1]?.picks.map(({ picked }) => amount(picked))).toEqual(['-', '3'])
  })

  test('while stock was asked of one line, what was suggested on another was picked: reserved for the first, it is asked of, too', () => {
    const lines = [line(1, 'PX', '5', pick(b, '5')), line(2, 'PX', '5', pick(a, '5'))]
    const first = enter(delivery({ lines }), { location: a, picked: '4' })
    const second = enterPicks(first, [{ line: 2, location: a, picked: '5' }], facts())
    if (isRefusal(second)) throw new Error(second.detail)
    expect(second.needRevision).toBe(2)
    const picks = new Map([[1, [pick(a, '4'), pick(b, '1')]], [2, [pick(a, '1'), pick(b, '4')]]]) // prettier-ignore
    const after = reservedDelivery(second, { revision: 2, picks })
    expect(after).toMatchObject({ needRevision: 3, lines: [{ picks: [{ picked: q('4') }, {}] }, { picks: [{ picked: q('5'), before: null }, {}] }] }) // prettier-ignore
    expect(after?.lines[0]?.picks[0]).not.toHaveProperty('before')
    const posting: Delivery = { ...second, status: 'posting', returnsTo: 'in_progress' }
    expect(reservedDelivery(posting, { revision: 2, picks })).toMatchObject({ needRevision: 2 })
    // What was more than was reserved before is confirmed, though less is reserved by now.
    const beyond = begun(line(1, 'KG', '9', pick(b, '0', '3', { before: null })), line(2, 'KG', '9', pick(a, '5', '5.000001'))) // prettier-ignore
    const less = new Map([[1, [pick(b, '3')]], [2, [pick(a, '4')]]]) // prettier-ignore
    expect(reservedDelivery(beyond, { revision: 1, picks: less })).toMatchObject({ needRevision: 1 })
    // Of what lost its reservation otherwise nothing is asked: it is on the cart.
    const lost = begun(line(1, 'PX', '5', pick(a, '5', '5')))
    expect(answer(lost, [pick(a, '3'), pick(b, '2')])).toMatchObject({ needRevision: 1 })
  })

  test('was taken back before stock answered: nothing is said of it', () => {
    const back = enter(enter(ready(pick(a, '10', '1')), { location: b, picked: '3' }), { location: b, picked: '0' })
    expect(answer(back, [pick(b, '3'), pick(a, '7')], refused(b))).toMatchObject({ needRevision: 2, problem: null })
  })

  test('less is wanted by now than was picked: what is off is not to be put back, and stock is told of the smaller need', () => {
    const less = { ...asked, lines: asked.lines.map((each) => ({ ...each, needed: q('2') })) }
    expect(answer(less, [pick(a, '3')], refused(b))).toMatchObject({ needRevision: 3 })
    expect(answer(less, [pick(b, '3')])).toMatchObject({ needRevision: 2 })
    const unwanted = { ...line(2, 'PX', '0', pick(b, '0', '3', { before: null })), orderLine: null }
    const gone = { ...asked, lines: [line(1, 'PX', '10', pick(a, '10')), unwanted] }
    const after = answer(gone, [pick(a, '10')], { ...refused(b), line: 2 })
    expect(after).toMatchObject({ needRevision: 3, lines: [{ line: 1 }] })
    expect(after?.lines).toHaveLength(1)
  })

  test('while it is being shipped all stays as it was asked: the ledger answers', () => {
    const posting: Delivery = { ...asked, status: 'posting', returnsTo: 'in_progress', attempt: 1 }
    const after = answer(posting, [pick(a, '10')], refused(b))
    expect(after && shown(after)).toEqual([`${a} -`, `${b} 3`])
  })

  test('an older answer says nothing of it; a refused need leaves nothing to ask', () => {
    expect(reservedDelivery(asked, { revision: 1, picks: new Map() })).toBeUndefined()
    expect(shown(needRefused(asked, 'no'))).toEqual([`${a} -`, `${b} 3`])
  })
})

describe('D2 Who picked is told', () => {
  const one = (location: string, picked: string, confirmed?: false) => ({ location, lot: null, picked, ...(confirmed === undefined ? {} : { confirmed }) }) // prettier-ignore
  const picked = { what: 'picked', why: null }
  const of = (why: string | null, ...picks: ReturnType<typeof one>[]) => ({
    number: 'N',
    lines: [{ line: 1, picks }],
    history: why === null ? [picked, picked] : [picked, { what: 'pick-refused', why }, picked],
  })
  const asked = (...picks: ReturnType<typeof one>[]) => ({ ...of(null, ...picks), history: [picked] })

  test.each([
    ['it stands', asked(one(b, '3', false)), of(null, one(b, '3')), undefined],
    ['more was picked there since: it stands', asked(one(b, '3', false)), of('why', one(b, '10')), undefined],
    ['some was put back since: it stood', asked(one(b, '3', false)), of(null, one(b, '1')), undefined],
    ['it is off', asked(one(b, '3', false)), of('why', one(a, '0')), { refused: 'picks-refused', detail: 'why' }],
    ['it is less', asked(one(b, '3', false)), of('why', one(b, '1')), { errors: [{ message: `3 cannot be taken at ${b}` }] }], // prettier-ignore
    ['it is as it was, and another is off', asked(one(b, '3', false)), of('why', one(b, '3')), undefined],
    ['a millionth is off', asked(one(b, '0.000001', false)), of('why'), { refused: 'picks-refused' }],
    ['it is off, and the history has no reason', asked(one(b, '3', false)), { ...of(null), history: [picked, { what: 'pick-refused', why: null }] }, { detail: 'N: what was picked cannot be taken there.' }], // prettier-ignore
    ['its line is gone', asked(one(b, '3', false)), { ...of('why'), lines: [] }, { refused: 'picks-refused' }],
    ['what was not asked does not count', asked(one(b, '3')), of('why'), undefined],
    ['another was refused before', { ...asked(one(b, '3', false)), history: of('why').history }, of('why'), undefined],
  ])('%s', (_title, before, now, refusal) => {
    const found = pickRefusal(before, now)
    if (refusal === undefined) expect(found).toBeUndefined()
    else expect(found).toMatchObject(refusal)
  })

  test.each([
    ['one that waits', asked(one(b, '3', false)), true],
    ['one that is confirmed', asked(one(b, '3')), false],
    ['none', asked(), false],
  ])('an answer with %s', (_title, answered, is) => expect(isUnconfirmed(answered)).toBe(is))

  const others = { line: 2, picks: [one(b, '3', false)] }
  test.each([
    ['it waits still', asked(one(b, '3', false)), of(null, one(b, '4', false)), true],
    ['it is confirmed', asked(one(b, '3', false)), of(null, one(b, '3')), false],
    ['it was confirmed before, and another user picked more', asked(one(b, '3')), of(null, one(b, '4', false)), false],
    ['another place waits', asked(one(b, '3', false)), of(null, one(b, '3'), one(a, '1', false)), false],
    ['another line waits', asked(one(b, '3', false)), { ...of(null), lines: [{ line: 1, picks: [] }, others] }, false],
    ['its line is gone', asked(one(b, '3', false)), { ...of(null), lines: [others] }, false],
  ])('after an answer with a pick that waits: %s', (_title, before, now, is) =>
    expect(isStillUnconfirmed(before, now)).toBe(is),
  )
})
