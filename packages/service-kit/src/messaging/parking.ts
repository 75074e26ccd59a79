/** What administrators do about parked events: see them, have them tried again, drop them. */
import { acceptHistory } from './history/history.ts'
import type { Stream } from './inbox.read.ts'
import { lock, streamLock } from './inbox.store.ts'
import {
  discardDeferred,
  findParkedRow,
  firstDeferredBefore,
  giveUpMissing,
  lockParkedRow,
  makeDue,
  resolveParked,
  type ParkedRow,
} from './parking.store.ts'
import { Refused, refuse } from '../refusal.ts'
import type { Tx } from '../database/transaction.ts'

/** Who acts. */
export interface ByWhom {
  readonly id: string
  readonly name: string
}

/**
 * Has a parked or waiting event tried again now, and those behind it after it. Of one that is deferred for a gap, what is
 * missing before it is given up.
 */
export async function releaseEvent(tx: Tx, id: string): Promise<ParkedRow> {
  const row = await openRow(tx, id)
  if (row.state === 'behind')
    throw new Refused(
      refuse('parked-behind', 'state', `It waits behind an earlier event of "${row.park_key}". Release that one.`),
    )
  if (row.state === 'gap') await releaseDeferred(tx, row)
  else await makeDue(tx, id)
  tx.signal('parked')
  return row.state === 'gap' ? row : { ...row, due: true }
}

/** Drops an event for good; those behind it go on. It stays in the table, with who and why. */
export async function discardEvent(tx: Tx, id: string, by: ByWhom, reason: string): Promise<ParkedRow> {
  const row = await openRow(tx, id)
  const resolution = { state: 'discarded', actor: { id: by.id, name: by.name }, why: reason } as const
  if (row.state === 'gap') await discardDeferred(tx, id, resolution)
  else await resolveParked(tx, row, resolution)
  tx.signal('parked')
  return (await findParkedRow(tx, id)) ?? row
}

/** The row, under the lock that the worker and the batches take too. */
async function openRow(tx: Tx, id: string): Promise<ParkedRow> {
  const found = await findParkedRow(tx, id)
  if (found !== undefined) {
    const isGap = found.state === 'gap'
    await lock(tx, isGap ? 'stream' : 'parkKey', [isGap ? streamLock(found.topic, found.subject) : found.park_key])
  }
  const row = found === undefined ? undefined : await lockParkedRow(tx, id)
  if (row === undefined) throw new Refused(refuse('parked-unknown', 'unknown', 'There is no such parked event.'))
  if (row.resolved_at === null) return row
  throw new Refused(refuse('parked-resolved', 'state', `It is ${row.state} already.`))
}

async function releaseDeferred(tx: Tx, row: ParkedRow): Promise<void> {
  const { source, topic, subject } = row
  if (await acceptHistory(tx, { source, topic, subject })) return
  const stream: Stream = { source, topic, subject, sequence: row.sequence ?? 1n }
  const earlier = await firstDeferredBefore(tx, stream)
  if (earlier !== undefined)
    throw new Refused(
      refuse(
        'parked-behind',
        'state',
        `Number ${String(earlier)} of "${subject}" is held before it. Release that one.`,
      ),
    )
  await giveUpMissing(tx, stream)
}
