/** Batches of events by HTTP: taken as a whole, or not at all and every fault named. */
import { z } from 'zod'
import { eventResultOf, takenAnswer, type EventResult } from './intake.answer.ts'
import type { IncomingEvent, Unreadable } from './inbox.read.ts'
import type { Inbox } from './inbox.ts'
import type { Taken } from './inbox.take.ts'
import { HttpProblem } from '../http/problem.ts'
import { boundedErrors, cut, errorsInWords } from '../values/bounds.ts'
import { isRefusal, refuse, type FieldError, type Refusal } from '../refusal.ts'
import type { Origin, Queryable } from '../database/transaction.ts'

/** The answer to a batch. */
export const batchAnswer = z
  .object({
    events: z
      .array(z.object({ source: z.string(), id: z.string(), ...takenAnswer.pick({ state: true, reason: true }).shape }))
      .meta({ description: 'In the order of the batch.' }),
    warnings: takenAnswer.shape.warnings,
    moreWarnings: takenAnswer.shape.moreWarnings,
  })
  .meta({ id: 'EventsTaken' })

const longestReason = 300

/** Takes a batch. What is wrong with one of its events refuses all of them. */
export async function takeEventBatch<P>(
  inbox: Inbox<P>,
  reads: readonly (IncomingEvent<P> | Unreadable)[],
  origin: Origin,
): Promise<z.output<typeof batchAnswer> | Refusal> {
  const [only] = reads
  if (reads.length === 1 && only?.kind === 'unreadable' && only.reason === 'not-json')
    throw new HttpProblem(400, 'body-not-json', 'The body is not a JSON list of CloudEvents in UTF-8.')
  const wrong = reads.flatMap((read, index) => (read.kind === 'unreadable' ? placed(read.faults, index) : []))
  if (wrong.length > 0) return refuse('event-invalid', 'content', `No event is taken: ${errorsInWords(wrong)}.`, wrong)
  const incoming = reads.filter((read) => read.kind === 'event')
  if (incoming.length === 0) return { events: [], warnings: [] }
  return inbox.acceptAll(incoming, origin, (db, taken, undone) => answerOf(db, incoming, taken, undone))
}

/** The answer, or the refusal of the batch where one of its events was not taken. */
async function answerOf<P>(
  db: Queryable,
  incoming: readonly IncomingEvent<P>[],
  taken: Taken,
  undone: boolean,
): Promise<z.output<typeof batchAnswer> | Refusal> {
  const result: EventResult[] = []
  const refusals: Refusal[] = []
  const faults: FieldError[] = []
  for (const [index, one] of incoming.entries()) {
    const what = await eventResultOf(db, one, taken)
    if (!isRefusal(what)) result.push(what)
    else {
      refusals.push(what)
      const { detail, errors } = undone ? (what.undone ?? what) : what
      faults.push(...placed(errors ?? [{ pointer: '', message: detail }], index))
    }
  }
  const [first] = refusals
  if (first !== undefined) {
    const others = undone ? 'No event is taken' : 'These events are not taken, all others are'
    return refuse(first.refused, 'state', `${others}: ${errorsInWords(faults)}.`, faults)
  }
  const extraFields = incoming.flatMap((one, index) => placed(one.extraFields, index))
  const { faults: warnings, more } = boundedErrors(extraFields)
  const events = result.map(({ state, reason }, index) => {
    const { source = '', id = '' } = incoming[index]?.event ?? {}
    return { source, id, state, reason: reason === null ? null : cut(reason, longestReason) }
  })
  return { events, warnings: [...warnings], ...(more === 0 ? {} : { moreWarnings: more }) }
}

/** Faults of one event as faults of the batch. */
function placed(faults: readonly FieldError[], index: number): FieldError[] {
  return faults.map(({ pointer, message }) => ({ pointer: `/${String(index)}${pointer}`, message }))
}
