/** What was counted is entered: each count with what was on hand, picked and put there at one position of the ledger. Pure. */
import { isWholeAt, parseQuantity, type Quantity } from '@stockline/amounts'
import { isAtOrBelow } from '@stockline/contracts/locations'
import { inAnyVersion, nothingLeft, type Decided } from '@stockline/documents/decision'
import { refuse, type FieldError } from '@stockline/service-kit/refusal'
import type { Balance } from '../ledger/balances.actions.ts'
import type { countLinesBody } from './count.shapes.api.ts'
import {
  countKey,
  mostCounted,
  sheetTooLarge,
  noteOf,
  notOpen,
  notYours,
  openLine,
  withWorker,
  type StepFacts,
  type CountKey,
  type CountSheet,
} from './count.ts'
import type { z } from 'zod'

export type CountEntries = z.output<typeof countLinesBody>

/** What is known at the key of an entry: by the ledger, and on the floor. All of one moment. */
export interface KeyState extends Pick<
  Balance,
  'type' | 'tracking' | 'unit' | 'unitDecimals' | 'locationType' | 'locationActive' | 'onHand' | 'position'
> {
  readonly picked: Quantity
  readonly put: Quantity
  /** Stands for the moment of the floor; null where nothing is picked or put: in another status than available. */
  readonly seen: string | null
}

/** What is known of each entry, in their order; null where it names nothing. */
export interface EntryFacts extends StepFacts {
  readonly states: readonly (KeyState | null)[]
}

/** What an entry counts; null where it names a line that is not there, or names neither a line nor a product and place. */
export function countedKeys(sheet: CountSheet, { lines }: CountEntries): readonly (CountKey | null)[] {
  const byNumber = new Map(sheet.lines.map((line) => [line.line, line]))
  return lines.map(({ line, sku, location, lot, status }) => {
    if (line !== undefined) return byNumber.get(line) ?? null
    if (sku === undefined || location === undefined) return null
    return { sku, location, lot: lot ?? null, status: status ?? 'available' }
  })
}

/** Takes what was counted: of lines of the sheet, and of what was found besides. */
export function decideEnter(
  sheet: CountSheet,
  { lines: entries, ...rest }: CountEntries,
  known: EntryFacts,
): Decided<CountSheet> {
  nothingLeft(rest)
  const closed = notOpen(sheet)
  if (closed !== undefined) return inAnyVersion(closed)
  const foreign = notYours(sheet, known)
  if (foreign !== undefined) return inAnyVersion(foreign)
  const keys = countedKeys(sheet, { lines: entries })
  const byKey = new Map(sheet.lines.map((line) => [countKey(line), line]))
  const faults = entries.flatMap((entry, index) =>
    entryFaults(sheet, entry, keys[index] ?? null, index, known.states[index] ?? null),
  )
  const doubled = doubledFaults(keys)
  const own = entries.flatMap((_entry, index) => {
    const key = keys[index]
    const line = key === null || key === undefined ? undefined : byKey.get(countKey(key))
    return line?.countedBefore.includes(known.by.id) === true
      ? [
          {
            pointer: `/lines/${String(index)}`,
            message: `line ${String(line.line)} is for another person to count: you counted it`,
          },
        ]
      : []
  })
  if (faults.length + doubled.length > 0)
    return refuse('count-wrong', 'content', 'Some of what was counted cannot be taken; nothing was.', [
      ...faults,
      ...doubled,
    ])
  if (own.length > 0)
    return refuse('counted-by-you', 'forbidden', 'A recount is by another person than whoever counted before.', own)
  return entered(sheet, { lines: entries }, keys, known)
}

