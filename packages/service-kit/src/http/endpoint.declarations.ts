/** What a service declares of an endpoint: its path, its right, what goes in and out, and its action. */
import type { IncomingHttpHeaders } from 'node:http'
import type { z } from 'zod'
import type { HttpProblem, ProblemExtras } from './problem.ts'
import type { Refusal } from '../refusal.ts'
import type { RetryIndividually } from '../runtime/group-commit.ts'
import type { Database, Origin, Tx } from '../database/transaction.ts'

/** Who acts: a user by a session's token, a service client by its own, or the anonymous actor of a public route. */
export interface Actor {
  readonly id: string
  readonly name: string
  /** External ids of the user's groups; empty for clients. */
  readonly groups: readonly string[]
  /** Scopes of a service client; empty for users. */
  readonly scopes: readonly string[]
  /** The systems that a service client speaks for; absent where it may for all, and for users. */
  readonly sources?: readonly string[]
  readonly sessionId?: string
  readonly kind: 'user' | 'client' | 'anonymous'
}

/** The right that a route needs. `public` needs no token, `signed-in` any valid one. */
export type Right = 'public' | 'signed-in' | `scope:${string}` | `${string}.${string}`

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

type PathNames<Path extends string> = Path extends `${string}:${infer Rest}`
  ? Rest extends `${infer Name}/${infer Tail}`
    ? Name | PathNames<`/${Tail}`>
    : Rest
  : never

/** No fields at all. `object` would not do: nothing may be read from it, but it is a shape. */
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- that is what it is for
export type NoFields = Record<never, never>

type ParamsOf<Path extends string, Params extends z.ZodObject> = [Params] extends [never]
  ? { readonly [Name in PathNames<Path>]: string }
  : z.output<Params>
type QueryOf<Query extends z.ZodObject> = [Query] extends [never] ? NoFields : z.output<Query>
type BodyOf<Body extends z.ZodType> = [Body] extends [never] ? undefined : z.output<Body>

/** The same shape, read only all the way down: what an action may return for a schema. */
export type DeepReadonly<T> = T extends string | number | bigint | boolean | null | undefined | Date | Uint8Array
  ? T
  : T extends readonly (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
      : T

/** What an action is given besides its transaction. Everything is checked. */
export interface RequestInput<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly actor: Actor
  /** From `If-Match: "5"`; undefined when the header is absent. Check it with `versionRefusal`. */
  readonly version: number | undefined
  /** Address of the client, as the trusted origin in front reports it. */
  readonly address: string
}

/** What is known when the location scope is checked: no body yet. */
export type ScopeInput<Params, Query> = Pick<RequestInput<Params, Query, undefined>, 'params' | 'query' | 'actor'>

interface Declared<P, Path extends string, Params extends z.ZodObject, Query extends z.ZodObject> {
  /** With names after a colon: `/v1/receipts/:id/validate`. */
  readonly path: Path
  readonly right: Right
  /** One line for the reference. */
  readonly summary: string
  /** Longer text for the reference, in Markdown. */
  readonly description?: string
  /** Shape of the path's parameters. Without it: `id` and names ending in `Id` are UUIDs, all others plain text. */
  readonly params?: Params
  readonly query?: Query
  /** Location scope: `false` answers 404, as if it were not there. Checked before the body is read. */
  readonly within?: (db: Database<P>, input: ScopeInput<ParamsOf<Path, Params>, QueryOf<Query>>) => Promise<boolean>
  /** Problems that the action answers and that do not follow from this declaration, for the reference. */
  readonly alsoAnswers?: readonly (401 | 403 | 404 | 409 | 429)[]
}

/** What all writes declare. */
interface Write<Body extends z.ZodType, Answers extends z.ZodType> {
  readonly method: Exclude<Method, 'get'>
  /** Shape of the body. Fields it does not name are refused. Without it the body is ignored. */
  readonly body?: Body
  /** Shape of the answer; left out for 204. It is documented, not checked: an answer is ours. */
  readonly answers?: Answers
  /** Status of success. Default 200, or 204 without `answers`. */
  readonly status?: 200 | 201 | 202 | 204
}

/** What a request waits for. */
export interface Waits<Answer> {
  /** Without `Prefer`; 0 where the answer is final. */
  readonly seconds: number
  /** The answer as `settled` gets it. */
  readonly answer: Answer
}

