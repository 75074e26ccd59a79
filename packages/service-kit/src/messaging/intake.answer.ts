/** What is answered to an event by HTTP. */
import type { Event } from '@stockline/contracts/envelope'
import { z } from 'zod'
import { conflictWording } from '../values/digest.ts'
import type { IncomingEvent } from './inbox.read.ts'
import { inboxKey } from './inbox.store.ts'
import type { Taken } from './inbox.take.ts'
import { quarantinedAs } from './quarantine.ts'
import { refuse, type Refusal } from '../refusal.ts'
import type { Queryable } from '../database/transaction.ts'

const reasonOfParked =
  'It could not be applied and is set aside. Do not send it again: an administrator will see to it.'

/** The answer to one event. */
export const takenAnswer = z
  .object({
    state: z.enum(['applied', 'waiting', 'parked', 'repeated']).meta({
      description:
        '`applied`: done; `waiting`: for what it lacks, or behind an earlier event that does; `parked`: set aside for an administrator; `repeated`: known before.',
    }),
    reason: z.string().nullable().meta({ description: 'Why it waits or is parked, or why it changed nothing.' }),
    warnings: z
      .array(z.object({ pointer: z.string(), message: z.string() }))
      .meta({ description: 'Fields that are not known and change nothing: misspelled, perhaps.' }),
    moreWarnings: z.int().optional().meta({ description: 'Such fields besides those in `warnings`.' }),
  })
  .meta({ id: 'EventTaken' })

/** What became of an event. */
export type EventResult = Pick<z.output<typeof takenAnswer>, 'state' | 'reason'>

/** What became of an event that was taken, or why not. */
export async function eventResultOf<P>(
  db: Queryable,
  read: IncomingEvent<P>,
  taken: Taken,
): Promise<EventResult | Refusal> {
  const { id, source } = read.event
  const conflict = taken.conflicts.get(inboxKey(read.event))
  if (conflict !== undefined) {
    const message = conflictWording[conflict]
    return refuse('event-id-reused', 'state', `The id "${id}" of ${source} ${message}.`, [{ pointer: '/id', message }])
  }
  return taken.fresh.has(inboxKey(read.event)) ? answerTo(read.event, taken) : answerToRepeat(db, read)
}

/** The result of a new event. One that is wrong in itself is quarantined, and its sender gets the refusal. */
function answerTo({ source, id }: Event, { parked, refusals }: Taken): EventResult | Refusal {
  const aside = parked.find(({ event }) => event.source === source && event.id === id)
  if (aside?.state === 'parked') return { state: 'parked', reason: reasonOfParked }
  if (aside?.state === 'superseded') return { state: 'applied', reason: aside.reason }
  if (aside !== undefined) return { state: 'waiting', reason: aside.reason }
  const own = refusals.filter((one) => one.source === source && one.id === id).map(({ refusal }) => refusal)
  const wrong = own.find((refusal) => refusal.kind === 'content')
  if (wrong !== undefined) return { ...wrong, kind: 'state' }
  return { state: 'applied', reason: own[0]?.detail ?? null }
}

/** A duplicate, sent after a lost answer, gets the same refusal as the first. */
async function answerToRepeat(
  db: Queryable,
  read: Pick<IncomingEvent, 'event' | 'topic' | 'digest'>,
): Promise<EventResult | Refusal> {
  const wrong = await quarantinedAs(db, read)
  if (wrong === undefined) return { state: 'repeated', reason: null }
  return refuse(wrong.reason, 'state', wrong.faults.map((fault) => fault.message).join(' '), wrong.faults)
}
