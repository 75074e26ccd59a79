/**
 * Brings forward what was set aside: what was released, what waited for something that came, those behind it, and
 * what was deferred until a missing event arrived. One per process; locks keep several apart. What is due is written in
 * the table, so that a process killed at any point leaves nothing undone.
 */
import { isFault } from '../runtime/fault.ts'
import { react, rejectedFor } from './inbox.apply.ts'
import type { IncomingEvent, Read, Stream } from './inbox.read.ts'
import { lock, recall, saveOutcomes, streamKey, streamLock } from './inbox.store.ts'
import { untilParked, type Inbox } from './inbox.ts'
import { take } from './inbox.take.ts'
import type { Failure } from './inbox.failure.ts'
import type { Logger } from '../runtime/logging.ts'
import { pauser } from '../runtime/linger.ts'
import {
  dueAtOnce,
  headOfKey,
  deferredRows,
  parkAgain,
  resolveDeferred,
  resolveParked,
  waitAgain,
  type ParkedRow,
} from './parking.store.ts'
import { quarantine, quarantinedOnArrival } from './quarantine.ts'
import { afterWakers } from './reactions.ts'
import { systemOrigin, type Database, type Tx } from '../database/transaction.ts'

/** The worker of this process. */
export interface ParkingWorker {
  stop(): Promise<void>
}

export interface ParkingWorkerOptions<P> {
  readonly db: Database<P>
  readonly inbox: Inbox<P>
  readonly log: Logger
  /** How often to look for what other processes left. Default 1000. */
  readonly idleMs?: number
}

const backoffMs = 500

/** Starts the worker. */
export function startParkingWorker<P>(options: ParkingWorkerOptions<P>): ParkingWorker {
  const { db, log, idleMs = 1000 } = options
  const pause = pauser()
  const offSignal = db.onSignal('parked', pause.wake)
  let stopped = false
  const loop = async (): Promise<void> => {
    while (!stopped) {
      try {
        const worked = await bringForward(options, () => stopped)
        if (!worked) await pause.sleep(idleMs)
      } catch (error) {
        log.warn({ err: error }, 'parked events could not be tried; they are tried again')
        await pause.sleep(backoffMs)
      }
    }
  }
  const ended = loop()
  return {
    stop: async () => {
      stopped = true
      offSignal()
      pause.wake()
      await ended
    },
  }
}

/** One pass over all that is due. Returns whether anything moved. */
async function bringForward<P>(options: ParkingWorkerOptions<P>, stopped: () => boolean): Promise<boolean> {
  let moved = false
  const { streams, keys } = await dueAtOnce(options.db)
  for (const stream of streams) {
    while (!stopped() && (await drainDeferred(options, stream))) moved = true
  }
  for (const key of keys) {
    while (!stopped() && (await tryHead(options, key))) moved = true
  }
  return moved
}

/** Takes the deferred events of a stream whose turn it is. Returns whether there were any. */
async function drainDeferred<P>({ db, inbox }: ParkingWorkerOptions<P>, stream: Stream): Promise<boolean> {
  const drain = (most: number, failure?: Failure) =>
    db.transaction(systemOrigin(), async (tx) => {
      await lock(tx, 'stream', [streamLock(stream.topic, stream.subject)])
      const { lasts } = await recall(tx, [stream], [])
      const rows = inTurn(await deferredRows(tx, stream), lasts.get(streamKey(stream)) ?? 0n).slice(0, most)
      if (rows.length === 0) return false
      const kept = rows.map((row) => inbox.reader.kept(row.event, row.topic))
      const { changes } = await take(tx, await withoutQuarantined(tx, kept), failure)
      // The history of this stream has changed meanwhile: they are deferred again, and nothing of it counts as applied.
      if (changes.length > 0) return false
      await resolveDeferred(
        tx,
        rows.map((row) => row.id),
      )
      return true
    })
  try {
    return await drain(100)
  } catch (error) {
    if (isFault(error)) throw error
    return untilParked(
      () => drain(1),
      (failure) => drain(1, failure),
    )
  }
}

