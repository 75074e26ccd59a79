/** Makes requests to an operation from its document: as it wants them, or with something wrong. */
import type { Choice } from './choice.ts'
import type { Operation, Parameter } from './documents.ts'
import type { Sent } from './exchange.ts'
import type { Knowledge, Seen } from './knowledge.ts'
import { mutatedJson, strangeBodies, strangeCursor, strangeTexts } from './mutations.ts'
import { valueOf } from './values.ts'

/** How much of the request is wrong. */
export type Manner = 'valid' | 'mutated'

/** What a request is made with. */
export interface Making {
  readonly choice: Choice
  readonly knowledge: Knowledge
  readonly manner: Manner
  readonly token: string | undefined
}

/** `picking receipts`: the collection that an operation is about. */
export function collectionOf({ service, path }: Pick<Operation, 'service' | 'path'>): string {
  return `${service} ${path.split('/')[2] ?? ''}`
}

/** A request to the operation. */
export function requestTo(operation: Operation, making: Making): Sent {
  const { choice, knowledge } = making
  const seen = knowledge.some(collectionOf(operation))
  const body = bodyOf(operation, making)
  return {
    method: operation.method,
    path: `/${operation.service}${pathOf(operation, seen, making)}${queryOf(operation, making)}`,
    headers: {
      ...headersOf(operation, seen, making),
      ...(body === undefined ? {} : { 'content-type': contentTypeOf(operation, making) }),
      ...(making.manner === 'mutated' && choice.oneIn(60) ? { 'content-encoding': 'gzip' } : {}),
    },
    ...(body === undefined ? {} : { body }),
  }
}

function pathOf({ path, parameters }: Operation, seen: Seen | undefined, making: Making): string {
  const { choice, knowledge, manner } = making
  return path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    // Nothing at all would be another address.
    if (manner === 'mutated' && choice.oneIn(12)) return pathSegment(choice.of(strangeTexts) || '%20')
    const known = seen?.[name]
    if ((typeof known === 'string' || typeof known === 'number') && !choice.oneIn(12)) return pathSegment(String(known))
    const schema = parameters.find((one) => one.in === 'path' && one.name === name)?.schema ?? { type: 'string' }
    return encodeURIComponent(String(valueOf(schema, name, choice, knowledge)))
  })
}

/** As it is where it is encoded already. */
function pathSegment(text: string): string {
  return /^[\w%.~-]+$/.test(text) ? text : encodeURIComponent(text)
}

function queryOf({ parameters }: Operation, { choice, knowledge, manner }: Making): string {
  const mutated = manner === 'mutated'
  const pairs = parameters
    .filter((one) => one.in === 'query' && (one.required === true || choice.oneIn(4)))
    .map(({ name, schema }) => {
      const strange = mutated && choice.oneIn(4)
      if (name === 'cursor' && mutated) return `cursor=${strangeCursor(choice)}`
      return `${name}=${strange ? choice.of(strangeTexts) : encodeURIComponent(String(valueOf(schema, name, choice, knowledge)))}`
    })
  if (mutated && choice.oneIn(15)) pairs.push(`${choice.of(['unknown', 'limit', '__proto__', 'a[b]', '%00'])}=1`)
  const query = pairs.join('&').replaceAll(' ', '%20').replaceAll('"', '%22')
  return query === '' ? '' : `?${query}`
}

function headersOf(operation: Operation, seen: Seen | undefined, making: Making): Record<string, string> {
  const { choice, manner, token } = making
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  for (const parameter of operation.parameters) {
    if (parameter.in !== 'header') continue
    const value =
      manner === 'mutated' && choice.oneIn(12) ? strangeHeader(parameter, choice) : headerOf(parameter, seen, making)
    if (value !== undefined) headers[parameter.name.toLowerCase()] = value
  }
  if (operation.requestBody === undefined || !choice.oneIn(10)) return headers
  return { ...headers, accept: choice.of(['application/json', '*/*', 'text/csv', 'application/xml', 'image/png;q=0']) }
}

/** Keys that come again: with another body, or while the first still runs. */
const fewKeys = ['01990000-0000-7000-8000-000000000001', '01990000-0000-7000-8000-000000000002']

function headerOf({ name }: Parameter, seen: Seen | undefined, { choice }: Making): string | undefined {
  switch (name) {
    case 'Idempotency-Key':
      return choice.oneIn(15) ? choice.of(fewKeys) : choice.uuid()
    case 'If-Match': {
      const version = typeof seen?.['version'] === 'number' ? seen['version'] : choice.below(5)
      return `"${String(version)}"`
    }
    case 'Prefer':
      return choice.oneIn(4) ? 'wait=1' : undefined
    default:
      return choice.oneIn(10) ? `fuzz-${String(choice.below(1_000))}` : undefined
  }
}

function strangeHeader({ name }: Parameter, choice: Choice): string | undefined {
  if (choice.oneIn(3)) return undefined
  if (name === 'If-Match') return choice.of(['*', '5', 'W/"5"', '"x"', '"1", "2"', '""', `"${'9'.repeat(15)}"`])
  if (name === 'Prefer') return choice.of(['wait=0', 'wait=99999999', 'wait=-1', 'respond-async', 'wait="1"; x=y'])
  return choice.of(strangeTexts)
}

function contentTypeOf({ requestBody }: Operation, { choice, manner }: Making): string {
  const wanted = Object.keys(requestBody?.content ?? { 'application/json': {} })[0] ?? 'application/json'
  if (manner === 'valid' || !choice.oneIn(15)) return wanted
  return choice.of([
    `${wanted}; charset=utf-8`,
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-16',
  ])
}

function bodyOf(operation: Operation, making: Making): Buffer | undefined {
  const { choice, knowledge, manner } = making
  const [mediaType, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? []
  if (mediaType === undefined || content?.schema === undefined)
    return manner === 'mutated' && operation.method !== 'GET' && choice.oneIn(10) ? Buffer.from('{}') : undefined
  if (operation.requestBody?.required !== true && choice.oneIn(4)) return undefined
  if (manner === 'mutated' && choice.oneIn(12)) return choice.of(strangeBodies)()
  const value = valueOf(content.schema, '', choice, knowledge)
  if (mediaType.includes('form')) return Buffer.from(new URLSearchParams(value as Record<string, string>).toString())
  return Buffer.from(manner === 'valid' ? JSON.stringify(value) : mutatedJson(value, choice))
}
