/** What an adjustment is made of: what was counted at places, beside what the ledger had there then. */
import { values } from '@stockline/contracts'
import {
  amount,
  choice,
  fixed,
  headFields,
  inAnswers,
  inLists,
  integer,
  nullable,
  perUnit,
  pointInTime,
  position,
  restricted,
  text,
  texts,
  uuid,
  yesOrNo,
} from '@stockline/documents/declaration'

const head = {
  ...headFields('WH/ADJ/00001', 'draft', 'submitted', 'posted', 'rejected'),
  reason: inLists(text(values.orderNumber), "Code of one of the manager's reasons."),
  note: inAnswers(nullable(text())),
  evidence: inAnswers(nullable(text()), 'Where a picture or a report of it is.'),
  /** Who counts does not see what is expected. */
  blind: fixed(inLists(yesOrNo())),
  /** The count sheet that it came from. */
  countId: fixed(nullable(uuid())),
  problem: inAnswers(nullable(text()), 'Why the ledger did not post it.'),
  createdBy: fixed(text()),
  /** Everybody who ever entered a count of it. */
  countedBy: texts(),
  submittedBy: nullable(text()),
  submittedAt: inAnswers(nullable(pointInTime())),
  forced: inLists(yesOrNo(), 'A manager posted it without approval.'),
  /** Times the ledger was asked. */
  attempt: integer(),
  atPosition: inAnswers(position(), 'Where the ledger was when its last line was counted.'),
  position: inAnswers(nullable(position()), 'Place in the ledger, once posted; null where nothing differed.'),
}

const line = {
  sku: inAnswers(text(values.sku)),
  location: inAnswers(text(values.locationCode)),
  lot: inAnswers(nullable(text())),
  status: inAnswers(choice('available', 'quarantine', 'damaged', 'blocked')),
  /** The base unit, as it was when it was counted. */
  unit: inAnswers(text(values.unitCode)),
  /** On hand at `atPosition`. */
  expected: amount(),
  counted: inAnswers(amount()),
  atPosition: inAnswers(position(), 'Where the ledger was when it was counted.'),
  unitCost: restricted(nullable(perUnit()), 'Of a gain, where a supervisor entered it.'),
  reason: inAnswers(nullable(text()), "Where it is another than the document's."),
  countedBy: text(),
}

/** Adjustments as they are kept and listed. */
export const adjustmentKind = {
  one: 'adjustment',
  many: 'adjustments',
  numberType: 'ADJ',
  fields: { head, line },
  openWhile: ['draft', 'submitted'],
  helpedWhile: [],
  endsAs: ['posted', 'rejected'],
  filters: ['number', 'warehouse', 'status', 'reason'],
  sorts: ['createdAt', 'number', 'status'],
} as const
