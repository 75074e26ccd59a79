/** What a count sheet is made of. */
import { values } from '@stockline/contracts'
import {
  amount,
  choice,
  day,
  fixed,
  headFields,
  inAnswers,
  inLists,
  nullable,
  text,
  texts,
  uuid,
  yesOrNo,
} from '@stockline/documents/declaration'

const head = {
  ...headFields('WH/CNT/00042', 'unassigned', 'scheduled', 'in_progress', 'submitted', 'done', 'cancelled'),
  zone: fixed(inLists(text(values.locationCode), 'The location that is counted, with all below it.')),
  abcClass: fixed(inLists(nullable(choice('A', 'B', 'C')), 'Only products of this class.')),
  cause: fixed(inLists(choice('hand', 'plan', 'short-pick', 'zero-check'), 'Why it was made.')),
  plan: fixed(inLists(nullable(uuid()))),
  assignee: inLists(nullable(uuid()), 'The user who counts.'),
  assigneeName: inLists(nullable(text())),
  blind: fixed(inLists(yesOrNo(), 'Who counts does not see what is expected.')),
  dueOn: fixed(inLists(nullable(day()))),
  /** A larger difference is counted again by another person. Null: none is. */
  toleranceQuantity: fixed(nullable(amount())),
  tolerancePercent: fixed(nullable(amount())),
  /** Everybody who counted or submitted. None of them approves its adjustments. */
  workedOnBy: texts(),
  /** Ids of the adjustments of its differences. */
  adjustments: inAnswers(texts(), 'Ids of the adjustments of its differences.'),
}

const line = {
  sku: inAnswers(text(values.sku)),
  location: inAnswers(text(values.locationCode)),
  lot: inAnswers(nullable(text())),
  status: inAnswers(choice('available', 'quarantine', 'damaged', 'blocked'), 'The stock status.'),
  unit: inAnswers(text(), 'The base unit.'),
  counted: inAnswers(nullable(amount()), 'Null until counted. Zero is a count.'),
  reason: inAnswers(nullable(text())),
  found: inAnswers(yesOrNo(), 'It was not expected: whoever counted added it.'),
  state: inAnswers(
    choice('open', 'counted', 'again', 'recount'),
    '`again`: to be counted once more, by anybody; `recount`: by another person.',
  ),
  why: inAnswers(nullable(text()), 'Why it is to be counted once more.'),
  position: inAnswers(nullable(text()), 'The position of the ledger at which it was counted.'),
  /** On hand there at that position; until it is counted, when the sheet was made. */
  onHand: amount(),
  /** Picked from there by then, and not yet shipped. */
  picked: amount(),
  /** Put there by then, by receipts that were not yet posted. */
  put: amount(),
  /** Stands for the moment of the floor that was seen then. */
  seen: nullable(text()),
  countedAt: inAnswers(nullable(text())),
  countedBy: inAnswers(nullable(text()), 'Id of who counted it last.'),
  /** Those whose counts were set aside: a recount is by another person. */
  countedBefore: texts(),
}

/** Count sheets as they are kept and listed. */
export const countSheetKind = {
  one: 'count_sheet',
  many: 'count_sheets',
  numberType: 'CNT',
  fields: { head, line },
  openWhile: ['unassigned', 'scheduled', 'in_progress'],
  helpedWhile: [],
  endsAs: ['done', 'cancelled'],
  filters: ['number', 'warehouse', 'status', 'zone', 'abcClass', 'assignee', 'plan', 'cause'],
  sorts: ['createdAt', 'number', 'status', 'dueOn', 'zone'],
} as const
