/** What partners and systems call our products and units: kept by managers, read by everybody. */
import { values } from '@stockline/contracts'
import { command, decodeCursor, encodeCursor, listQuery, page, pageOf, query } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import type { ReferenceDataListener } from '../products/product.actions.ts'
import { setItem } from './items.actions.ts'
import { listAliases, listItems } from './items.store.ts'
import { setAlias } from './units.actions.ts'

const partnerKind = z.enum(['vendor', 'customer'])
const source = values.textUpTo(200)

const itemAnswer = z
  .object({
    kind: partnerKind,
    partner: z.string().meta({ description: 'The code by which orders name the vendor or customer.' }),
    item: z.string().meta({ description: 'Its code: `sellerItem` of a purchase, `buyerItem` of a sale.' }),
    sku: z.string().nullable(),
  })
  .meta({ id: 'ItemReference' })

const aliasAnswer = z
  .object({
    source: z.string().nullable().meta({ description: 'The system whose orders say so; null is every system.' }),
    alias: z.string(),
    unit: z.string().nullable().meta({ description: 'Our unit, or a unit of a product alone.' }),
  })
  .meta({ id: 'UnitAlias' })

const setAliasAnswer = aliasAnswer
  .extend({
    warnings: z
      .array(z.object({ pointer: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'What is odd about it, and what to do: it is kept all the same.' }),
  })
  .meta({ id: 'SetUnitAlias' })

const listItemReferences = query({
  path: '/v1/item-references',
  right: 'itemreference.read',
  summary: 'Lists which of our products partners’ item codes mean',
  query: listQuery({ kind: partnerKind.optional(), partner: z.string().optional(), sku: values.sku.optional() }),
  answers: pageOf(itemAnswer),
  run: async (db: Database, { query: { limit, cursor, ...filter } }) => {
    const after = decodeCursor(cursor, z.tuple([z.string(), z.string(), z.string()])) ?? ['', '', '']
    const items = await listItems(db, filter, after, limit + 1)
    return page(items, limit, ({ kind, partner, item }) => encodeCursor(kind, partner, item))
  },
})

const setItemReference = command({
  method: 'put',
  path: '/v1/item-references',
  right: 'itemreference.write',
  summary: 'Says which product a partner’s item code means; null takes it away',
  description: 'Orders that wait for it go on. Orders that were taken keep the products they have.',
  body: z.object({
    kind: partnerKind,
    partner: values.partner.shape.code,
    item: values.itemCode,
    sku: values.sku.nullable(),
  }),
  answers: itemAnswer,
  run: (tx: Tx, { body }) => setItem(tx, body),
})

const listUnitAliases = query({
  path: '/v1/unit-aliases',
  right: 'itemreference.read',
  summary: 'Lists what systems call our units',
  description:
    'A unit that we know by its own code is taken as it is told, unless the alias is of that system alone. Codes of UN/ECE Recommendation 20 and of X12 are there from the beginning.',
  query: listQuery({ source: z.string().optional(), alias: values.unitCode.optional() }),
  answers: pageOf(aliasAnswer),
  run: async (db: Database, { query: { limit, cursor, ...filter } }) => {
    const after = decodeCursor(cursor, z.tuple([z.string(), z.string()])) ?? ['', '']
    const aliases = await listAliases(db, filter, after, limit + 1)
    const shown = aliases.map(({ source: of, ...rest }) => ({ ...rest, source: of === '' ? null : of }))
    return page(shown, limit, (last) => encodeCursor(last.source ?? '', last.alias))
  },
})

const setUnitAlias = (listeners: readonly ReferenceDataListener[]) =>
  command({
    method: 'put',
    path: '/v1/unit-aliases',
    right: 'itemreference.write',
    summary: 'Says which of our units an alias means, for one system or for all; null takes it away',
    description:
      'For all systems, open documents in that unit are judged anew. For one, it counts for orders told from now on, and for those of its orders that wait since their unit converts to nothing. A unit that is not known yet is kept, with a warning. Null takes a shipped alias away, too: say it again to have it back.',
    body: z.object({
      source: source.nullable().default(null),
      alias: values.unitCode,
      unit: values.unitCode.nullable(),
    }),
    answers: setAliasAnswer,
    run: (tx: Tx, { body }) => setAlias(tx, body, listeners),
  })

/** @param listeners the document slices, which look at their documents when an alias means another unit */
export function partnerRoutes(listeners: readonly ReferenceDataListener[]) {
  return [listItemReferences, setItemReference, listUnitAliases, setUnitAlias(listeners)]
}
