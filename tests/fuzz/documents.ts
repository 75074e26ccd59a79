/** The operations of the four services, as their OpenAPI documents tell them. */
import type { Client } from '@stockline/test-kit'

/** A JSON schema, references replaced by what they name. */
export interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: Schema
}

interface Content {
  readonly schema?: Schema
}

/** One answer that is documented. */
export interface Answer {
  readonly content?: Readonly<Record<string, Content>>
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>
}

/** One operation. */
export interface Operation {
  readonly service: string
  readonly method: string
  /** Without the service's prefix, names in braces: `/v1/receipts/{id}`. */
  readonly path: string
  readonly 'x-right': string
  readonly parameters: readonly Parameter[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Content>> }
  readonly responses: Readonly<Record<string, Answer>>
}

export const services = ['identity', 'stock', 'picking', 'valuation'] as const

/** The document of a service as it serves it. */
export async function documentOf(origin: Client, service: string): Promise<object> {
  const answer = await origin.get<object>(`/${service}/v1/openapi.json`)
  if (answer.status !== 200) throw new Error(`${service} answered ${String(answer.status)} for its document`)
  return answer.body
}

/** All operations of all services. */
export async function operationsOf(origin: Client): Promise<readonly Operation[]> {
  const all = await Promise.all(
    services.map(async (service) => {
      const document = await documentOf(origin, service)
      const { paths } = resolved(document, document) as {
        paths: Record<string, Record<string, Omit<Operation, 'service' | 'method' | 'path'>>>
      }
      return Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, rest]) => ({
          ...rest,
          service,
          path,
          method: method.toUpperCase(),
          parameters: (rest as Partial<Operation>).parameters ?? [],
        })),
      )
    }),
  )
  return all.flat()
}

/** `POST picking /v1/receipts` */
export function nameOf({ method, service, path }: Pick<Operation, 'method' | 'service' | 'path'>): string {
  return `${method} ${service} ${path}`
}

/** The value with every reference replaced. No schema of ours refers to itself. */
function resolved(value: unknown, document: object): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, document))
  if (typeof value !== 'object' || value === null) return value
  const reference: unknown = Reflect.get(value, '$ref')
  if (typeof reference === 'string') return resolved(atPointer(document, reference), document)
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolved(item, document)]))
}

function atPointer(document: object, reference: string): unknown {
  let at: unknown = document
  for (const part of reference.slice(2).split('/')) at = Reflect.get(at as object, part)
  return at
}
