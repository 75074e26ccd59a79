/** What went wrong with an event, for the log, the parked ones and the quarantine. */
import type { IncomingMessage } from '../bus/bus.ts'
import type { Read, Unreadable } from './inbox.read.ts'
import type { Logger } from '../runtime/logging.ts'
import type { Rejected } from './quarantine.ts'
import { storable } from '../values/texts.ts'

/** What could not be applied, for the person who has to mend it. */
export interface Failure {
  readonly reason: string
  readonly stack: string | undefined
  readonly attempts: number
}

/** Why something failed, in words that can be stored. */
export function failureOf(error: unknown, attempts: number): Failure {
  if (!(error instanceof Error)) return { reason: storable(String(error)), stack: undefined, attempts }
  return { reason: storable(error.message), stack: storable(error.stack ?? ''), attempts }
}

/** A row of the quarantine for what could be neither applied nor parked. */
export function unusable(message: IncomingMessage, error: unknown): Rejected {
  const fault = { pointer: '', message: `could be neither applied nor parked: ${failureOf(error, 1).reason}` }
  return { message, reason: 'failed', faults: [fault] }
}

/** What only its sender can mend is a warning; that reading it threw is a bug of ours. */
export function logUnreadable(log: Logger, { reason, faults, type, message, error }: Unreadable): void {
  const place = { topic: message?.topic, partition: message?.partition, offset: String(message?.offset) }
  const details = { reason, faults, type, ...place }
  if (error === undefined) log.warn(details, 'a message is quarantined')
  else log.error({ ...details, err: error }, 'a message could not be read and is quarantined')
}

/** An event as the log names it. */
export function identityOf<P>(one: Read<P>): object {
  return one.kind === 'event'
    ? { event: one.event.id, type: one.event.type, subject: one.event.subject }
    : { event: one.id }
}
