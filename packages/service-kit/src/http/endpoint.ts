/**
 * Endpoints as data: what a route is called, which right it needs, what goes in and out, and the action it runs.
 * From these come the checks, the answers, and the OpenAPI document; nothing about a route is written twice.
 *
 * The order of checks is fixed: token, right, location scope, `Idempotency-Key`, shape, then the action itself.
 */
import type { z } from 'zod'
import type {
  Actor,
  Asked,
  CommandDeclaration,
  GroupedCommandDeclaration,
  Input,
  Method,
  OperationDeclaration,
  OperationInput,
  QueryDeclaration,
  Right,
  ScopeInput,
  Waits,
} from './endpoint.declarations.ts'
import type { HttpProblem, ProblemExtras } from './problem.ts'
import type { Database, Tx } from '../database/transaction.ts'

/** A declared endpoint, its shapes erased: made by `command`, `query` or `operation`, mounted by the service. */
export interface Route<P = unknown> {
  readonly kind: 'command' | 'query' | 'operation'
  readonly method: Method
  readonly path: string
  readonly right: Right
  readonly summary: string
  readonly description?: string
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  readonly bodyShown?: z.ZodType
  readonly bodiesShown?: Readonly<Record<string, z.ZodType>>
  readonly answers?: z.ZodType
  readonly accepts?: string
  readonly status: number
  readonly version?: 'required' | 'optional'
  readonly idempotency: 'required' | 'none'
  readonly keepsNothing?: boolean
  readonly within?: (db: Database<P>, input: ScopeInput<unknown, unknown>) => Promise<boolean>
  /** Set for commands. */
  readonly write?: (tx: Tx<P>, input: Input<unknown, unknown, unknown>) => Promise<unknown>
  /** Set for grouped commands, instead. */
  readonly writeTogether?: (
    tx: Tx<P>,
    asked: readonly Asked<unknown, unknown, unknown>[],
  ) => Promise<readonly unknown[]>
  /** Set for queries. */
  readonly read?: (db: Database<P>, input: Input<unknown, unknown, unknown>) => Promise<unknown>
  /** Set for operations. */
  readonly operate?: (db: Database<P>, input: OperationInput<unknown, unknown, unknown>) => Promise<unknown>
  readonly settled?: (db: Database<P>, answers: readonly unknown[]) => Promise<readonly unknown[]>
  readonly waits?: (answer: unknown, body: unknown) => Waits<unknown>
  readonly location?: (answer: unknown) => string
  readonly again?: (db: Database<P>, answer: unknown, actor: Actor) => Promise<unknown>
  readonly formats?: Readonly<Record<string, (answer: unknown) => string>>
  readonly problemExtras?: (problem: HttpProblem) => ProblemExtras
  readonly problemMembers?: z.ZodObject
  readonly alsoAnswers?: readonly number[]
}

/**
 * A write in one transaction: the idempotency key, the action and its events commit together or not at all.
 *
 * ```ts
 * export const validateReceipt = command({
 *   method: 'post', path: '/v1/receipts/:id/validate', right: 'receipt.validate', summary: 'Validates a receipt',
 *   body: validateBody, answers: receiptAnswer, version: 'required', settled: receiptsSettled,
 *   run: (tx: Tx, { params, body, actor, version }) => validate(tx, params.id, body, actor, version),
 * })
 * ```
 */
export function command<
  Path extends string,
  P = unknown,
  Params extends z.ZodObject = never,
  Query extends z.ZodObject = never,
  Body extends z.ZodType = never,
  Answers extends z.ZodType = z.ZodVoid,
>(declared: CommandDeclaration<P, Path, Params, Query, Body, Answers>): Route<P> {
  const { run, ...rest } = declared
  return erased<P>({
    ...rest,
    kind: 'command',
    status: successOf(declared),
    idempotency: declared.idempotency ?? 'required',
    write: run,
  })
}

/**
 * A command whose requests, where many come at once, are taken together in one transaction: what a transaction costs is
 * shared by them. Each has its own key, answer and refusal, as if it had come alone.
 */
export function groupedCommand<
  Path extends string,
  P = unknown,
  Params extends z.ZodObject = never,
  Query extends z.ZodObject = never,
  Body extends z.ZodType = never,
  Answers extends z.ZodType = z.ZodVoid,
>(declared: GroupedCommandDeclaration<P, Path, Params, Query, Body, Answers>): Route<P> {
  const { run, ...rest } = declared
  return erased<P>({
    ...rest,
    kind: 'command',
    status: successOf(declared),
    idempotency: 'required',
    writeTogether: run,
  })
}

/** A read. No transaction, no `Idempotency-Key`; `ETag` where the answer has a number in `version`. */
export function query<
  Path extends string,
  P = unknown,
  Params extends z.ZodObject = never,
  Query extends z.ZodObject = never,
  Answers extends z.ZodType = z.ZodUnknown,
>(declared: QueryDeclaration<P, Path, Params, Query, Answers>): Route<P> {
  const { run, ...rest } = declared
  return erased<P>({ ...rest, kind: 'query', method: 'get', status: 200, idempotency: 'none', read: run })
}

/**
 * A write that opens its own transactions, or none: taking events in, logging in (a failed try must be remembered,
 * so a refusal must not roll it back). It takes no `Idempotency-Key`.
 */
export function operation<
  Path extends string,
  P = unknown,
  Params extends z.ZodObject = never,
  Query extends z.ZodObject = never,
  Body extends z.ZodType = never,
  Answers extends z.ZodType = z.ZodVoid,
>(declared: OperationDeclaration<P, Path, Params, Query, Body, Answers>): Route<P> {
  const { run, ...rest } = declared
  return erased<P>({
    ...rest,
    kind: 'operation',
    status: successOf(declared),
    idempotency: 'none',
    operate: run,
  })
}

function successOf({ status, answers }: { readonly status?: number; readonly answers?: z.ZodType }): number {
  return status ?? (answers === undefined ? 204 : 200)
}

/** The mount checks every shape before it calls, so that forgetting the types here is safe: the one such place. */
function erased<P>(route: object): Route<P> {
  return route as Route<P>
}
