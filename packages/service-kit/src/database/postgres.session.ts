/**
 * What a session of ours is set to. It is set by a statement at the beginning of the session and not by start-up options,
 * which poolers refuse or drop in silence. It needs a session that stays: a pooler that hands out another server
 * connection for each transaction keeps neither settings nor locks nor LISTEN, and is refused.
 */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { CannotStart } from '../runtime/cannot-start.ts'

/** Name of a setting → its value. */
export type SessionSettings = Readonly<Record<string, string>>

/** What all of ours need: dates as `pg` reads them, and what others have committed is seen by the next statement. */
export const commonSettings: SessionSettings = {
  DateStyle: 'ISO, MDY',
  default_transaction_isolation: 'read committed',
}

const settleLimitMs = 10_000
const setAll = `
  select name, set_config(name, value, false) as value
  from unnest($1::text[], $2::text[]) as wanted (name, value)`
const showAll = `
  select name, current_setting(name, true) as value, pg_backend_pid() as pid from unnest($1::text[]) as wanted (name)`
const takeMark = `select set_config('stockline.session', $1, false) as mark, pg_backend_pid() as pid`
const showMark = `select current_setting('stockline.session', true) as mark, pg_backend_pid() as pid`
/** A wrong value, a name that it does not know, one that is not ours to set, or only before the session. */
const notTaken = new Set(['22023', '42704', '42501', '55P02'])
const showMarkSoon = { text: showMark, query_timeout: settleLimitMs }

/**
 * Sets them in a session that has just begun. What the server answers is what it understood.
 *
 * @throws CannotStart where it does not take one
 */
export async function settle(client: pg.ClientBase, settings: SessionSettings): Promise<SessionSettings> {
  const names = Object.keys(settings)
  const wanted = { text: setAll, values: [names, Object.values(settings)], query_timeout: settleLimitMs }
  try {
    const { rows } = await client.query<{ name: string; value: string }>(wanted)
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !notTaken.has(error.code ?? '')) throw error
    throw new CannotStart(`The server does not take a setting that the address asks for: ${error.message}.`, 2)
  }
}

/**
 * Makes sure that settings hold in the sessions that we get, from one transaction to the next.
 *
 * @param open opens a session of one's own, set up as all are
 * @throws CannotStart in one sentence
 */
export async function checkSessions(
  what: string,
  settings: SessionSettings,
  open: () => Promise<pg.Client>,
): Promise<void> {
  const first = await open()
  try {
    if (await staysOne(first)) await compare(what, first, settings)
    else if (!(await staysWithPooler(what, first, open)))
      throw new CannotStart(
        `${what} is behind a pooler that changes the session from one transaction to the next: set pool_mode = session ` +
          `for it, since locks, LISTEN and settings need a session that stays.`,
      )
    else await compare(what, first, settings)
  } finally {
    await first.end().catch(() => undefined)
  }
}

/** A server names its process when the session begins; a pooler cannot know it yet, and names something else. */
async function staysOne(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return rows[0]?.pid === (client as unknown as { processID: number | null }).processID
}

interface Marked {
  readonly mark: string | null
  readonly pid: number
}

/**
 * Marks a session, lets another one take whatever server connection is free, and looks whether the mark is still there,
 * and nowhere else. A pooler that shares is found in the first round, whether it gives what was used last or in turns.
 */
async function staysWithPooler(what: string, first: pg.Client, open: () => Promise<pg.Client>): Promise<boolean> {
  const mark = randomUUID()
  const marked = (await first.query<Marked>(takeMark, [mark])).rows[0]
  let second: pg.Client | undefined
  try {
    second = await open()
    for (let round = 0; round < 3; round += 1) {
      await second.query('begin')
      const elsewhere = (await second.query<Marked>(showMark)).rows[0]
      const here = (await first.query<Marked>(showMarkSoon)).rows[0]
      await second.query('commit')
      if (elsewhere?.mark === mark || here?.mark !== mark || here.pid !== marked?.pid) return false
    }
    return true
  } catch (error) {
    // Where each statement is a transaction of its own, there is none to begin.
    if (error instanceof pg.DatabaseError && error.message.includes('statement pooling')) return false
    if (isLate(error))
      throw new CannotStart(`${what} is behind a pooler that gives us fewer than two connections at once.`)
    throw error
  } finally {
    await second?.end().catch(() => undefined)
  }
}

/** The message of `pg` when there was no answer in time. */
function isLate(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout'
}

async function compare(what: string, client: pg.Client, settings: SessionSettings): Promise<void> {
  const wanted = await settle(client, settings)
  const { rows } = await client.query<{ name: string; value: string | null }>(showAll, [Object.keys(wanted)])
  const wrong = rows.filter(({ name, value }) => value !== wanted[name])
  if (wrong.length === 0) return
  const list = wrong.map(({ name, value }) => `${name} is ${value ?? 'unknown'} and not ${wanted[name] ?? ''}`)
  throw new CannotStart(`${what} does not keep the settings of a session: ${list.join(', ')}.`)
}
