/** What a transfer is made of: goods that go from one place to another, by way of the transit place, or in one step. */
import { values } from '@stockline/contracts'
import {
  amount,
  choice,
  day,
  fixed,
  headFields,
  inAnswers,
  inLists,
  integer,
  ledgerFields,
  list,
  nullable,
  pointInTime,
  text,
} from '@stockline/documents/declaration'

/** What the ledger posted of a line. In the base unit. */
export const moveFields = {
  what: inAnswers(choice('shipped', 'received', 'lost', 'returned')),
  location: inAnswers(nullable(text()), 'Where it was taken from or put; null where it was lost.'),
  lot: inAnswers(nullable(text())),
  quantity: inAnswers(amount()),
  /** The attempt that posted it, and its place in the ledger. */
  attempt: integer(),
  position: text(),
}

const head = {
  ...headFields('WH/INT/00042', 'draft', 'waiting', 'posting', 'in_transit', 'done', 'cancelled'),
  problem: inLists(nullable(text()), 'What stands in the way.'),
  ...ledgerFields,
  source: fixed(inLists(text(values.locationCode))),
  destination: fixed(inLists(text(values.locationCode))),
  scheduledDate: fixed(inLists(nullable(day(values.date)))),
  note: fixed(inAnswers(nullable(text()))),
  /** When it was first confirmed: among equals the earlier comes first. */
  confirmedAt: inAnswers(nullable(pointInTime())),
  /** What the ledger was asked for, while it has not answered; `ship` also while the transfer waits for stock. */
  asked: nullable(choice('ship', 'receive', 'return', 'relocate')),
}

const line = {
  sku: inAnswers(text(values.sku)),
  quantity: inAnswers(amount(), 'In `unit`.'),
  unit: inAnswers(text()),
  lot: inAnswers(nullable(text()), 'Nothing but this lot will do; null where any does.'),
  baseUnit: inAnswers(text(), 'The unit of what is shipped, received, returned and lost.'),
  fromLocation: inAnswers(nullable(text()), 'Of a relocation: where it is taken from. Otherwise null.'),
  toLocation: inAnswers(nullable(text()), 'Of a relocation: where it is put. Otherwise null.'),
  moves: inAnswers(list(moveFields), 'What the ledger posted of it: from where, to where, and of which lot.'),
}

/** Transfers as they are kept and listed. */
export const transferKind = {
  one: 'transfer',
  many: 'transfers',
  numberType: 'INT',
  fields: { head, line },
  openWhile: ['draft', 'waiting', 'posting', 'in_transit'],
  helpedWhile: [],
  filters: ['number', 'status', 'warehouse', 'source', 'destination'],
  sorts: ['createdAt', 'number', 'scheduledDate', 'status'],
} as const
