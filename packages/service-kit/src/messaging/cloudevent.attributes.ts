/** Which of a CloudEvent's attributes are taken, and how. Pure. */
import { actorOf } from '@stockline/contracts/envelope'
import type { EventParts } from './cloudevent.ts'
import { decodedTextError } from '../values/texts.ts'

/** The sources of our own services begin like this. */
export const ourSources = '/stockline/'

/** Does it claim to be from one of our services? */
export function isOurs(source: string): boolean {
  return source.startsWith(ourSources)
}

/** What counts as a place in a stream. */
export const sequenceText = /^[1-9]\d{0,17}$/

/** Extensions that senders of their own have under the same names, with meanings of their own. */
const extensions = ['sequence', 'correlationid', 'causationid', 'traceparent', 'actor'] as const
const longestExtension = 200

/**
 * The attributes that mean something here. `null` is absent. Extensions of foreign senders are not judged: one that is
 * of no use here is left out, and stays in the event as it was sent.
 *
 * @param subjectField names the field of the data that stands for a missing subject; else the message's key does
 */
export function attributesTaken(
  { attributes, data }: EventParts,
  subjectField: string | undefined,
  key: string | undefined,
): Readonly<Record<string, unknown>> {
  const taken = isPlain(attributes) ? attributes : loosened(attributes)
  const { subject, time } = taken
  if (subject !== undefined && !(typeof time === 'string' && unusualTime.test(time))) return taken
  return {
    ...taken,
    subject: subject ?? subjectInstead(data, subjectField, key),
    ...(typeof time === 'string' ? { time: timeOf(time) } : {}),
  }
}

/** Nothing is `null`, and no extension is a foreign sender's: so almost all are. */
function isPlain(attributes: Readonly<Record<string, unknown>>): boolean {
  for (const name in attributes) if (attributes[name] === null) return false
  return !isForeign(attributes) || extensions.every((name) => attributes[name] === undefined)
}

function isForeign({ source }: Readonly<Record<string, unknown>>): boolean {
  return typeof source !== 'string' || !isOurs(source)
}

function loosened(attributes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const taken = Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null))
  if (isForeign(attributes))
    for (const name of extensions) if (taken[name] !== undefined) taken[name] = usefulExtension(name, taken[name])
  return taken
}

/** CloudEvents' texts, numbers and truth values where a text is wanted; what cannot be one is of no use. */
function usefulExtension(name: string, value: unknown): unknown {
  if (name === 'actor') return actorOf(value)
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
  if (typeof text !== 'string' || text.length > longestExtension) return undefined
  return name === 'sequence' && !sequenceText.test(text) ? undefined : text
}

const unusualTime = /[tz]|:60/

/** RFC 3339 allows small letters, and a sixtieth second where the day has one. */
function timeOf(time: string): string {
  return time
    .replace(/^(\d{4}-\d\d-\d\d)t/, '$1T')
    .replace(/z$/, 'Z')
    .replace(/(T\d\d:\d\d):60/, '$1:59')
}

function subjectInstead(data: unknown, field: string | undefined, key: string | undefined): string | undefined {
  const named: unknown =
    field !== undefined && typeof data === 'object' && data !== null ? Reflect.get(data, field) : undefined
  if (typeof named === 'string' && named !== '') return named
  return key === undefined || key === '' || decodedTextError(key) !== undefined ? undefined : key
}
