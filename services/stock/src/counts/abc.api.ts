/** ABC classes over HTTP. */
import { abcClass, values } from '@stockline/contracts'
import { mayDo } from '@stockline/contracts'
import { formatQuantity } from '@stockline/amounts'
import { command, decodeCursor, encodeCursor, isRefusal, listQuery, page, query } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { setBoundaries } from './abc.actions.ts'
import { findClasses, findSettings, type AbcSettings } from './abc.store.ts'

const { percent } = values

const boundaries = z
  .object({ a: percent, b: percent })
  .meta({ description: 'In percent of all consumption value: A ends at `a`, B at `b`, the rest is C.' })

const settingsShape = {
  boundaries,
  days: z.int().meta({ description: 'Consumption is summed over so many days.' }),
  computedOn: z.iso.date().nullable(),
  version: z.int(),
}

const settingsAnswer = z.object(settingsShape).meta({ id: 'AbcBoundaries' })
const classesAnswer = z
  .object({
    ...settingsShape,
    items: z.array(
      z.object({
        sku: z.string(),
        abcClass,
        given: z.boolean().meta({ description: 'By the product system. Otherwise it is computed.' }),
        consumption: z.string().optional().meta({
          description:
            'What left to customers and production, less what customers brought back, everywhere: for who may act everywhere.',
        }),
        value: z.string().nullable().optional().meta({
          description: 'Of it, for who may also see costs. Null where nobody knows what one costs.',
        }),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'AbcClasses' })

const boundariesBody = z.object({ boundaries, days: z.int().min(1).max(3650).optional() })

/** Boundaries that are to be. */
export type BoundariesBody = z.output<typeof boundariesBody>

/** ABC classes: to read, and their boundaries to set. */
export const abcRoutes = (company: LedgerCompany) => [
  query({
    path: '/v1/abc-classes',
    right: 'stockcount.read',
    summary: 'Lists the ABC classes of products, with their boundaries',
    description:
      'Products in the order of their consumption value: one is of the class in which its share begins, so that the one that crosses a boundary belongs before it. Without consumption or a cost it is C.',
    query: listQuery({ abcClass: abcClass.optional() }),
    answers: classesAnswer,
    run: async (db: Database, { query: { limit, cursor, abcClass: only }, actor }) => {
      const after = decodeCursor(cursor, z.tuple([z.string()]))?.[0]
      // Both are sums over all warehouses.
      const showConsumption = mayDo(actor, 'location.everywhere')
      const showValue = showConsumption && mayDo(actor, 'cost.read')
      const found = page(await findClasses(db, only, after, limit), limit, (last) => encodeCursor(last.sku))
      return {
        ...shown(await findSettings(db)),
        items: found.items.map(({ sku, abcClass: ofProduct, given, quantity: consumption, value }) => ({
          sku,
          abcClass: ofProduct,
          given: given !== null,
          ...(showConsumption && { consumption }),
          ...(showValue && { value }),
        })),
        nextCursor: found.nextCursor,
      }
    },
  }),
  command({
    method: 'put',
    path: '/v1/abc-classes',
    right: 'count.schedule',
    summary: 'Sets the boundaries of the ABC classes, and computes these anew',
    version: 'required',
    body: boundariesBody,
    answers: settingsAnswer,
    run: async (tx: Tx, { body, version }) => {
      const set = await setBoundaries(tx, company, body, version)
      return isRefusal(set) ? set : shown(set)
    },
  }),
]

function shown({ a, b, days, computedOn, version }: AbcSettings) {
  return { boundaries: { a: formatQuantity(a), b: formatQuantity(b) }, days, computedOn, version }
}
