import { describe, expect, test } from '@jest/globals'
import { product, q, referenceData, taken } from '../../test/builders.ts'
import { asked, facts, inTransit, line, moved, transfer } from '../../test/transfers-builders.ts'
import { validateTransfer } from './transfer.validate.ts'
import type { Transfer } from './transfer.ts'

type Body = Parameters<typeof validateTransfer>[1]

const [past, future] = [new Date('2026-04-19T08:00:00Z'), new Date('2026-04-21T08:00:00Z')]
const supervisor = facts({ may: () => true })
const none: Body = { effectiveAt: undefined }
const three = [{ line: 1, received: '3' }]
const receiving = asked('receive', 2, { lines: inTransit().lines })
const notInTransit = { refused: 'transfer-not-in-transit', kind: 'state', inAnyVersion: true }

describe('T1 Receiving, every refusal in order of precedence', () => {
  test.each([
    ['one that is done is through this step', transfer({ status: 'done' }), { lines: three }, 'already'],
    ['a second tap is no error', receiving, {}, 'already'],
    ['lines while others are posted', receiving, { lines: [], effectiveAt: future }, { refused: 'transfer-posting', kind: 'state', detail: "WH/INT/00042 is posting: wait for the ledger's answer, and say what else came." }], // prettier-ignore
    ['a draft', transfer(), {}, { ...notInTransit, detail: 'WH/INT/00042 is a draft: confirm it first, and the source ships.' }], // prettier-ignore
    ['one that waits', asked('ship', 1, { status: 'waiting' }), {}, { ...notInTransit, detail: 'WH/INT/00042 waits for stock: nothing is in transit yet.' }], // prettier-ignore
    ['a cancelled one', transfer({ status: 'cancelled' }), {}, { ...notInTransit, detail: 'WH/INT/00042 is cancelled.' }], // prettier-ignore
    ['one that is shipped at this moment', asked('ship'), { effectiveAt: future }, { ...notInTransit, detail: "WH/INT/00042 is posting: wait for the ledger's answer." }], // prettier-ignore
    ['who may not say when it came', inTransit(), { effectiveAt: past, remainder: 'lost' }, { refused: 'effective-at-forbidden' }], // prettier-ignore
    ['who may not say that it is lost', inTransit(), { remainder: 'lost' }, { refused: 'loss-forbidden', kind: 'forbidden' }], // prettier-ignore
  ] as const)('%s', (_title, of: Transfer, body, expected) =>
    expect([validateTransfer(of, { ...none, ...body } as Body, facts())]).toMatchObject([expected]),
  )

  const lostWrong = (...errors: readonly object[]) => ({ refused: 'loss-wrong', kind: 'content', errors })
  const nothing = { refused: 'nothing-received', kind: 'content', errors: [{ pointer: '/lines' }] }
  test.each([
    ['it has not come yet', { effectiveAt: future, remainder: 'lost' }, { refused: 'effective-at-future' }],
    ['lost, and neither what came nor why', { remainder: 'lost' }, lostWrong({ pointer: '/lines', message: 'must say what came: [] where nothing did, and all is lost' }, { pointer: '/reason', message: 'must say why it is lost' })], // prettier-ignore
    ['lost without a reason', { remainder: 'lost', lines: [{ line: 9, received: '1' }] }, lostWrong({ pointer: '/reason' })], // prettier-ignore
    ['lost without what came', { remainder: 'lost', reason: 'x' }, lostWrong({ pointer: '/lines' })],
    ['no lines', { lines: [] }, nothing],
    ['zeros', { lines: [{ line: 1, received: '0' }, { line: 2, lot: 'L1', received: '0' }] }, nothing], // prettier-ignore
    ['nothing of a line that is not there', { lines: [{ line: 9, received: '0' }] }, nothing],
  ])('%s', (_title, body, expected) =>
    expect([validateTransfer(inTransit(), { ...none, ...body } as Body, supervisor)]).toMatchObject([expected]),
  )
})

describe('T1 What is wrong with received lines is named at once, by field', () => {
  test.each([
    ['a line that is not in transit', { line: 9, received: '1' }, ['line', 'nothing of line 9 is in transit']],
    ['another lot', { line: 2, lot: 'L3', received: '1' }, ['lot', 'nothing of lot L3 is in transit on line 2']],
    ['a lot of a line without one', { line: 1, lot: 'L1', received: '1' }, ['lot', 'nothing of lot L1 is in transit on line 1']], // prettier-ignore
    ['nothing of another lot', { line: 2, lot: 'L3', received: '0' }, ['lot', 'nothing of lot L3 is in transit on line 2']], // prettier-ignore
    ['no lot where there are several', { line: 2, received: '1' }, ['lot', 'must be named: several lots of line 2 are in transit']], // prettier-ignore
    ['a lot twice', { line: 2, lot: 'L1', received: '1' }, ['line', 'line 2 and its lot stand here twice']],
    ['a part of a piece', { line: 1, received: '0.5' }, ['received', 'is too precise: "unit" is counted with no decimals']], // prettier-ignore
    ['more than is in transit', { line: 1, received: '11' }, ['received', 'is more than the 10 unit in transit']],
    ['a gram more than of its lot', { line: 2, lot: 'L2', received: '2.001' }, ['received', 'is more than the 2 kg in transit']], // prettier-ignore
  ])('%s', (_title, given, [field, message]) => {
    const lines = [{ line: 2, lot: 'L1', received: '1' }, given]
    expect(validateTransfer(inTransit(), { ...none, lines }, facts())).toMatchObject({
      refused: 'lines-wrong',
      kind: 'content',
      detail: 'WH/INT/00042 cannot be received so.',
      errors: [{ pointer: `/lines/1/${field!}`, message }],
    })
  })

  test('all of them', () => {
    const lines = [{ line: 9, received: '1' }, { line: 1, received: '11' }] // prettier-ignore
    expect(validateTransfer(inTransit(), { ...none, lines }, facts())).toMatchObject({
      errors: [{ pointer: '/lines/0/line' }, { pointer: '/lines/1/received' }],
    })
  })
})

