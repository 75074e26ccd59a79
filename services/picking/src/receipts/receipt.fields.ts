/** What a receipt is made of. */
import { values } from '@stockline/contracts'
import {
  amount,
  choice,
  day,
  fixed,
  group,
  inAnswers,
  inLists,
  list,
  nullable,
  optional,
  party,
  perUnit,
  restricted,
  text,
  texts,
} from '@stockline/documents/declaration'
import { orderedHead, orderedLine, orderedSorts } from '../documents/document.fields.ts'

/** What was not accepted of an entry: beside its quantity, in its unit and of its lot. */
const rejectedFields = {
  quantity: inAnswers(amount()),
  reason: inAnswers(choice('damaged', 'wrong', 'expired', 'unannounced')),
  to: inAnswers(choice('hold', 'vendor'), '`hold`: received, owned and held here. `vendor`: never received.'),
  /** Where it is held. Null is where the entry goes; nowhere, if it goes back. */
  location: inAnswers(nullable(text()), 'Null where it goes back.'),
  /** Null where it goes back. */
  status: inAnswers(nullable(choice('quarantine', 'damaged')), 'Null where it goes back.'),
}

/** One thing entered for a line, as it was entered. */
export const entryFields = {
  quantity: inAnswers(amount()),
  unit: inAnswers(text()),
  lot: inAnswers(nullable(text())),
  expiresOn: inAnswers(nullable(day())),
  producedOn: inAnswers(optional(day()), 'Absent where nothing was said, as the dates that follow.'),
  bestBefore: inAnswers(optional(day())),
  removeOn: inAnswers(optional(day())),
  alertOn: inAnswers(optional(day())),
  /** Null is the receipt's own destination. */
  destination: nullable(text()),
  /** In the company's currency per base unit. */
  unitCost: restricted(nullable(perUnit())),
  rejected: inAnswers(optional(nullable(group(rejectedFields))), 'Absent where all of it was accepted.'),
}

const head = {
  ...orderedHead('WH/IN/00042', 'draft', 'in_progress', 'in_review', 'posting', 'done', 'cancelled'),
  vendor: inLists(nullable(party())),
  /** Of all prices. */
  currency: restricted(text(), 'Shown with costs, to supervisors and above.'),
  destination: fixed(inLists(text(values.locationCode))),
  /** Everybody who entered something. None of them may approve it. */
  countedBy: texts(),
  /** Where a refusal puts it back; set while posting. */
  returnsTo: nullable(choice('in_progress', 'in_review')),
}

const line = {
  ...orderedLine,
  /** In `unit`; zero where nothing was ordered: an unexpected product. */
  expected: inAnswers(amount()),
  unit: inAnswers(text()),
  /** What was entered, in `unit`. Null until counted; zero is a count. */
  received: inAnswers(nullable(amount()), 'Null until counted. Zero is a count.'),
  /** The order's, per `unit`. */
  unitPrice: restricted(nullable(perUnit())),
  /** Entered by a supervisor or above, per base unit, for entries that have none of their own. */
  unitCost: restricted(nullable(perUnit())),
  entries: nullable(list(entryFields)),
}

/** Receipts as they are kept and listed. */
export const receiptKind = {
  one: 'receipt',
  many: 'receipts',
  numberType: 'IN',
  fields: { head, line },
  openWhile: ['draft', 'in_progress', 'in_review'],
  helpedWhile: ['draft', 'in_progress', 'in_review'],
  filters: ['number', 'source', 'status', 'warehouse', 'vendor', 'destination', 'backorderOf'],
  sorts: orderedSorts,
} as const