function entered(
  sheet: CountSheet,
  { lines: entries }: CountEntries,
  keys: readonly (CountKey | null)[],
  known: EntryFacts,
): Decided<CountSheet> {
  const { by, now, states } = known
  const lines = new Map(sheet.lines.map((line) => [countKey(line), line]))
  let last = sheet.lines.reduce((most, { line }) => Math.max(most, line), 0)
  entries.forEach(({ counted, reason, ...rest }, index) => {
    const { line: _line, sku: _sku, location: _location, lot: _lot, status: _status, ...none } = rest
    nothingLeft(none)
    const key = keys[index]
    const state = states[index]
    if (key === null || key === undefined || state === null || state === undefined) return
    const { onHand, picked, put, position, seen } = state
    const { sku, location, lot, status } = key
    const at = { sku, location, lot, status, unit: state.unit ?? '', onHand, picked, put }
    const line = lines.get(countKey(key)) ?? openLine((last += 1), at, true)
    lines.set(countKey(key), {
      ...line,
      ...{ onHand, picked, put },
      counted: parseQuantity(counted),
      reason: reason ?? line.reason,
      state: 'counted',
      why: null,
      position: String(position),
      seen,
      countedAt: now.toISOString(),
      countedBy: by.id,
    })
  })
  if (lines.size > mostCounted) return sheetTooLarge('/lines')
  const began = sheet.status === 'in_progress' ? [] : [noteOf('begun')]
  return {
    document: {
      ...sheet,
      status: 'in_progress',
      workedOnBy: withWorker(sheet.workedOnBy, by.id),
      lines: [...lines.values()],
    },
    notes: [...began, noteOf('counted', `${String(entries.length)} ${entries.length === 1 ? 'line' : 'lines'}`)],
  }
}

type Entry = CountEntries['lines'][number]

function entryFaults(
  sheet: CountSheet,
  entry: Entry,
  key: CountKey | null,
  index: number,
  state: KeyState | null,
): readonly FieldError[] {
  const at = (field: string) => `/lines/${String(index)}/${field}`
  if (entry.line !== undefined && key === null)
    return [{ pointer: at('line'), message: `line ${String(entry.line)} is not on this sheet` }]
  if (key === null)
    return (['sku', 'location'] as const).flatMap((field) =>
      entry[field] === undefined ? [{ pointer: at(field), message: 'must be there where no line is named' }] : [],
    )
  const others = (['sku', 'location', 'lot', 'status'] as const).flatMap((field) =>
    entry.line === undefined || entry[field] === undefined || entry[field] === key[field]
      ? []
      : [
          {
            pointer: at(field),
            message: `is not that of line ${String(entry.line)}, which has ${key[field] ?? 'none'}`,
          },
        ],
  )
  if (state === null) return others
  const found = entry.line === undefined ? foundFaults(sheet, key, at, state) : []
  return [...others, ...found, ...amountFaults(entry, at, state)]
}

function foundFaults(
  { zone }: CountSheet,
  { sku, location, lot }: CountKey,
  at: (field: string) => string,
  { type, tracking, locationType, locationActive }: KeyState,
): readonly FieldError[] {
  const faults: FieldError[] = []
  if (!isAtOrBelow(location, zone)) faults.push({ pointer: at('location'), message: `is not in ${zone}` })
  else if (locationType !== 'internal' || locationActive !== true)
    faults.push({ pointer: at('location'), message: `${location} is no location in use` })
  if (type === null) faults.push({ pointer: at('sku'), message: `product ${sku} is not known` })
  if (type === 'service') faults.push({ pointer: at('sku'), message: `${sku} is a service: there is nothing to count` })
  if (tracking === 'none' && lot !== null)
    faults.push({ pointer: at('lot'), message: `must not be there: ${sku} has no lots` })
  if (tracking !== null && tracking !== 'none' && lot === null)
    faults.push({ pointer: at('lot'), message: `must be there: ${sku} is tracked by ${tracking}` })
  return faults
}

function amountFaults(
  { counted }: Entry,
  at: (field: string) => string,
  { tracking, unit, unitDecimals }: KeyState,
): readonly FieldError[] {
  if (unit === null || unitDecimals === null) return []
  const amount = parseQuantity(counted)
  if (!isWholeAt(amount, unitDecimals))
    return [
      {
        pointer: at('counted'),
        message: `is too precise: ${unit} is counted to ${String(unitDecimals)} decimals`,
      },
    ]
  if (tracking === 'serial' && amount > 1_000_000n)
    return [{ pointer: at('counted'), message: 'must be 0 or 1 of a serial number' }]
  return []
}

/** What is counted twice in one request. */
function doubledFaults(keys: readonly (CountKey | null)[]): readonly FieldError[] {
  const first = new Map<string, number>()
  return keys.flatMap((key, index) => {
    if (key === null) return []
    const text = countKey(key)
    const earlier = first.get(text)
    if (earlier === undefined) first.set(text, index)
    return earlier === undefined
      ? []
      : [{ pointer: `/lines/${String(index)}`, message: `counts the same as /lines/${String(earlier)}` }]
  })
}
