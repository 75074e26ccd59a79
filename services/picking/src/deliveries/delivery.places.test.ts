import { describe, expect, test } from '@jest/globals'
import { begun, delivery, line, pick } from '../../test/deliveries-builders.ts'
import { deliveryPlaces } from './delivery.places.ts'
import type { Delivery } from './delivery.ts'

const a = 'WH/Stock/A1-03'
const said = `Nothing can be taken at ${a}: it is closed.`
const picked = begun(line(1, 'PX', '10', pick(a, '0', '3')))
const short = 'Short of stock: PX 7.'

describe('D2 A place that something is picked at closes', () => {
  test.each<[what: string, of: Delivery, isClosed: boolean, problem: string | null | undefined]>([
    ['it is said', picked, true, said],
    ['before what else is said', { ...picked, problem: short }, true, `${said} ${short}`],
    ['it is said already', { ...picked, problem: said }, true, undefined],
    ['opened again it is right', { ...picked, problem: said }, false, null],
    ['opened again, what else is said stays', { ...picked, problem: `${said} ${short}` }, false, short],
    ['nothing is picked there', delivery({ lines: [line(1, 'PX', '10', pick('WH/Stock', '10'))] }), true, undefined],
    ['a millionth is reserved there', begun(line(1, 'KG', '10', pick(a, '0.000001'))), true, said],
    ['nothing is picked there any more', begun(line(1, 'KG', '10', pick(a, '0', '0'))), true, undefined],
    ['it is done', { ...picked, status: 'done' }, true, undefined],
  ])('%s', (_title, of, isClosed, problem) => {
    const led = deliveryPlaces.decide(of, { code: a, isClosed, wasClosed: !isClosed }, new Map())
    const why = problem ?? null
    expect(led).toEqual(
      problem === undefined
        ? 'already'
        : { document: { ...of, problem }, notes: [{ what: isClosed ? 'place-wrong' : 'place-right', why }] },
    )
  })
})
