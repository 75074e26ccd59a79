/** What is decided of goods that are here, by those who may: another stock status, or scrap. Both are of one shape. */
import { values } from '@stockline/contracts'
import {
  amount,
  choice,
  fixed,
  headFields,
  inAnswers,
  inLists,
  nullable,
  position,
  text,
} from '@stockline/documents/declaration'

const statuses = ['available', 'quarantine', 'damaged', 'blocked'] as const

const headOf = (number: string) => ({
  ...headFields(number, 'submitted', 'posted', 'rejected'),
  reason: fixed(inLists(text(), "Code of one of the manager's reasons.")),
  note: fixed(inAnswers(nullable(text()))),
  /** Who asked for it. */
  submittedBy: fixed(text()),
  problem: inAnswers(nullable(text()), 'Why it was not posted at once.'),
  position: inAnswers(nullable(position()), 'Place in the ledger, once posted.'),
})

const line = {
  sku: inAnswers(text(values.sku)),
  location: inAnswers(text(values.locationCode)),
  lot: inAnswers(nullable(text())),
  status: choice(...statuses),
  /** Null of scrap. */
  toStatus: nullable(choice(...statuses)),
  quantity: inAnswers(amount()),
  /** The base unit, as it was then. */
  unit: inAnswers(text(values.unitCode)),
}

const kept = {
  openWhile: ['submitted'],
  helpedWhile: [],
  endsAs: ['posted', 'rejected'],
  filters: ['number', 'warehouse', 'status', 'reason'],
  sorts: ['createdAt', 'number', 'status'],
} as const

/** Changes of status, as they are kept and listed. */
export const statusChangeKind = {
  ...{ one: 'status_change', many: 'status_changes', numberType: 'STS' },
  fields: { head: headOf('WH/STS/00001'), line },
  ...kept,
} as const

/** Scraps, as they are kept and listed. */
export const scrapKind = {
  ...{ one: 'scrap', many: 'scraps', numberType: 'SCR' },
  fields: { head: headOf('WH/SCR/00001'), line },
  ...kept,
} as const
