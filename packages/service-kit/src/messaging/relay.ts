/**
 * Carries the outbox to the bus. One relay per service works at a time, by an advisory lock on a connection of its
 * own; others stand by. It sends *unpublished* rows in the order of their positions: a row that is committed late,
 * with a low position, is still sent. One send is outstanding at most; after any error the same rows are sent again.
 */
import { kitLocks } from '../database/locks.ts'
import type { EventBus } from '../bus/bus.ts'
import { createLogThrottle } from '../bus/logger.ts'
import type { Logger } from '../runtime/logging.ts'
import { positionHeader } from './outbox.ts'
import { lingerer, pauser } from '../runtime/linger.ts'
import { sql, type Connection, type Database } from '../database/transaction.ts'

/** The relay of this process. */
export interface Relay {
  /** Is it this process that sends? False while it stands by. */
  readonly isActive: () => boolean
  /** Ends the running send, then stops. */
  stop(): Promise<void>
}

/** How the relay waits. Defaults are for production. */
export interface RelayOptions {
  readonly db: Database
  readonly bus: EventBus
  readonly log: Logger
  /**
   * How often an idle relay looks for what others committed. Default 1000. The standby of another process notifies at
   * once; this is for a process without a relay, and for a lost notification.
   */
  readonly idleMs?: number
  /** How often a standby tries to take over. Default 500. */
  readonly standbyMs?: number
}

interface Row {
  readonly position: bigint
  readonly topic: string
  readonly key: string
  readonly value: string
  readonly headers: Readonly<Record<string, string>>
  /** How many were found unsent, at most {@link mostAtOnce}. */
  readonly found: number
}

/** Events in one send. */
const mostAtOnce = 500

/** A standby notifies the active relay that there is something to send. */
const listen = sql('listen stockline_outbox')
const notify = sql('notify stockline_outbox')
const takeLock = sql(`select pg_try_advisory_lock(${kitLocks.relay}) as taken`)
const markSent = sql(`update kit.outbox set published_at = now() where position = any($1::bigint[])`)
// Marks what was sent and gives what is next: one round trip for each batch. Both see the same snapshot, so what is
// being marked is left out by name. `found` counts also what the bytes leave for the next batch.
const markAndNext = sql(`
  with sent as (
    update kit.outbox set published_at = now() where position = any($1::bigint[])
  ), next as (
    select position, topic, key, value, headers, sum(octet_length(value)) over (order by position) as bytes,
      row_number() over (order by position) as place, (count(*) over ())::int as found
    from (
      select position, topic, key, value, headers from kit.outbox
      where published_at is null and position <> all($1::bigint[]) order by position limit ${mostAtOnce}
    ) as unpublished
  )
  select position, topic, key, value, headers, found from next where bytes <= 5000000 or place = 1 order by position`)

const contentType = 'application/cloudevents+json; charset=UTF-8'
const firstBackoffMs = 100
const longestBackoffMs = 5_000

/** Between the sends of a steady stream. */
const lingerMs = 8

/** What was sent is marked that much later, where nothing more is to be sent meanwhile. */
const markMs = 100

/** Starts the relay. It goes on until it is stopped, whatever happens to its database or the bus. */
export function startRelay(options: RelayOptions): Relay {
  const { db, bus, log, idleMs = 1_000, standbyMs = 500 } = options
  const pause = pauser()
  const between = lingerer(lingerMs)
  const isDue = createLogThrottle()
  const unnotified = unnotifiedOf(db, pause.wake)
  let stopped = false
  let connection: Connection | undefined
  let active = false
  let sent: bigint[] = []
  let backoffMs = firstBackoffMs

  const leave = async (): Promise<void> => {
    if (sent.length > 0) await connection?.query(markSent, [sent]).catch(() => undefined)
    sent = []
    active = false
    await connection?.close()
    connection = undefined
  }

  const round = async (): Promise<void> => {
    if (connection?.isOld() === true) await leave()
    connection ??= await db.connect()
    if (!connection.mayWrite()) {
      // Perhaps it belongs to a history that is gone: the next connection shows it.
      await connection.close()
      connection = undefined
      active = false
      return pause.sleep(standbyMs)
    }
    active ||= await takesOver(connection, pause.wake, log)
    if (!active) {
      if (unnotified.take()) await connection.query(notify)
      return pause.sleep(standbyMs)
    }
    const rows = await connection.query<Row>(markAndNext, [sent])
    sent = []
    if (rows.length === 0) return pause.sleep(idleMs)
    // Checked again, since the rows may be from before the database fell back: then they are not sent.
    if (!connection.mayWrite()) return
    await bus.publish(rows.map(messageOf))
    sent = rows.map((row) => row.position)
    await between()
    // What was sent is marked by the next query, which need not run before there is something to send.
    if (isAll(rows)) await pause.sleep(Math.min(markMs, idleMs))
  }

  const loop = async (): Promise<void> => {
    while (!stopped) {
      try {
        await round()
        backoffMs = firstBackoffMs
      } catch (error) {
        if (isDue(String(error))) log.warn({ err: error }, 'the relay could not send; it sends the same again')
        // What was sent and not marked is sent once more: a repeat is harmless, a loss is not.
        sent = []
        if (connection?.alive() === false) {
          active = false
          connection = undefined
        }
        await pause.sleep(backoffMs)
        backoffMs = Math.min(backoffMs * 2, longestBackoffMs)
      }
    }
    await leave()
  }

  const ended = loop()
  return {
    isActive: () => active,
    stop: async () => {
      stopped = true
      unnotified.stop()
      pause.wake()
      await ended
    },
  }
}

/** Wakes with each commit that has something to send. `take` returns whether there was one since its last call. */
function unnotifiedOf(db: Database, wake: () => void): { readonly take: () => boolean; readonly stop: () => void } {
  let unnotified = false
  const stop = db.onSignal('outbox', () => {
    unnotified = true
    wake()
  })
  const take = () => {
    const was = unnotified
    unnotified = false
    return was
  }
  return { take, stop }
}

/** Becomes the active relay, if no other is, and is notified by standbys. */
async function takesOver(connection: Connection, wake: () => void, log: Logger): Promise<boolean> {
  if ((await connection.query<{ taken: boolean }>(takeLock))[0]?.taken !== true) return false
  await connection.query(listen)
  connection.client.on('notification', wake)
  log.info('the relay is active in this process')
  return true
}

/** Are these all that were unsent, and not only as many as one send takes? */
function isAll(rows: readonly Row[]): boolean {
  return rows.length < mostAtOnce && rows.length === rows[0]?.found
}

function messageOf(row: Row): Parameters<EventBus['publish']>[0][number] {
  const headers = { ...row.headers, 'content-type': contentType, [positionHeader]: String(row.position) }
  return { topic: row.topic, message: { key: row.key, value: Buffer.from(row.value), headers } }
}
