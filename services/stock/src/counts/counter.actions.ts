/** Where may be counted, and by whom. */
import { mayDo } from '@stockline/contracts'
import { userOf } from '../assignments/assignment.actions.ts'
import type { Tx } from '../database.ts'
import type { Counter, ZoneFacts } from './count.make.ts'
import { findZone } from './plan.store.ts'

/** What is known of a zone and of who is to count there. */
export async function zoneFactsOf(tx: Tx, zone: string, assignee: string | null | undefined): Promise<ZoneFacts> {
  return {
    zone: await findZone(tx, zone),
    assignee: typeof assignee === 'string' ? await counterOf(tx, assignee) : undefined,
  }
}

/** A user, as one who may count. */
export async function counterOf(tx: Tx, id: string): Promise<Counter | null> {
  const user = await userOf(tx, id)
  if (user === null) return null
  const holder = { groups: user.groups, scopes: [] }
  return {
    id,
    name: user.name,
    active: user.active,
    mayCount: mayDo(holder, 'stockcount.write'),
    scope: mayDo(holder, 'location.everywhere') ? null : user.locations,
  }
}
