/** JSON Schemas of the events' data, as published to other systems, and what may change in them. */
import { z } from 'zod'
import type { EventContract } from './envelope.ts'

/** The part of JSON Schema that our contracts use. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly enum?: readonly unknown[]
}

/** The name of an event's schema: what its envelope says as `dataschema`. */
function schemaIdOf(contract: Pick<EventContract, 'type'>): string {
  return `urn:stockline:${contract.type}`
}

/** The data of an event as a sender must write it: what has a default may be missing, unknown fields are let pass. */
export function jsonSchemaOf(contract: EventContract): JsonSchema {
  const schema = z.toJSONSchema(contract.data, { io: 'input', target: 'draft-2020-12' }) as JsonSchema
  return { $id: schemaIdOf(contract), title: contract.type, description: contract.summary, ...schema }
}

/**
 * Names every way in which `next` breaks those who know `published`. Only optional fields may be added:
 * a reader of the old must be able to read the new, a sender of the old must still be accepted.
 *
 * @returns sentences, each beginning with the place; none when compatible
 */
export function breaks(published: JsonSchema, next: JsonSchema, at = '$'): string[] {
  const found: string[] = []
  for (const [name, field] of Object.entries(published.properties ?? {})) {
    const now = next.properties?.[name]
    if (now === undefined) found.push(`${at}.${name} is gone`)
    else found.push(...breaks(field, now, `${at}.${name}`))
  }
  for (const name of next.required ?? [])
    if (!(published.required ?? []).includes(name)) found.push(`${at}.${name} is required now`)
  for (const name of published.required ?? [])
    if (!(next.required ?? []).includes(name)) found.push(`${at}.${name} is no longer always there`)
  if (published.items !== undefined)
    found.push(...(next.items === undefined ? [`${at}[] is gone`] : breaks(published.items, next.items, `${at}[]`)))
  published.anyOf?.forEach((one, index) => {
    const now = next.anyOf?.[index]
    found.push(...(now === undefined ? [`${at} lost a variant`] : breaks(one, now, `${at}|${String(index)}`)))
  })
  if ((next.anyOf?.length ?? 0) > (published.anyOf?.length ?? 0)) found.push(`${at} gained a variant`)
  for (const keyword of [...new Set([...Object.keys(published), ...Object.keys(next)])]) {
    if (structural.has(keyword)) continue
    if (JSON.stringify(published[keyword]) !== JSON.stringify(next[keyword])) found.push(`${at}: ${keyword} changed`)
  }
  return found
}

/** Compared field by field above, or only prose. */
const structural = new Set(['properties', 'required', 'items', 'anyOf', '$id', '$schema', 'title', 'description'])
