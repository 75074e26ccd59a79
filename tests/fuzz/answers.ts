/** Holds an answer against what is documented of its operation. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import type { Answer, Operation, Schema } from './documents.ts'
import type { Received } from './exchange.ts'

/** An error answer is at most as large as this. */
export const largestProblem = 65_536

const ajv = new Ajv2020({ strict: false, allErrors: true })
ajvFormats.default(ajv)
const validators = new Map<Schema, ValidateFunction>()

/**
 * What is wrong with an answer; undefined where all is documented.
 *
 * @param operation undefined where the address was changed, so that it may be anybody's: then any problem will do
 * @param faultPlanned may it be 503?
 */
export function wrongWith(
  operation: Operation | undefined,
  received: Received,
  faultPlanned: boolean,
): string | undefined {
  const { status, headers, body } = received
  if (status === 500) return '500'
  if (status === 503 && !/^\d+$/.test(String(headers['retry-after']))) return '503 without Retry-After'
  if (status === 503 && !faultPlanned) return '503 without a fault'
  // What the origin says of a service that a fault has stopped in the middle of an answer.
  if ((status === 502 || status === 504) && faultPlanned) return undefined
  if (status >= 400 && body.length > largestProblem) return `an error answer of ${String(body.length)} bytes`
  if (status >= 400 && typeof headers['x-correlation-id'] !== 'string') return 'no X-Correlation-Id'
  if (operation === undefined) return wrongWithAnybodys(received)
  const documented = operation.responses[String(status)]
  // Methods that nobody takes are no operations; so it is told of the path.
  if (documented === undefined) return `${String(status)} is not documented`
  return wrongContent(documented, received)
}

function wrongContent(documented: Answer, { headers, body }: Received): string | undefined {
  for (const [name, header] of Object.entries(documented.headers ?? {}))
    if (header.required === true && headers[name.toLowerCase()] === undefined) return `no header ${name}`
  const mediaType = (headers['content-type'] ?? '').split(';', 1)[0] ?? ''
  const { content } = documented
  if (content === undefined) return body.length === 0 ? undefined : 'a body where none is documented'
  if (body.length === 0) return 'no body'
  const schema = content[mediaType]?.schema
  if (schema === undefined) return `${mediaType} is not documented`
  if (!mediaType.endsWith('json')) return undefined
  const value = parsed(body)
  if (value === undefined) return 'no JSON'
  const validate = validatorOf(schema)
  if (validate(value)) return undefined
  const faults = validate.errors?.map((error) => `${error.instancePath} ${error.message ?? ''}`) ?? []
  return `the body is not as documented: ${faults.slice(0, 5).join('; ')}`
}

/** Any problem, in the form of all problems. */
function wrongWithAnybodys({ status, headers, body }: Received): string | undefined {
  if (status < 400 || body.length === 0) return undefined
  const mediaType = headers['content-type'] ?? ''
  if (!mediaType.startsWith('application/problem+json')) return `${String(status)} as ${mediaType}`
  const problem = parsed(body)
  if (typeof problem !== 'object' || problem === null) return 'no JSON'
  const lacks = ['type', 'title', 'detail', 'correlationId'].filter(
    (name) => typeof Reflect.get(problem, name) !== 'string',
  )
  return lacks.length === 0 ? undefined : `the problem lacks ${lacks.join(', ')}`
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

function validatorOf(schema: Schema): ValidateFunction {
  let known = validators.get(schema)
  if (known === undefined) validators.set(schema, (known = ajv.compile(closed(schema) as object)))
  return known
}

/** Documents leave room for fields to come; here a field that is not documented is a fault. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const inside = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, closed(item)]))
  return 'properties' in inside && !('additionalProperties' in inside)
    ? { ...inside, additionalProperties: false }
    : inside
}
