/** What a delivery is made of. */
import { values } from '@stockline/contracts'
import {
  amount,
  choice,
  day,
  fixed,
  inAnswers,
  inLists,
  integer,
  list,
  nullable,
  optional,
  party,
  text,
  texts,
  pointInTime,
  yesOrNo,
  type FieldsFor,
} from '@stockline/documents/declaration'
import { orderedHead, orderedLine, orderedSorts } from '../documents/document.fields.ts'
import type { DemandFields } from '../orders/order.fields.ts'

/** What a line takes from one place and lot, in the base unit. */
export const pickFields = {
  location: inAnswers(text(values.locationCode)),
  lot: inAnswers(nullable(text())),
  expiresOn: inAnswers(nullable(day())),
  pickSequence: integer(),
  /** Zero where somebody chose another place than was suggested. */
  quantity: inAnswers(amount(), 'Reserved there, in the base unit; "0" where another place was chosen.'),
  /** Null until somebody has been there. */
  picked: nullable(amount()),
  /**
   * While stock has not said whether it can be taken there: what was picked there before, which is what stays if it cannot.
   * Otherwise left out.
   */
  before: optional(nullable(amount())),
}

/** Orders say it; so does who makes a delivery by hand. */
export const allowPartialMeans =
  'May be reserved and shipped in part. Otherwise it waits until all of it is reserved, and is shipped whole unless `remainder` is given on validating.'

/** What its order says of the whole: a field for each of `demandFields` in the contracts, and for nothing else. */
const demand = {
  priority: inLists(integer(), '0 is most urgent.'),
  allowPartial: inAnswers(yesOrNo(), allowPartialMeans),
} satisfies FieldsFor<DemandFields>

const head = {
  ...orderedHead('WH/OUT/00042', 'draft', 'waiting', 'ready', 'in_progress', 'posting', 'done', 'cancelled'),
  customer: inLists(nullable(party())),
  ...demand,
  orderedAt: fixed(pointInTime()),
  held: inLists(
    nullable(text()),
    'Why nothing is reserved for it until somebody asks again, or its order is amended; null where it is offered stock.',
  ),
  pickedBy: texts(),
  packed: inAnswers(
    yesOrNo(),
    'Packages were made for it: it ships once all that is picked is in closed ones, or once all of them are cancelled.',
  ),
  /** Scans of goods are taken from it. */
  scanLocation: inAnswers(nullable(text()), 'The place scanned last: goods are taken from it.'),
  /** What stock was told last; its answers name it. 0: nothing yet. */
  needRevision: integer(),
  /** Where a refusal puts it back; set while posting. */
  returnsTo: nullable(choice('waiting', 'ready', 'in_progress')),
}

const line = {
  ...orderedLine,
  /** In `unit`; zero where the order does not ask for it any more and something is picked. */
  quantity: inAnswers(amount()),
  unit: inAnswers(text()),
  /** In the base unit; null until product and unit are known. */
  needed: nullable(amount()),
  picks: list(pickFields),
}

/** Deliveries as they are kept and listed. */
export const deliveryKind = {
  one: 'delivery',
  many: 'deliveries',
  numberType: 'OUT',
  fields: { head, line },
  openWhile: ['draft', 'waiting', 'ready', 'in_progress'],
  helpedWhile: ['draft'],
  filters: ['number', 'source', 'status', 'warehouse', 'customer', 'backorderOf'],
  sorts: [...orderedSorts, 'priority'],
} as const
