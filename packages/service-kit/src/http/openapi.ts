/** The OpenAPI 3.1 document of a service, made from its routes. */
import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi'
import type { Route } from './endpoint.ts'
import { defaultParams } from '../values/shape.ts'
import { plainSchemas } from './openapi.schemas.ts'
import { problemMediaType } from './problem.ts'

/** What describes the service in the document. */
export interface DocumentOptions {
  readonly title: string
  readonly description: string
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
const ifMatch = z
  .string()
  .regex(/^"\d{1,15}"$/)
  .meta({ description: 'The version that was read, in quotes, as `ETag` gives it: `"5"`.' })
const prefer = z.string().optional().meta({ description: '`wait=5`: answer when it is decided, or after that time.' })
const correlation = z.string().optional().meta({ description: 'Comes back, and goes into logs and events.' })

/** Makes the document. Throws when a shape cannot be described: a test makes it for every service. */
export function openApiDocument(options: DocumentOptions): object {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const route of options.routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: operationOf(route) }
  }
  const document = createDocument({
    openapi: '3.1.0',
    info: { title: options.title, version: '1', description: options.description },
    servers: [{ url: options.publicPrefix === '' ? '/' : options.publicPrefix }],
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  })
  return plainSchemas(document)
}

function operationOf(route: Route<never>): ZodOpenApiOperationObject {
  const params = route.params ?? (route.path.includes(':') ? defaultParams(route.path) : undefined)
  const body = route.bodyShown ?? route.body
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
    ...(body === undefined ? {} : { requestBody: requestBodyOf(route, body) }),
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

/** Nothing at all is read as `{}`: the body is required where that is not enough. */
function requestBodyOf(route: Route<never>, body: z.ZodType): ZodOpenApiOperationObject['requestBody'] & object {
  const required = route.bodyShown !== undefined || !body.safeParse({}).success
  const bodies = { [route.accepts ?? 'application/json']: body, ...route.bodiesShown }
  const content = Object.fromEntries(Object.entries(bodies).map(([mediaType, schema]) => [mediaType, { schema }]))
  return { required, content }
}

const retryAfter = z.object({
  'Retry-After': z.string().regex(/^\d+$/).meta({ description: 'Seconds after which to try again.' }),
})
const etag = { ETag: z.string().meta({ description: 'The version, in quotes, for `If-Match`.' }) }
const location = { Location: z.string().meta({ description: 'Where it is found.' }) }

function responsesOf(route: Route<never>): ZodOpenApiOperationObject['responses'] {
  const content =
    route.answers === undefined
      ? undefined
      : Object.fromEntries([
          ['application/json', { schema: route.answers }],
          ...Object.keys(route.formats ?? {}).map((mediaType) => [mediaType, { schema: z.string() }] as const),
        ])
  const done = (status: number, description: string) => {
    const names = { ...(hasVersion(route) ? etag : {}), ...(hasLocation(route, status) ? location : {}) }
    const headers = Object.keys(names).length === 0 ? {} : { headers: z.object(names) }
    return content === undefined ? { description, ...headers } : { description, content, ...headers }
  }
  const schemas = problemSchemas(route)
  const problems = problemsOf(route).map((status) => [String(status), problemAnswer(schemas, status)] as const)
  return {
    [String(route.status) as '200']: done(route.status, 'Done.'),
    ...(route.settled === undefined ? {} : { '202': done(202, 'Taken, and not decided in time: look at Location.') }),
    ...(Object.fromEntries(problems) as ZodOpenApiOperationObject['responses']),
  }
}

function hasVersion({ answers }: Route<never>): boolean {
  return answers instanceof z.ZodObject && 'version' in answers.shape
}

function hasLocation(route: Route<never>, status: number): boolean {
  return route.location !== undefined && (status === 201 || status === 202)
}

const meanings = {
  400: 'Not JSON, or a header is missing or unreadable.',
  401: 'No valid token, or the credentials are wrong.',
  403: 'The right is missing.',
  404: 'Unknown, or outside of your locations.',
  409: 'A rule about state says no, or the same request still runs.',
  412: 'The version is stale.',
  413: 'The body is too large.',
  415: 'The body is of another media type, or encoded.',
  422: 'A rule about content says no; every wrong field is named.',
  428: 'If-Match is missing.',
  429: 'Too many tries; see Retry-After.',
  431: 'The headers are too large.',
  503: 'Something this needs is not answering; see Retry-After.',
} as const
type ProblemStatus = keyof typeof meanings

/** What the declaration leads to, and what the action answers besides. */
function problemsOf(route: Route<never>): ProblemStatus[] {
  const writes = route.method !== 'get'
  const hasBody = route.body !== undefined || route.bodyShown !== undefined
  const keyed = route.idempotency === 'required'
  const readsBody = hasBody || keyed || route.kind === 'operation'
  const versioned = route.version !== undefined
  const open = route.right === 'public'
  const possible: Record<ProblemStatus, boolean> = {
    400: hasBody || keyed || versioned,
    // A write without a token is authenticated by another credential.
    401: !open || writes,
    403: !open && route.right !== 'signed-in',
    404: route.path.includes(':'),
    409: writes,
    412: versioned,
    413: readsBody,
    415: readsBody,
    422: true,
    428: versioned,
    429: false,
    431: true,
    503: true,
  }
  const statuses = Object.keys(possible).map(Number) as ProblemStatus[]
  return statuses.filter((status) => possible[status] || route.alsoAnswers?.includes(status as 404) === true)
}

function problemAnswer({ whole, early }: ProblemSchemas, status: ProblemStatus) {
  // Headers are too large before a route is known.
  const schema = status === 431 ? problemSchema : mayComeEarlier.has(status) ? early : whole
  return {
    description: meanings[status],
    content: { [problemMediaType]: { schema } },
    ...(status === 429 || status === 503 ? { headers: retryAfter } : {}),
  }
}

/** What may be answered before a request has reached its route, by the origin too: without the route's own members then. */
const mayComeEarlier: ReadonlySet<ProblemStatus> = new Set([413, 503])

interface ProblemSchemas {
  readonly whole: z.ZodObject
  readonly early: z.ZodObject
}

/** The problems of a route. With members of its own they have names of their own in the document, so they are made once. */
function problemSchemas({ problemMembers: members }: Route<never>): ProblemSchemas {
  if (members === undefined) return { whole: problemSchema, early: problemSchema }
  const id = members.meta()?.id ?? 'ProblemWithMembers'
  return {
    whole: problemSchema.extend(members.shape).meta({ id }),
    early: problemSchema.extend(members.partial().shape).meta({ id: `Early${id}` }),
  }
}
