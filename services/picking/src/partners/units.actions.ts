/** What systems call our units. */
import { refuse, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { lockArrival, type CatalogListener } from '../products/product.actions.ts'
import { unitKey } from '../products/product.ts'
import { listAliases, removeAlias, saveAlias } from './items.store.ts'

/** An alias as a manager says it. */
export interface GivenAlias {
  /** Null is every system. */
  readonly source: string | null
  readonly alias: string
  /** Null takes the alias away. */
  readonly unit: string | null
}

/** Sets an alias or takes it away. Of one that is for all, open documents in that unit are judged anew. */
export async function setAlias(
  tx: Tx,
  given: GivenAlias,
  listeners: readonly CatalogListener[],
): Promise<GivenAlias | Refusal> {
  const { alias, unit } = given
  const source = given.source ?? ''
  if (alias === unit)
    return refuse('alias-of-itself', 'content', `"${alias}" is its own name.`, [
      { pointer: '/unit', message: 'must be another unit' },
    ])
  await lockArrival(tx, unitKey(alias))
  const [before] = await listAliases(tx, { source, alias }, ['', ''], 1)
  if (unit === null) await removeAlias(tx, { source, alias })
  else await saveAlias(tx, { source, alias, unit })
  if (source !== '' || before?.unit === unit) return given
  const what = [unit === null ? `${alias} is the name of no unit any more` : `${alias} means ${unit} by now`]
  for (const { becameKnown, countedOtherwise } of listeners) {
    await becameKnown(tx, [unitKey(alias)])
    await countedOtherwise(tx, { of: { unit: alias }, what, concernsAll: false })
  }
  return given
}
