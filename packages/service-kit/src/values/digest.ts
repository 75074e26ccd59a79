/**
 * Digests by which an event or a request is known as a repeat: of what was sent, never of what the database made of it. A row
 * names the version of its digest, and a repeat is judged by that one; so a version must never change, and none may
 * go while rows have it. Pure.
 */
import { hash } from 'node:crypto'
import type { Event } from '@stockline/contracts/envelope'

/** What rows of 0.1.0 have: an event's data with their keys sorted; the bytes of our own services' events, and of a request. */
export const asSentVersion = 1
/** By meaning: see `meaningBySchema`. */
export const meaningVersion = 2

/** Digests of one thing, each made on first use, and once. */
export interface Digest {
  /** The one that is written down. */
  readonly version: number
  /** SHA-256 as a version makes it; undefined for a version that is not known here. */
  readonly by: (version: number) => Buffer | undefined
}

/** How a row is known. */
export interface KnownDigest {
  readonly version: number
  readonly hash: Buffer
}

/** Is what was sent what the row knows? `unjudged`: the row is of a version that is unknown here. */
export type Sameness = 'same' | Conflict
export type Conflict = 'other' | 'unjudged'

/** How an event is at odds with the one of its id, as the end of a sentence. */
export const conflictWording: Readonly<Record<Conflict, string>> = {
  other: 'was used before, for another content',
  unjudged:
    'was used before, and whether for the same content cannot be told here: a newer version wrote its digest down',
}

/** A digest that is written down in a version, and can be made in others. */
export function digestOf(version: number, makers: Readonly<Record<number, () => Buffer>>): Digest {
  const made = new Map<number, Buffer>()
  return {
    version,
    by: (wanted) => {
      const before = made.get(wanted)
      if (before !== undefined) return before
      const now = makers[wanted]?.()
      if (now !== undefined) made.set(wanted, now)
      return now
    },
  }
}

/** The digest as a row has it. */
export function writtenOf({ version, by }: Digest): KnownDigest {
  const made = by(version)
  if (made === undefined) throw new Error(`Nothing makes digests of version ${String(version)}.`)
  return { version, hash: made }
}

/** Judges a repeat by the row's version. */
export function compared(digest: Digest, row: KnownDigest): Sameness {
  const own = digest.by(row.version)
  if (own === undefined) return 'unjudged'
  return own.equals(row.hash) ? 'same' : 'other'
}

/** Our own services send what they send again byte for byte, and never by HTTP. */
export function digestOfText(text: () => string): Digest {
  return digestOf(asSentVersion, { [asSentVersion]: () => sha256(text()) })
}

/**
 * An event of another system: the same by HTTP and by the bus.
 *
 * @param meaning the meaning of its data
 */
export function digestOfEvent(
  { type, subject }: Pick<Event, 'type' | 'subject'>,
  data: unknown,
  meaning: () => string,
): Digest {
  return digestOf(meaningVersion, {
    [asSentVersion]: () => sha256(`${type}\n${subject}\n${canonical(data)}`),
    [meaningVersion]: () => sha256(`${type}\n${subject}\n${meaning()}`),
  })
}

/**
 * A request: its address with all parameters, and its body.
 *
 * @param meaning the meaning of its body; undefined where it is not read
 */
export function digestOfRequest(address: string, body: Buffer, meaning: (() => string) | undefined): Digest {
  const asSent = () => hash('sha256', Buffer.concat([Buffer.from(`${address}\n`), body]), 'buffer')
  if (meaning === undefined) return digestOf(asSentVersion, { [asSentVersion]: asSent })
  return digestOf(meaningVersion, {
    [asSentVersion]: asSent,
    [meaningVersion]: () => sha256(`${address}\n${meaning()}`),
  })
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const fields = Object.keys(value).sort()
  return `{${fields.map((name) => `${JSON.stringify(name)}:${canonical(Reflect.get(value, name))}`).join(',')}}`
}