/** What was unreadable on arrival, and was deferred for its place, is a dead letter already: it becomes no second one. */
async function withoutQuarantined<P>(tx: Tx<P>, kept: readonly Read<P>[]): Promise<readonly Read<P>[]> {
  const unreadable = kept.flatMap((one) =>
    one.kind === 'unreadable' && one.message?.value
      ? [{ one, topic: one.message.topic, value: one.message.value }]
      : [],
  )
  const known = await quarantinedOnArrival(tx, unreadable)
  const dead = new Set<Read<P>>(unreadable.flatMap(({ one }, index) => (known.has(index) ? [one] : [])))
  return kept.map((one) => (dead.has(one) ? { ...one, message: undefined } : one))
}

/** From the beginning those that follow `last` without a gap; repeats too, which are dropped when they are taken. */
function inTurn(rows: readonly ParkedRow[], last: bigint): ParkedRow[] {
  let next = last + 1n
  return rows.filter(({ sequence }) => {
    if (sequence === null || sequence > next) return false
    if (sequence === next) next += 1n
    return true
  })
}

/** Tries the first of a key if it is due. Returns whether it ended, so that the next one can be tried. */
async function tryHead<P>(options: ParkingWorkerOptions<P>, key: string): Promise<boolean> {
  const { db, log } = options
  const before = await headOfKey(db, key)
  if (before?.due !== true) return false
  // A transaction that brings what it waits for, and has not found it waiting, ends before this goes on.
  if (before.wait_key !== null) await afterWakers(db, before.wait_key)
  const attempt = (failure?: Failure) =>
    db.transaction(systemOrigin(), async (tx) => {
      await lock(tx, 'parkKey', [key])
      const head = await headOfKey(tx, key)
      if (head?.due !== true) return false
      if (failure === undefined) return tryRow(options, tx, head, before)
      await parkAgain(tx, head.id, failure)
      log.error(
        { event: head.event_id, type: head.type, subject: head.subject, ...failure },
        'an event is parked again',
      )
      return false
    })
  return untilParked(() => attempt(), attempt)
}

async function tryRow<P>(
  { inbox, log }: ParkingWorkerOptions<P>,
  tx: Tx<P>,
  row: ParkedRow,
  before: ParkedRow,
): Promise<boolean> {
  const incoming = redelivered(inbox, row)
  const { wait, refusal, supersededBy } = await react(tx, incoming)
  if (wait !== undefined) {
    // Only a wait for what the wakers were waited out for has been looked for with certainty.
    const lookedFor = row.id === before.id && before.wait_key === wait.waitsFor
    await waitAgain(tx, row.id, wait, !lookedFor, row.wakes)
    return !lookedFor
  }
  if (supersededBy !== undefined) {
    const { by: actor, why, code } = supersededBy
    await saveOutcomes(tx, [{ source: row.source, id: row.event_id, code }])
    await resolveParked(tx, row, { state: 'superseded', actor, why })
    return true
  }
  if (refusal !== undefined) await saveOutcomes(tx, [{ source: row.source, id: row.event_id, code: refusal.refused }])
  await resolveParked(tx, row, { state: 'applied' })
  if (refusal?.kind === 'content') await quarantine(tx, [rejectedFor(incoming, refusal)])
  log.info({ event: row.event_id, type: row.type, subject: row.subject }, 'a parked event is applied')
  return true
}

function redelivered<P>(inbox: Inbox<P>, row: ParkedRow): IncomingEvent<P> {
  const read = inbox.reader.kept(row.event, row.topic)
  if (read.kind === 'event') return read
  if (read.kind === 'other') throw new Error(`Nothing here reacts to ${row.type} any more: discard it.`)
  const faults = read.faults.map((fault) => `${fault.pointer} ${fault.message}`).join('; ')
  throw new Error(`It does not fit its contract any more: ${faults}`)
}
