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