describe('T1 What is received', () => {
  const told = (body: Partial<Body>, of = inTransit()) => {
    const [event] = taken(validateTransfer(of, { ...none, ...body }, supervisor)).events ?? []
    if (event?.type !== 'validated') throw new Error('nothing was told')
    return event.data.lines.map(({ line: at, documentLine, lot, quantity, to, reason }) => [
      ...[at, documentLine, lot ?? null, quantity],
      to ?? `lost: ${String(reason)}`,
    ])
  }
  const all = [[1, 1, null, '10', 'W2/Stock'], [2, 2, 'L1', '3', 'W2/Stock'], [3, 2, 'L2', '2', 'W2/Stock']] // prettier-ignore
  const part = [{ line: 2, lot: 'L2', received: '2' }, { line: 1, received: '4' }] // prettier-ignore

  test.each([
    ['all, where nobody says otherwise', {}, all],
    ['what is named; the rest stays in transit', { lines: part }, [[1, 1, null, '4', 'W2/Stock'], [2, 2, 'L2', '2', 'W2/Stock']]], // prettier-ignore
    ['the same, where that is said', { lines: part, remainder: 'keep' }, [[1, 1, null, '4', 'W2/Stock'], [2, 2, 'L2', '2', 'W2/Stock']]], // prettier-ignore
    ['all of it', { lines: [{ line: 1, received: '10' }] }, [[1, 1, null, '10', 'W2/Stock']]],
    ['what is named; the rest is lost', { lines: part, remainder: 'lost', reason: 'fell' }, [[1, 1, null, '4', 'W2/Stock'], [2, 2, 'L2', '2', 'W2/Stock'], [3, 1, null, '6', 'lost: fell'], [4, 2, 'L1', '3', 'lost: fell']]], // prettier-ignore
    ['nothing: all is lost', { lines: [], remainder: 'lost', reason: 'fell' }, [[1, 1, null, '10', 'lost: fell'], [2, 2, 'L1', '3', 'lost: fell'], [3, 2, 'L2', '2', 'lost: fell']]], // prettier-ignore
  ] as const)('%s', (_title, body, lines) => expect(told(body as Body)).toEqual(lines))

  test('is what is left of it, where a part came before; the one lot left need not be named', () => {
    const came = line(2, 'LOT', '5', moved('shipped', '3', { lot: 'L1' }), moved('shipped', '2', { lot: 'L2' }), moved('received', '2', { lot: 'L2', attempt: 2 })) // prettier-ignore
    expect(told({ lines: [{ line: 2, received: '3' }] }, inTransit({ lines: [came] }))).toEqual([[1, 2, 'L1', '3', 'W2/Stock']]) // prettier-ignore
  })

  test('is not of a product that is not known yet, after the database fell back: the ledger could not take it', () => {
    const known = facts({ referenceData: { ...referenceData, products: new Map([['LOT', product('LOT')]]) } })
    expect(validateTransfer(inTransit(), { ...none, lines: three }, known)).toMatchObject({
      refused: 'lines-wrong',
      errors: [{ pointer: '/lines/0/line', message: 'product "PX" is not known yet: receive it once it is' }],
    })
    expect(validateTransfer(inTransit(), none, known)).toMatchObject({ refused: 'product-unknown', kind: 'state' })
    const lot = [{ line: 2, lot: 'L1', received: '3' }]
    expect(validateTransfer(inTransit(), { ...none, lines: lot }, known)).toMatchObject({ document: { asked: 'receive' } }) // prettier-ignore
  })

  test.each([
    [{}, 'validated', null],
    [{ lines: three, reason: 'two boxes' }, 'validated', 'two boxes'],
    [{ lines: three, remainder: 'lost', reason: 'fell' }, 'validated-with-loss', 'fell'],
  ] as const)('is in the history: %j', (body, what, why) => {
    const { notes } = taken(validateTransfer(inTransit(), { ...none, ...body }, supervisor))
    expect(notes).toEqual([{ what, why }])
  })

  test('is asked of the ledger in the next attempt, and nothing of it counts yet', () => {
    const of = inTransit({ attempt: 4, problem: 'x' })
    expect(validateTransfer(of, { effectiveAt: past }, supervisor)).toMatchObject({
      document: { ...of, status: 'posting', asked: 'receive', attempt: 5, effectiveAt: past, problem: null },
      events: [{ type: 'validated', data: { attempt: 5, effectiveAt: past.toISOString(), warehouse: 'WH' } }],
    })
  })

  test('may be more than a thousand lots only a thousand at once', () => {
    const moves = Array.from({ length: 1001 }, (_, at) => moved('shipped', '1', { lot: `L${String(at)}` }))
    const of = inTransit({ lines: [line(1, 'LOT', '1001', ...moves)] })
    expect(validateTransfer(of, none, facts())).toMatchObject({ refused: 'transfer-too-long', kind: 'content' })
    const lines = [{ line: 1, lot: 'L7', received: '1' }]
    expect(validateTransfer(of, { ...none, lines }, facts())).toMatchObject({ document: { lines: [{ quantity: q('1001') }] } }) // prettier-ignore
  })
})
