/** Count sheets and what is known of them, for tables of tests. */
import { parseQuantity } from '@stockline/amounts'
import { groups, mayDo } from '@stockline/contracts'
import type { KeyState } from '../src/counts/count.enter.ts'
import { openLine, type StepFacts, type CountLine, type CountSheet } from '../src/counts/count.ts'

export const person = (id: string) => ({ id, name: `Name of ${id}` })

/** Somebody of a group, on the 20th of April. */
export function facts(id: string, group: 'user' | 'supervisor' | 'manager' = 'user'): StepFacts {
  const holder = { groups: [groups[group]], scopes: [] }
  return { by: person(id), may: (right) => mayDo(holder, right), now: new Date('2026-04-20T08:00:00Z') }
}

const nothing = parseQuantity('0')

/** An open line of a product at a place. */
function line(number: number, sku: string, location: string): CountLine {
  const place = { sku, location, lot: null, status: 'available', unit: 'unit' } as const
  return openLine(number, { ...place, onHand: parseQuantity('10'), picked: nothing, put: nothing }, false)
}

/** A line that ann has counted. */
export function counted(number: number, onHand: string, seen: string, more: Partial<CountLine> = {}): CountLine {
  return {
    ...line(number, `P${String(number)}`, 'WH/Stock/A/1'),
    onHand: parseQuantity(onHand),
    counted: parseQuantity(seen),
    state: 'counted',
    position: '7',
    countedBy: 'ann',
    ...more,
  }
}

/** A blind sheet of two lines, assigned to ann. */
export function sheet(more: Partial<CountSheet> = {}): CountSheet {
  return {
    id: '00000000-0000-7000-8000-00000000000a',
    number: 'WH/CNT/00001',
    warehouse: 'WH',
    version: 1,
    createdAt: new Date('2026-04-20T07:00:00Z'),
    status: 'scheduled',
    zone: 'WH/Stock/A',
    abcClass: null,
    cause: 'hand',
    plan: null,
    assignee: 'ann',
    assigneeName: 'Name of ann',
    blind: true,
    dueOn: null,
    toleranceQuantity: null,
    tolerancePercent: null,
    workedOnBy: [],
    adjustments: [],
    lines: [line(1, 'PX', 'WH/Stock/A/1'), line(2, 'PY', 'WH/Stock/A/2')],
    ...more,
  }
}

/** What is known at a key: pieces without lots, at a place in use. */
export function state({
  onHand = '10',
  picked = '0',
  ...more
}: Partial<Omit<KeyState, 'onHand' | 'picked'>> & { onHand?: string; picked?: string } = {}): KeyState {
  return {
    type: 'stockable',
    tracking: 'none',
    unit: 'unit',
    unitDecimals: 0,
    locationType: 'internal',
    locationActive: true,
    position: 1n,
    put: nothing,
    seen: '1:1:',
    ...more,
    onHand: parseQuantity(onHand),
    picked: parseQuantity(picked),
  }
}
