import { beforeAll, describe, expect, test } from '@jest/globals'
import { openApiDocument } from '../../packages/service-kit/src/http/openapi.ts'
import { messagingRoutes } from '../../packages/service-kit/src/messaging/messaging.api.ts'
import { declaredBy } from '../../tools/generate/routes.ts'
import { problem } from '../../services/origin/src/rules.ts'
import { serviceNames } from '../../tools/start/settings.ts'

/** As much of a document as is looked at here. */
interface Operation {
  readonly operationId: string
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, unknown>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: Schema }>> }>>
}
type Schema = Readonly<Record<string, unknown>>

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas: Readonly<Record<string, Schema>> }
}

const documents = new Map<string, Document>()
beforeAll(async () => {
  for (const name of serviceNames) {
    const { wiring, parts } = await declaredBy(name)
    const routes = [...wiring.routes(parts), ...messagingRoutes]
    const { title, description } = wiring
    const about = { title, description, publicPrefix: `/${name}` }
    documents.set(name, openApiDocument({ ...about, routes }) as unknown as Document)
  }
})

const operationsOf = (service: string) =>
  Object.entries(documents.get(service)?.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
  )

/** Every object in a document, with where it stands. */
function* objectsIn(value: unknown, at = ''): Generator<[string, Schema]> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield [at, value as Schema]
  for (const [name, item] of Object.entries(value)) yield* objectsIn(item, `${at}/${name}`)
}

describe.each(serviceNames)('the document of %s', (service) => {
  const found = (wanted: (schema: Schema) => boolean) =>
    [...objectsIn(documents.get(service))].filter(([, schema]) => wanted(schema)).map(([at]) => at)

  test('has no type of null alone, no format beside a pattern, no const', () => {
    expect(found((schema) => schema['type'] === 'null')).toEqual([])
    expect(found((schema) => 'format' in schema && 'pattern' in schema)).toEqual([])
    expect(found((schema) => typeof schema['const'] === 'string')).toEqual([])
  })

  test('says what its parameters are', () => {
    const parameters = operationsOf(service).flatMap(({ name, operation }) =>
      (operation.parameters ?? []).map((parameter) => ({ ...parameter, of: name })),
    )
    const schemasOf = (name: string) =>
      parameters.filter((one) => one.name === name).map(({ schema: { description: _, ...schema } }) => schema)
    for (const limit of schemasOf('limit'))
      expect(limit).toEqual({ type: 'integer', minimum: 1, maximum: 200, default: 50 })
    for (const match of schemasOf('If-Match')) expect(match).toEqual({ type: 'string', pattern: '^"\\d{1,15}"$' })
    for (const key of schemasOf('Idempotency-Key')) expect(key).toEqual({ type: 'string', format: 'uuid' })
    const ids = parameters.filter((one) => one.in === 'path' && one.name === 'id' && !/clients/.test(one.of))
    for (const id of ids) expect([id.of, id.schema['format']]).toEqual([id.of, 'uuid'])
    // A parameter is one text: of a choice of formats generators make classes that do not compile.
    expect(parameters.filter(({ schema }) => 'anyOf' in schema).map((one) => [one.of, one.name])).toEqual([])
    expect(schemasOf('limit').length * ids.length).toBeGreaterThan(0)
  })

  test('names each operation once, and says what it answers', () => {
    const operations = operationsOf(service)
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length)
    for (const { name, path, operation } of operations) {
      const statuses = Object.keys(operation.responses)
      expect([name, statuses]).toEqual([name, expect.arrayContaining(['422', '431', '503'])])
      if (path.includes('{')) expect([name, statuses]).toEqual([name, expect.arrayContaining(['404'])])
      if (operation.requestBody !== undefined)
        expect([name, statuses]).toEqual([name, expect.arrayContaining(['400', '413', '415'])])
    }
  })
})

function operation(service: string, name: string): Operation {
  const found = operationsOf(service).find((one) => one.name === name)
  if (found === undefined) throw new Error(`${service} has no ${name}.`)
  return found.operation
}

const problemMediaType = 'application/problem+json'

/** What a reference to a schema of the document stands for. */
function resolved(service: string, schema: Schema): Schema {
  const { components } = documents.get(service) ?? {}
  return components?.schemas[String(schema['$ref']).split('/').at(-1) ?? ''] ?? schema
}

describe('what does not follow from the form of a route', () => {
  test.each([
    ['identity', 'post /v1/sessions', '429'],
    ['identity', 'post /v1/tokens', '429'],
    ['identity', 'put /v1/users/me/password', '429'],
    ['identity', 'post /v1/users', '429'],
    ['identity', 'get /v1/users/me', '404'],
    ['stock', 'get /v1/users/me', '404'],
    ['picking', 'post /v1/receipts', '404'],
    ['picking', 'post /v1/deliveries', '404'],
  ])('%s, %s may answer %s', (service, name, status) => {
    expect(Object.keys(operation(service, name).responses)).toContain(status)
  })

  test.each<[string, string, boolean | undefined]>([
    ['identity', 'post /v1/sessions', true],
    ['identity', 'post /v1/tokens', true],
    ['picking', 'post /v1/receipts', false],
    ['picking', 'patch /v1/receipts/{id}/lines', true],
    ['picking', 'post /v1/receipts/{id}/validate', false],
    ['picking', 'post /v1/receipts/{id}/cancel', true],
    ['picking', 'post /v1/events', true],
    ['stock', 'patch /v1/products/{id}', false],
    ['identity', 'post /v1/signing-keys/rotate', undefined],
  ])('%s, %s: a body is required: %s', (service, name, required) => {
    expect(operation(service, name).requestBody?.required).toBe(required)
  })

  test('a refused token is answered as OAuth 2 has it', () => {
    const { responses } = operation('identity', 'post /v1/tokens')
    for (const status of ['400', '401', '422', '429'])
      expect(responses[status]?.content?.[problemMediaType]?.schema).toEqual({
        $ref: '#/components/schemas/TokenProblem',
      })
  })

  // A service that is not there the origin answers for, and knows nothing of its routes.
  test.each(serviceNames.flatMap((service) => ['413', '431', '503'].map((status) => [service, status] as const)))(
    '%s: where the origin may answer %s, any problem is as documented',
    (service, status) => {
      const members = Object.keys(JSON.parse(problem(Number(status), 'code', 'Title', 'Detail.', 'id')) as object)
      const lacking = operationsOf(service).flatMap(({ name, operation: { responses } }) => {
        const schema = responses[status]?.content?.[problemMediaType]?.schema
        const required = schema === undefined ? [] : (resolved(service, schema)['required'] as string[])
        return required.filter((member) => !members.includes(member)).map((member) => `${name}: ${member}`)
      })
      expect(lacking).toEqual([])
    },
  )
})
