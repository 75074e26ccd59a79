/** What a package is made of: goods of one delivery that are shipped in one piece. */
import { values } from '@stockline/contracts'
import {
  amount,
  fixed,
  headFields,
  inAnswers,
  inLists,
  integer,
  nullable,
  text,
  texts,
  uuid,
} from '@stockline/documents/declaration'

const head = {
  ...headFields('WH/PAC/00042', 'open', 'closed', 'shipped', 'cancelled'),
  sscc: fixed(
    inLists(
      nullable(text(values.sscc)),
      'Its number on labels. Null where nothing is known of it but its number here.',
    ),
  ),
  /** With which its SSCC begins. */
  companyPrefix: fixed(nullable(text())),
  type: fixed(inLists(nullable(text()), 'As who packs calls it.')),
  delivery: fixed(inLists(uuid())),
  deliveryNumber: fixed(inLists(text(values.documentNumber))),
  problem: inLists(nullable(text()), 'Why it cannot be shipped as it is: more is in it than is picked.'),
  weight: inLists(
    nullable(amount()),
    'Of its contents, in kilograms; null where the weight of a product is not known.',
  ),
  /** Those of its delivery as it was changed last: what the location scope looks at. */
  places: texts(),
}

const line = {
  documentLine: inAnswers(integer(), "The delivery's line."),
  sku: inAnswers(text(values.sku)),
  lot: inAnswers(nullable(text())),
  quantity: inAnswers(amount(), 'In `unit`.'),
  unit: inAnswers(text(), 'The base unit of the product.'),
}

/** Packages as they are kept and listed. */
export const packageKind = {
  one: 'package',
  many: 'packages',
  numberType: 'PAC',
  fields: { head, line },
  openWhile: ['open', 'closed'],
  helpedWhile: [],
  endsAs: ['shipped', 'cancelled'],
  filters: ['number', 'status', 'warehouse', 'sscc', 'delivery', 'deliveryNumber'],
  sorts: ['createdAt', 'number', 'status'],
} as const
