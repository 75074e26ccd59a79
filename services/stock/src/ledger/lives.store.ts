/** What the rest of a lot's life is judged by: read only where a demand of the batch asks for it. */
import { type Queryable, sql, plainArray } from '@stockline/service-kit'
import type { LotLife } from './reference.ts'
import { lifeColumns } from './reference.store.ts'
import type { LedgerRequest } from './request.ts'
import type { Index } from './working-set.rows.store.ts'

const livesById = sql(`select id, ${lifeColumns('lots')} from lots where id = any($1::uuid[])`)

/** Completes the lots that are loaded of products that somebody asks for with a minimum remaining life. One statement, or none. */
export async function loadLives(
  db: Queryable,
  { workingSet, lots }: Pick<Index, 'workingSet' | 'lots'>,
  requests: readonly LedgerRequest[],
): Promise<void> {
  const asked = new Set<string>()
  for (const { lines } of workingSet.demands.values())
    for (const { life, product } of lines) if (life !== undefined) asked.add(product.id)
  for (const request of requests)
    if (request.action === 'reserve')
      for (const { life, sku } of request.lines)
        if (life !== undefined) asked.add(workingSet.products.get(sku)?.id ?? '')
  if (asked.size === 0) return
  const judged = [...lots.values()].filter(({ productId }) => asked.has(productId)).map(({ id }) => id)
  if (judged.length === 0) return
  const rows = await db.query<LotLife & { readonly id: string }>(livesById, [plainArray(judged)])
  for (const { id, ...life } of rows) Object.assign(lots.get(id) ?? {}, { life })
}
