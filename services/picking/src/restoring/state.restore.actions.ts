/** States of documents that were published and lost: readers have them, so what stands now is published anew behind them. */
import { pickingFloorChanged, pickingReceiptExpected } from '@stockline/contracts'
import { event, publish, sql, type Outgoing, type PublishedEvent } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { forgetPublished } from '../documents/document.states.actions.ts'

const known = sql(`
  SELECT id FROM receipts WHERE id = ANY ($1::uuid[]) UNION ALL SELECT id FROM deliveries WHERE id = ANY ($1::uuid[])`)

/** Is it the type of an event that is a state? */
export function isState(type: string): boolean {
  return type === pickingFloorChanged.type || type === pickingReceiptExpected.type
}

/** Has the states of these documents published anew when the service runs; of those that are gone, that there is nothing. */
export async function restoreStates(tx: Tx, lost: readonly PublishedEvent[]): Promise<void> {
  const last = new Map(lost.flatMap((one) => (isState(one.type) ? [[`${one.type} ${one.subject}`, one]] : [])))
  if (last.size === 0) return
  const subjects = [...new Set([...last.values()].map(({ subject }) => subject))]
  const there = new Set((await tx.query<{ id: string }>(known, [subjects])).map(({ id }) => id))
  await forgetPublished(tx, [...there])
  const at = tx.now.toISOString()
  const gone = [...last.values()].filter(({ subject }) => !there.has(subject))
  await publish(tx, ...gone.map((one) => ended(one, at)))
}

/** The state of a document that is gone: nothing. */
function ended({ type, subject, text }: PublishedEvent, at: string): Outgoing {
  const { data } = JSON.parse(text) as { data: unknown }
  return type === pickingFloorChanged.type
    ? event(pickingFloorChanged, subject, { ...pickingFloorChanged.data.parse(data), at, picked: [], put: [] })
    : event(pickingReceiptExpected, subject, { ...pickingReceiptExpected.data.parse(data), at, lines: [] })
}
