import { describe, expect, test } from '@jest/globals'
import { newSheet, type Counter, type SheetFacts, type Zone } from './count.make.ts'
import { nextTurn, planRefusal, sheetOfPlan, type CountPlan } from './plan.ts'

const plan: CountPlan = {
  id: '00000000-0000-7000-8000-000000000001',
  name: 'A weekly',
  zone: 'WH/Stock/A',
  abcClass: 'A',
  every: { days: 7 },
  blind: true,
  dueInDays: 3,
  assignee: 'ann',
  tolerance: { quantity: '2' },
  zeroCheck: false,
  shortPick: false,
  nextOn: '2026-04-20',
  version: 1,
}
const zone: Zone = { code: 'WH/Stock/A', type: 'internal', warehouse: 'WH', active: true }
const ann: Counter = { id: 'ann', name: 'Ann', active: true, mayCount: true, scope: ['WH/Stock'] }

describe('a plan', () => {
  test.each([
    ['fits', { zone, assignee: ann, taken: false }, []],
    ['nobody need be named', { zone, assignee: undefined, taken: false }, []],
    ['a manager acts everywhere', { zone, assignee: { ...ann, scope: null }, taken: false }, []],
    ['its zone is not known', { zone: null, assignee: ann, taken: false }, ['/zone']],
    ['its zone is virtual', { zone: { ...zone, type: 'loss', warehouse: null }, assignee: ann, taken: false }, ['/zone']],
    ['its zone is closed', { zone: { ...zone, active: false }, assignee: ann, taken: false }, ['/zone']],
    ['nobody knows who', { zone, assignee: null, taken: false }, ['/assignee']],
    ['disabled', { zone, assignee: { ...ann, active: false }, taken: false }, ['/assignee']],
    ['without the right', { zone, assignee: { ...ann, mayCount: false }, taken: false }, ['/assignee']],
    ['assigned elsewhere', { zone, assignee: { ...ann, scope: ['WH/Stock/A/1', 'WH/Stock/AB'] }, taken: false }, ['/assignee']],
    ['all at once', { zone: null, assignee: null, taken: true }, ['/name', '/zone', '/assignee']],
  ] as const)('%s', (_title, known, pointers) =>
    expect(planRefusal(plan, known)?.errors?.map(({ pointer }) => pointer) ?? []).toEqual(pointers),
  ) // prettier-ignore

  test('asks for a sheet that is due some days later', () =>
    expect(sheetOfPlan(plan, '2026-02-27')).toEqual({
      zone: 'WH/Stock/A',
      abcClass: 'A',
      assignee: 'ann',
      blind: true,
      dueOn: '2026-03-02',
      tolerance: { quantity: '2' },
    }))

  test.each([
    ['the day of the turn', '2026-04-20', 7, '2026-04-20', '2026-04-27'],
    ['a day late', '2026-04-20', 7, '2026-04-21', '2026-04-27'],
    ['a turn was missed', '2026-04-20', 7, '2026-04-27', '2026-05-04'],
    ['many were', '2026-01-01', 7, '2026-04-20', '2026-04-23'],
    ['daily', '2026-04-20', 1, '2026-04-20', '2026-04-21'],
    ['before its day', '2026-04-20', 7, '2026-04-18', '2026-04-27'],
    ['over a leap day', '2028-02-28', 2, '2028-02-28', '2028-03-01'],
  ] as const)('%s', (_title, on, days, today, next) => expect(nextTurn(on, days, today)).toBe(next))
})

describe('a new sheet', () => {
  const known: SheetFacts = {
    ...{ zone, assignee: undefined, id: 'id', now: new Date('2026-04-20T08:00:00Z'), plan: null },
    cause: 'hand',
    places: [],
    knownSkus: new Set(['PX']),
  }

  test('is unassigned, or scheduled', () => {
    expect(newSheet({ zone: 'WH/Stock/A', blind: true }, known)).toMatchObject({
      status: 'unassigned',
      warehouse: 'WH',
    })
    expect(newSheet({ zone: 'WH/Stock/A', blind: true }, { ...known, assignee: ann })).toMatchObject({
      status: 'scheduled',
      assignee: 'ann',
      assigneeName: 'Ann',
    })
  })

  test('every fault is named', () =>
    expect(
      newSheet({ zone: 'X', skus: ['PX', 'NEW'], blind: true }, { ...known, zone: null, assignee: null }),
    ).toMatchObject({ errors: [{ pointer: '/zone' }, { pointer: '/assignee' }, { pointer: '/skus/1' }] }))

  test('has at most 5,000 lines', () => {
    const place = { sku: 'PX', location: 'WH/Stock/A/1', lot: null, status: 'available', unit: 'unit', onHand: 0n, picked: 0n, put: 0n }
    const of = (length: number) => newSheet({ zone: 'WH/Stock/A', blind: true }, { ...known, places: Array(length).fill(place) as never })
    expect(of(5000)).toMatchObject({ status: 'unassigned' })
    expect(of(5001)).toMatchObject({ refused: 'sheet-too-large', kind: 'content', errors: [{ pointer: '/zone' }] })
  }) // prettier-ignore
})
