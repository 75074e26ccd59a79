/** The checks of a request after token and right: location scope, query and body. And those of the routes, at the start. */
import type { IncomingMessage } from 'node:http'
import type { Database } from '../database/transaction.ts'
import type { FieldError } from '../refusal.ts'
import { queryPointer } from '../values/pointer.ts'
import { defaultParams, shapeCheck, type ShapeCheck } from '../values/shape.ts'
import { textError } from '../values/texts.ts'
import type { Actor } from './endpoint.declarations.ts'
import { queryOf, wrongFields } from './endpoint.request.ts'
import type { Route } from './endpoint.ts'
import { HttpProblem } from './problem.ts'

/** The checks of a route's shapes, prepared once. */
export interface RouteShapes {
  readonly params: ShapeCheck
  readonly query: ShapeCheck | undefined
  readonly body: ShapeCheck | undefined
}

/** Prepares the checks of a route's shapes. */
export function shapesOf(route: Route<never>): RouteShapes {
  return {
    params: shapeCheck(route.params ?? defaultParams(route.path)),
    query: route.query === undefined ? undefined : shapeCheck(route.query, '?'),
    body: route.body === undefined ? undefined : shapeCheck(route.body),
  }
}

/** The parameters of the path. 404 for what cannot be one of ours. */
export function checkedParams(shapes: RouteShapes, url: string, given: unknown): unknown {
  const values = { ...(given as Record<string, string>) }
  const checked = shapes.params(values)
  if ('faults' in checked || Object.values(values).some((value) => textError(value) !== undefined)) throw notFound()
  // Bytes that are not percent-encoded have become other characters on their way here.
  if (Object.keys(values).length > 0 && /[\x80-\xff]/.test(url.split('?', 1)[0] ?? ''))
    throw new HttpProblem(
      404,
      'not-found',
      'The address is not readable: send what is not ASCII with percent-encoding.',
    )
  return checked.value
}

function notFound(): HttpProblem {
  return new HttpProblem(404, 'not-found', 'It does not exist, or it is outside of your locations.')
}

/** A checked value, or what is wrong with it. */
export type Checked = ReturnType<ShapeCheck>

/** Location scope: 404 outside of it. */
export async function checkWithin<P>(
  route: Route<P>,
  params: unknown,
  query: Checked,
  actor: Actor,
  db: Database<P>,
): Promise<void> {
  // A wrong query is named with the other wrong fields; without it the scope cannot be checked.
  if (route.within === undefined || 'faults' in query) return
  if (!(await route.within(db, { params, query: query.value, actor }))) throw notFound()
}

/** Query and body. 422 names every wrong field of both. */
export function checkedShape(shapes: RouteShapes, query: Checked, sent: unknown) {
  const body = shapes.body?.(sent) ?? { value: undefined }
  const faults: FieldError[] = []
  if ('faults' in query) faults.push(...query.faults)
  if ('faults' in body) faults.push(...body.faults)
  if ('faults' in query || 'faults' in body) throw wrongFields(faults)
  return { query: query.value, body: body.value }
}

/** A route without a query takes none: an unknown filter must not look as if it had been applied. */
export function checkedQuery(shapes: RouteShapes, request: IncomingMessage): Checked {
  const given = queryOf(request)
  if ('faults' in given) return given
  if (shapes.query !== undefined) return shapes.query(given.fields)
  const names = Object.keys(given.fields)
  if (names.length > 0)
    throw wrongFields(names.map((name) => ({ pointer: queryPointer([name]), message: 'is not a known field' })))
  return { value: {} }
}

/** Throws for a route without a right, and for two at one address: the service must not start. */
export function checkRoutes(routes: readonly Route<never>[]): void {
  const seen = new Set<string>()
  for (const { method, path, right } of routes) {
    const name = `${method.toUpperCase()} ${path}`
    // The types demand a right; this is for code that goes around them.
    if (typeof right !== 'string' || !/^(public|signed-in|scope:\S+|[\w-]+\.[\w.-]+)$/.test(right))
      throw new Error(`${name} names no right.`)
    if (seen.has(name)) throw new Error(`${name} is declared twice.`)
    seen.add(name)
  }
}

/** Paths that are spelled out before those with parameters. */
export function bySpecificity(a: Route<never>, b: Route<never>): number {
  const [left, right] = [a.path.split('/'), b.path.split('/')]
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = Number(left[at]?.startsWith(':')) - Number(right[at]?.startsWith(':'))
    if (difference !== 0) return difference
  }
  return 0
}