/** Declares a write. See {@link command}. */
export interface CommandDeclaration<
  P,
  Path extends string,
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answers extends z.ZodType,
>
  extends Declared<P, Path, Params, Query>, Write<Body, Answers> {
  /** Does it read `If-Match`? The action decides with `versionRefusal`; this documents it. Default: not read. */
  readonly version?: 'required' | 'optional'
  /** Default `required`: the client sends an `Idempotency-Key`, and a repeat gets the first answer. */
  readonly idempotency?: 'required' | 'none'
  /** Nothing of the body is stored, so texts that a database cannot store are accepted. Default: they are refused. */
  readonly keepsNothing?: boolean
  /** What is waited for before the transaction begins: meanwhile nothing is held, neither a connection nor a lock. */
  readonly before?: (
    db: Database<P>,
    input: RequestInput<ParamsOf<Path, Params>, QueryOf<Query>, BodyOf<Body>>,
  ) => Promise<void>
  /** The action, in the one transaction. A refusal, returned or thrown as `Refused`, rolls back. */
  readonly run: (
    tx: Tx<P>,
    input: RequestInput<ParamsOf<Path, Params>, QueryOf<Query>, BodyOf<Body>>,
  ) => Promise<DeepReadonly<z.output<Answers>> | Refusal>
  /**
   * For `Prefer: wait`: the final documents of those answers, `null` where it is not decided yet, in the same order. A refusal is
   * answered in place of a document that was refused meanwhile. One call serves all waiting requests of this route.
   */
  readonly settled?: (
    db: Database<P>,
    answers: readonly z.output<Answers>[],
  ) => Promise<readonly (DeepReadonly<z.output<Answers>> | Refusal | null)[]>
  /** What a request waits for where that is not all of its answer, and for how long without `Prefer`. */
  readonly waits?: (answer: z.output<Answers>, body: BodyOf<Body>) => Waits<DeepReadonly<z.output<Answers>>>
  /** Other forms of the answer, by media type, chosen by `Accept`, as a read has them. */
  readonly formats?: Readonly<Record<string, (answer: z.output<Answers>) => string>>
  /** Where the document is found: `Location` of a 201 or 202. A path without the service's prefix. */
  readonly location?: (answer: z.output<Answers>) => string
  /**
   * The first answer, as it may be given to who repeats the request and may have lost rights since. Right and location
   * scope are judged anew before; this judges what they cannot: where a document is that was made without `within`,
   * and what of it is not for everybody. Without it, the first answer is given as it was.
   */
  readonly again?: (
    db: Database<P>,
    answer: z.output<Answers>,
    actor: Actor,
  ) => Promise<DeepReadonly<z.output<Answers>> | Refusal>
  /**
   * Completes an answer once the transaction is through and holds nothing any more; also one that is given again. What it adds is as it is
   * then, and not kept with the key.
   */
  readonly completed?: (
    db: Database<P>,
    answer: DeepReadonly<z.output<Answers>>,
    actor: Actor,
  ) => Promise<DeepReadonly<z.output<Answers>>>
}

/** One of the requests that a grouped command takes together. */
export interface CommandRequest<Params, Query, Body> extends RequestInput<Params, Query, Body> {
  /** Who and what began it. `tx.origin` is no single request's here: give this one's to events and history. */
  readonly origin: Origin
}

/** Declares a write that comes in many requests at once. See {@link groupedCommand}. */
export interface GroupedCommandDeclaration<
  P,
  Path extends string,
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answers extends z.ZodType,
> extends Omit<CommandDeclaration<P, Path, Params, Query, Body, Answers>, 'before' | 'run' | 'idempotency'> {
  /**
   * The action, for requests about different documents, in one transaction. Their answers in the same order. A refusal
   * refuses its own request alone, so that nothing may be written for it; `retryIndividually` leaves a request to a transaction of
   * its own, which calls the action again for it alone. What it throws fails the group, whose members are then taken one by one.
   */
  readonly run: (
    tx: Tx<P>,
    asked: readonly CommandRequest<ParamsOf<Path, Params>, QueryOf<Query>, BodyOf<Body>>[],
  ) => Promise<readonly (DeepReadonly<z.output<Answers>> | Refusal | RetryIndividually)[]>
}

/** Declares a read. See {@link query}. */
export interface QueryDeclaration<
  P,
  Path extends string,
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Answers extends z.ZodType,
> extends Declared<P, Path, Params, Query> {
  readonly answers: Answers
  readonly run: (
    db: Database<P>,
    input: Omit<RequestInput<ParamsOf<Path, Params>, QueryOf<Query>, undefined>, 'body' | 'version'>,
  ) => Promise<DeepReadonly<z.output<Answers>> | Refusal>
  /** Other forms of the answer, by media type, chosen by `Accept`: `{ 'text/csv': toCsv }`. JSON is the default. */
  readonly formats?: Readonly<Record<string, (answer: z.output<Answers>) => string>>
}

/** What an operation is given: the request as it came, besides what was checked. */
export interface OperationInput<Params, Query, Body> extends RequestInput<Params, Query, Body> {
  readonly headers: IncomingHttpHeaders
  /** The bytes of the body. */
  readonly rawBody: Buffer
  readonly origin: Origin
}

/** Declares a write that looks after its own transactions. See {@link operation}. */
export interface OperationDeclaration<
  P,
  Path extends string,
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answers extends z.ZodType,
>
  extends Declared<P, Path, Params, Query>, Write<Body, Answers> {
  /** Shape of the body for the reference, where the action checks it itself, or takes more than `body` requires. */
  readonly bodyShown?: z.ZodType
  /** Further forms of the body, by media type, for the reference. */
  readonly bodiesShown?: Readonly<Record<string, z.ZodType>>
  /** Media type of the body. Default `application/json`. A form arrives as an object of texts. */
  readonly accepts?: 'application/json' | 'application/x-www-form-urlencoded' | 'application/cloudevents+json'
  /** What another standard, such as OAuth, wants in an error besides the problem. */
  readonly problemExtras?: (problem: HttpProblem) => ProblemExtras
  /** Shape of the members that `problemExtras` adds, for the reference; its `id` names the whole. */
  readonly problemMembers?: z.ZodObject
  readonly run: (
    db: Database<P>,
    input: OperationInput<ParamsOf<Path, Params>, QueryOf<Query>, BodyOf<Body>>,
  ) => Promise<DeepReadonly<z.output<Answers>> | Refusal>
}
