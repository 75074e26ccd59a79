/**
 * Digests by which an event is known as a repeat: of what was sent, never of what the database made of it. Rows of the
 * inbox keep theirs, so that these must not change. Pure.
 */
import { hash } from 'node:crypto'
import type { Event } from '@stockline/contracts/envelope'

/** Our own services send what they send again byte for byte, and never by HTTP. */
export function textHashOf(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

/** The same event by HTTP and by the bus, whatever the order of its fields, has the same hash. */
export function contentHashOf({ type, subject }: Pick<Event, 'type' | 'subject'>, data: unknown): Buffer {
  return hash('sha256', `${type}\n${subject}\n${canonical(data)}`, 'buffer')
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const fields = Object.keys(value).sort()
  return `{${fields.map((name) => `${JSON.stringify(name)}:${canonical(Reflect.get(value, name))}`).join(',')}}`
}
