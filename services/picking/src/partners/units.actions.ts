/** What systems call our units. */
import { refuse, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { findUnits, lockArrival, type ReferenceDataListener } from '../products/product.actions.ts'
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

/** An alias that is set, and what is odd about it. */
export interface SetAlias extends GivenAlias {
  readonly warnings?: readonly { readonly pointer: string; readonly message: string }[]
}

/**
 * Sets an alias or takes it away. Of one that is for all, open documents in that unit are judged anew; of one system's, those of its
 * orders that could not be followed in it. What is not known yet may be named: a unit can come later.
 */
export async function setAlias(
  tx: Tx,
  given: GivenAlias,
  listeners: readonly ReferenceDataListener[],
): Promise<SetAlias | Refusal> {
  const { alias, unit } = given
  const source = given.source ?? ''
  if (alias === unit) return wrongUnit('alias-of-itself', `"${alias}" is its own name.`, 'must be another unit')
  await lockArrival(tx, unitKey(alias))
  const ours = new Set(await findUnits(tx, unit === null ? [] : [alias, unit]))
  const unknown = unit !== null && !ours.has(unit) ? unit : undefined
  const meant = unknown === undefined ? undefined : await meaningOf(tx, unknown)
  if (unknown !== undefined && meant !== undefined)
    return wrongUnit(
      'alias-of-an-alias',
      `"${unknown}" is itself another name, for "${meant}".`,
      `must be a unit: "${meant}", say`,
    )
  const [before] = await listAliases(tx, { source, alias }, ['', ''], 1)
  if (unit === null) await removeAlias(tx, { source, alias })
  else await saveAlias(tx, { source, alias, unit })
  // Said once more of one system, it counts for what has come to wait.
  if (source !== '' || before?.unit !== unit) await tellListeners(tx, { source, alias, unit }, listeners)
  const warnings = [
    ...(unknown === undefined ? [] : [unknownUnit(alias, unknown)]),
    ...(source === '' && ours.has(alias) ? [unitOfThatName(alias)] : []),
  ]
  return warnings.length === 0 ? given : { ...given, warnings }
}

/** What a name that is for all systems means. */
async function meaningOf(tx: Tx, name: string): Promise<string | undefined> {
  const [alias] = await listAliases(tx, { source: '', alias: name }, ['', ''], 1)
  return alias?.unit
}

async function tellListeners(
  tx: Tx,
  { source, alias, unit }: { readonly source: string; readonly alias: string; readonly unit: string | null },
  listeners: readonly ReferenceDataListener[],
): Promise<void> {
  const what = [unit === null ? `${alias} is the name of no unit any more` : `${alias} means ${unit} by now`]
  for (const { becameKnown, countedOtherwise, unitNamed } of listeners)
    if (source === '') {
      await becameKnown(tx, [unitKey(alias)])
      await countedOtherwise(tx, { of: { unit: alias }, what, concernsAll: false })
    } else if (unit !== null) await unitNamed(tx, { source, alias, unit })
}

function wrongUnit(type: string, detail: string, message: string): Refusal {
  return refuse(type, 'content', detail, [{ pointer: '/unit', message }])
}

function unitOfThatName(alias: string) {
  const message = `"${alias}" is a unit of ours, which counts: for all systems the alias means nothing; say it for one system`
  return { pointer: '/alias', message }
}

function unknownUnit(alias: string, unit: string) {
  const message =
    `no unit "${unit}" is known yet: make it (POST /stock/v1/units), or give it to products as a unit of their own; ` +
    `until then orders in "${alias}" wait`
  return { pointer: '/unit', message }
}
