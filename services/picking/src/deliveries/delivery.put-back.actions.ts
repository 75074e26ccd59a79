/** Confirming that goods are back in their places. */
import { isRefusal, versionRefusal, type Actor, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { Stored } from '../documents/document.ts'
import { whoIs } from '../history/history.ts'
import { lockDelivery, saveOne } from './delivery.actions.ts'
import { putBack, putBackText, type GivenPutBack } from './delivery.put-back.ts'
import type { Delivery } from './delivery.ts'

/** Takes what was put back off a delivery, and tells stock that it is free. Without picks, all that is to be put back. */
export async function putBackPicks(
  tx: Tx,
  id: string,
  picks: readonly GivenPutBack[] | undefined,
  actor: Actor,
  version: number | undefined,
): Promise<Stored<Delivery> | Refusal> {
  const stored = await lockDelivery(tx, id)
  const after = putBack(stored.document, picks)
  // A second tap is no error, whatever version it names.
  if (after === stored.document) return stored
  const stale = versionRefusal(stored.document.version, version)
  if (stale !== undefined) return stale
  if (isRefusal(after)) return after
  const note = { what: 'put-back', why: putBackText(stored.document, after), who: whoIs(actor) }
  return saveOne(tx, { stored, after, notes: [note] })
}
