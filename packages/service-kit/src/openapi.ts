/** The OpenAPI 3.1 document of a service, made from its routes. */
import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi'
import type { Route } from './endpoint.ts'
import { defaultParams } from './endpoint.shape.ts'

/** What the document says about the service. */
export interface DocumentOptions {
  readonly title: string
  readonly description?: string
  readonly version: string
  readonly publicPrefix: string
  readonly routes: readonly Route<never>[]
}

const problemSchema = z
  .object({
    type: z.string().meta({ description: 'A stable code for programs: `receipt-is-empty`.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What is wrong, where, and what to do.' }),
    errors: z
      .array(
        z.object({
          pointer: z.string().meta({ description: 'JSON pointer into the body, or `?name` for the query.' }),
          message: z.string(),
        }),
      )
      .optional()
      .meta({ description: 'Every wrong field, or the first of them where that would be more than 48 KiB.' }),
    moreErrors: z.int().optional().meta({ description: 'Wrong fields besides those in `errors`.' }),
    correlationId: z.string(),
  })
  .meta({ id: 'Problem' })

const idempotencyKey = z.uuid().meta({ description: 'Made before the first try. A repeat gets the first answer.' })
const ifMatch = z.string().meta({ description: 'The version that was read, in quotes: `"5"`.' })
const prefer = z.string().optional().meta({ description: '`wait=5`: answer when it is decided, or after that time.' })
const correlation = z.string().optional().meta({ description: 'Comes back, and goes into logs and events.' })

/** Makes the document. Throws when a shape cannot be shown: a test asks for it. */
export function openApiDocument(options: DocumentOptions): object {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const route of options.routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: operationOf(route) }
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: options.title,
      version: options.version,
      ...(options.description === undefined ? {} : { description: options.description }),
    },
    servers: [{ url: options.publicPrefix === '' ? '/' : options.publicPrefix }],
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  })
}

function operationOf(route: Route<never>): ZodOpenApiOperationObject {
  const params = route.params ?? (route.path.includes(':') ? defaultParams(route.path) : undefined)
  const body = route.body ?? route.bodyShown
  const tag = /^\/v1\/([\w-]+)/.exec(route.path)?.[1] ?? 'service'
  return {
    operationId: operationIdOf(route),
    summary: route.summary,
    tags: [tag],
    ...(route.description === undefined ? {} : { description: route.description }),
    security: route.right === 'public' ? [] : [{ token: [] }],
    'x-right': route.right,
    requestParams: {
      header: headersOf(route),
      ...(params === undefined ? {} : { path: params }),
      ...(route.query === undefined ? {} : { query: route.query }),
    },
    ...(body === undefined
      ? {}
      : { requestBody: { content: { [route.accepts ?? 'application/json']: { schema: body } } } }),
    responses: responsesOf(route),
  }
}

/** `post /v1/receipts/:id/validate` is `postReceiptsIdValidate`. */
function operationIdOf(route: Route<never>): string {
  const words = route.path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '' && word !== 'v1')
  return route.method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

function headersOf(route: Route<never>): z.ZodObject {
  return z.object({
    ...(route.idempotency === 'required' ? { 'Idempotency-Key': idempotencyKey } : {}),
    ...(route.version === undefined ? {} : { 'If-Match': route.version === 'required' ? ifMatch : ifMatch.optional() }),
    ...(route.settled === undefined ? {} : { Prefer: prefer }),
    'X-Correlation-Id': correlation,
  })
}

function responsesOf(route: Route<never>): ZodOpenApiOperationObject['responses'] {
  const content =
    route.answers === undefined
      ? undefined
      : Object.fromEntries([
          ['application/json', { schema: route.answers }],
          ...Object.keys(route.formats ?? {}).map((mediaType) => [mediaType, { schema: z.string() }] as const),
        ])
  const done = (description: string) => (content === undefined ? { description } : { description, content })
  const no = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: problemSchema } },
  })
  const writes = route.method !== 'get'
  return {
    [String(route.status) as '200']: done('Done.'),
    ...(route.settled === undefined ? {} : { '202': done('Taken, and not decided in time: look at Location.') }),
    ...(writes ? { '400': no('Not JSON, or a header is missing or unreadable.') } : {}),
    ...(route.right === 'public' ? {} : { '401': no('No valid token.'), '403': no('The right is missing.') }),
    // What is written without a token is written by somebody who shows another credential.
    ...(route.right === 'public' && writes ? { '401': no('The credentials are wrong.') } : {}),
    ...(route.path.includes(':') ? { '404': no('Unknown, or outside of your locations.') } : {}),
    ...(writes ? { '409': no('A rule about state says no, or the same request still runs.') } : {}),
    ...(route.version === undefined ? {} : { '412': no('The version is stale.'), '428': no('If-Match is missing.') }),
    '422': no('A rule about content says no; every wrong field is named.'),
    '503': no('Something this needs is not answering; see Retry-After.'),
  }
}
