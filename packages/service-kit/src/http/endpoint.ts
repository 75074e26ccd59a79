/**
 * Endpoints as data: what a route is called, which right it needs, what goes in and out, and the action it runs.
 * From these come the checks, the answers, and the OpenAPI document; nothing about a route is written twice.
 *
 * The order of checks is fixed: token, right, location scope, `Idempotency-Key`, shape, then the action itself.
 */
import type { z } from 'zod'
import type {
  CommandRequest,
  CommandDeclaration,
  GroupedCommandDeclaration,
  RequestInput,
  Method,
  OperationDeclaration,
  OperationInput,
  QueryDeclaration,
  ScopeInput,
} from './endpoint.declarations.ts'
import type { Database, Tx } from '../database/transaction.ts'

type AnyCommand<P> = CommandDeclaration<P, string, z.ZodObject, z.ZodObject, z.ZodType, z.ZodType>
type AnyOperation<P> = OperationDeclaration<P, string, z.ZodObject, z.ZodObject, z.ZodType, z.ZodType>
type AnyQuery<P> = QueryDeclaration<P, string, z.ZodObject, z.ZodObject, z.ZodType>

/** A declared endpoint, its shapes erased: made by `command`, `query` or `operation`, mounted by the service. */
export interface Route<P = unknown>
  extends
    Omit<AnyCommand<P>, 'method' | 'status' | 'idempotency' | 'within' | 'before' | 'run'>,
    Pick<AnyOperation<P>, 'bodyShown' | 'bodiesShown' | 'accepts' | 'problemExtras' | 'problemMembers'>,
    Pick<AnyQuery<P>, 'formats'> {
  readonly kind: 'command' | 'query' | 'operation'
  readonly method: Method
  readonly status: number
  readonly idempotency: 'required' | 'none'
  readonly within?: (db: Database<P>, input: ScopeInput<unknown, unknown>) => Promise<boolean>
  readonly before?: (db: Database<P>, input: RequestInput<unknown, unknown, unknown>) => Promise<void>
  /** Set for commands. */
  readonly write?: (tx: Tx<P>, input: RequestInput<unknown, unknown, unknown>) => Promise<unknown>
  /** Set for grouped commands, instead. */
  readonly writeTogether?: (
    tx: Tx<P>,
    requests: readonly CommandRequest<unknown, unknown, unknown>[],
  ) => Promise<readonly unknown[]>
  /** Set for queries. */
  readonly read?: (db: Database<P>, input: RequestInput<unknown, unknown, unknown>) => Promise<unknown>
  /** Set for operations. */
  readonly operate?: (db: Database<P>, input: OperationInput<unknown, unknown, unknown>) => Promise<unknown>
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
