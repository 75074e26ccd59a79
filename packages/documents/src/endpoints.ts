/** The endpoints of documents, as far as they are the same for every kind: a slice names path, right, shape and action. */
import { mayDo } from '@stockline/contracts'
import type { LocationScope } from '@stockline/contracts/locations'
import {
  command,
  decodeCursor,
  encodeCursor,
  groupedCommand,
  isRefusal,
  page,
  pageOf,
  query,
  retryIndividually,
  type Actor,
  type Database,
  type DeepReadonly,
  type Refusal,
  type Right,
  type Route,
  type Tx,
} from '@stockline/service-kit'
import { z } from 'zod'
import type { DocumentRequest, Outcome } from './carry.ts'
import type { AnyDocument, Reader, Stored } from './document.ts'
import type { HistoryStep } from './history.ts'
import type { SavedKind } from './save.ts'
import type { AskedFor, DocumentStore } from './store.ts'

/** A document as it is answered. */
export interface AnyAnswer {
  readonly id: string
  readonly status: string
}

/** A document in a list, with what the list is ordered by. */
export interface AnyRow {
  readonly id: string
  readonly sortedBy: string
}

/** How documents of a kind are answered and listed. */
export interface Shown<Document, Answer extends AnyAnswer, Row extends AnyRow, Item> {
  readonly shapes: {
    readonly answer: z.ZodType<Answer>
    readonly summary: z.ZodType<Item>
    readonly filters: z.ZodObject
  }
  readonly view: {
    readonly answer: (document: Document, history: readonly HistoryStep[], showCosts: boolean) => DeepReadonly<Answer>
    readonly summary: (row: Row) => DeepReadonly<Item>
  }
  /**
   * Adds to an answer what is not on the document, and takes away what this actor may not see of it. After the transaction, of the
   * document as it is then.
   */
  readonly complete?: (
    db: Reader,
    answer: DeepReadonly<Answer>,
    document: Document,
    actor: Actor,
  ) => Promise<DeepReadonly<Answer>>
  /** Where an answer has costs, which are not for everybody. */
  readonly costs?: {
    readonly standIn: (answer: Answer) => boolean
    /** What is left of it for those who may not see them. */
    readonly without: (answer: Answer) => DeepReadonly<Answer>
  }
}

/** A kind, and what its service knows of people. */
export interface Served<Document, KindEvent, Known, Row extends object, Prisma> {
  readonly kind: SavedKind<Document, KindEvent, Known, DocumentStore<Document, Row>>
  /** In the rights, `stockpicking`: `stockpicking.read` is needed to list and show, `stockpicking.create` to make one. */
  readonly model: string
  /** Where the actor may act. */
  readonly scopeOf: (db: Database<Prisma>, actor: Actor) => Promise<LocationScope>
}

/** What a step on a document that is there declares. */
export interface StepDeclaration<Body, Answer, Prisma> {
  readonly method?: 'put' | 'patch' | 'delete'
  readonly path: `${string}/:id` | `${string}/:id/${string}`
  readonly right: Right
  readonly summary: string
  readonly description?: string
  readonly body: z.ZodType<Body>
  readonly settled?: (
    db: Database<Prisma>,
    answers: readonly Answer[],
  ) => Promise<readonly (DeepReadonly<Answer> | Refusal | null)[]>
  readonly waits?: (answer: Answer, body: Body) => { readonly seconds: number; readonly answer: DeepReadonly<Answer> }
  readonly location?: (answer: Answer) => string
  /** Where the actor must be assigned, if not to all of the document's places. */
  readonly within?: (db: Reader, asked: AskedFor) => Promise<boolean>
}

/** What is declared where a person makes a document, besides what it does. */
export interface Making<Body, Answer, Prisma> extends Pick<
  StepDeclaration<Body, Answer, Prisma>,
  'summary' | 'description' | 'body' | 'settled'
> {
  /** Where it is not the list's. */
  readonly path?: `/v1/${string}`
  /** Where it is not the right to make any of the model. */
  readonly right?: Right
}

/** What is declared where a person makes a document. */
interface MakeDeclaration<Document, Body, Answer, Prisma> extends Making<Body, Answer, Prisma> {
  readonly run: (
    tx: Tx<Prisma>,
    request: { readonly body: Body; readonly actor: Actor },
  ) => Promise<Stored<Document> | Refusal>
}

/** Runs several requests in one transaction: an outcome for each, in their order. */
interface Together<Document, Body, Prisma> {
  readonly run: (tx: Tx<Prisma>, requests: readonly DocumentRequest<Body>[]) => Promise<readonly Outcome<Document>[]>
}

/** Runs each request in a transaction of its own. */
interface Alone<Document, Body, Prisma> {
  readonly runAlone: (tx: Tx<Prisma>, request: DocumentRequest<Body>) => Promise<Stored<Document> | Refusal>
}

/** How a step is run. */
type Carried<Document, Body, Prisma> = Together<Document, Body, Prisma> | Alone<Document, Body, Prisma>

/** The endpoints of a kind: whole, or for the service to complete with how its decisions are carried out. */
export function endpointsOf<
  Document extends AnyDocument,
  KindEvent,
  Known,
  Answer extends AnyAnswer,
  Row extends AnyRow,
  Item,
  Prisma,
>(served: Served<Document, KindEvent, Known, Row, Prisma>, shownAs: Shown<Document, Answer, Row, Item>) {
  const { store, unknown } = served.kind
  const { answer: answers } = shownAs.shapes
  const { path, location, answer, answerEach, again, completing, settled } = answersOf(served.kind, shownAs)
  const change = { answers, version: 'required', within: store.actable, again, ...completing } as const

  return {
    list: listOf(served, shownAs),
    show: showOf(served, shownAs),
    /** Makes one. */
    make: <Body>({ run, ...declared }: MakeDeclaration<Document, Body, Answer, Prisma>): Route<Prisma> =>
      command<string, Prisma, never, never, z.ZodType<Body>, z.ZodType<Answer>>({
        path,
        right: `${served.model}.create`,
        ...declared,
        method: 'post',
        alsoAnswers: [404],
        answers,
        status: 201,
        location,
        ...completing,
        again: async (db, first, actor) =>
          (await store.visible(db, { params: { id: first.id }, actor })) ? again(db, first, actor) : unknown(),
        run: async (tx, { body, actor }) => answer(await run(tx, { body, actor }), actor),
      }),
    /** A step on one that is there: requests that come at the same moment are taken together, or each by itself. */
    step: <Body>({
      method,
      path: at,
      ...declared
    }: StepDeclaration<Body, Answer, Prisma> & Carried<Document, Body, Prisma>): Route<Prisma> => {
      // All that is read of the path here.
      const common = { ...change, method: method ?? 'post', path: at as '/:id' } as const
      if ('run' in declared) {
        const { run, ...rest } = declared
        return groupedCommand<'/:id', Prisma, never, never, z.ZodType<Body>, z.ZodType<Answer>>({
          ...common,
          ...rest,
          run: async (tx, requests) => answerEach(await run(tx, requests), requests),
        })
      }
      const { runAlone, ...rest } = declared
      return command<'/:id', Prisma, never, never, z.ZodType<Body>, z.ZodType<Answer>>({
        ...common,
        ...rest,
        run: async (tx, request) => answer(await runAlone(tx, { ...request, origin: tx.origin }), request.actor),
      })
    },
    /** Declared of a step that the ledger must answer before it is final. */
    posting: { settled, location },
    /** Declared of a step with an action of its own, which ends with `answer`. */
    change,
    answer,
  }
}

/** `status_changes`, as its tables are called, is `/v1/status-changes`. */
function pathOf(many: string): string {
  return `/v1/${many.replaceAll('_', '-')}`
}

/** What every `listQuery` has. */
interface ListQuery {
  readonly cursor?: string
  readonly limit: number
  readonly sort: string
}

const cursorShape = z.tuple([z.string(), z.uuid()])

/** Lists what touches the actor's locations. */
function listOf<
  Document extends AnyDocument,
  KindEvent,
  Known,
  Answer extends AnyAnswer,
  Row extends AnyRow,
  Item,
  Prisma,
>(
  { kind: { many, store }, model, scopeOf }: Served<Document, KindEvent, Known, Row, Prisma>,
  { shapes, view }: Shown<Document, Answer, Row, Item>,
): Route<Prisma> {
  return query({
    path: pathOf(many),
    right: `${model}.read`,
    summary: `Lists ${many.replaceAll('_', ' ')} that touch your locations`,
    query: shapes.filters,
    answers: pageOf(shapes.summary),
    run: async (db: Database<Prisma>, { query: filters, actor }) => {
      const listed = filters as unknown as ListQuery
      const after = decodeCursor(listed.cursor, cursorShape)
      const found = await store.list(db, filters, { ...listed, scope: await scopeOf(db, actor), after })
      const { items, nextCursor } = page(found, listed.limit, (last) => encodeCursor(last.sortedBy, last.id))
      return { items: items.map(view.summary), nextCursor }
    },
  })
}

function showOf<
  Document extends AnyDocument,
  KindEvent,
  Known,
  Answer extends AnyAnswer,
  Row extends AnyRow,
  Item,
  Prisma,
>(
  { kind, model }: Served<Document, KindEvent, Known, Row, Prisma>,
  shownAs: Shown<Document, Answer, Row, Item>,
): Route<Prisma> {
  const { one, store, unknown } = kind
  const { path, answer, completing } = answersOf(kind, shownAs)
  return query<'/:id', Prisma, never, never, z.ZodType<Answer>>({
    path: `${path}/:id` as '/:id',
    right: `${model}.read`,
    summary: `Shows ${/^[aeiou]/.test(one) ? 'an' : 'a'} ${one.replaceAll('_', ' ')}`,
    answers: shownAs.shapes.answer,
    within: store.visible,
    run: async (db, { params, actor }) => {
      const [stored] = await store.read(db, [params.id])
      const answered = answer(stored ?? unknown(), actor)
      return isRefusal(answered) ? answered : (completing.completed?.(db, answered, actor) ?? answered)
    },
  })
}

function answersOf<Document extends AnyDocument, KindEvent, Known, Answer extends AnyAnswer, Row extends AnyRow, Item>(
  { many, store }: SavedKind<Document, KindEvent, Known>,
  { view, costs, complete }: Shown<Document, Answer, Row, Item>,
) {
  const viewed = ({ document, history }: Stored<Document>, showCosts: boolean) =>
    view.answer(document, history, showCosts)
  const path = pathOf(many)
  const answer = (result: Stored<Document> | Refusal, actor: Actor) =>
    isRefusal(result) ? result : viewed(result, mayDo(actor, 'cost.read'))
  return {
    path,
    location: ({ id }: AnyAnswer) => `${path}/${id}`,
    answer,
    /** Declared of what answers: how it is completed, where it is. */
    completing: complete === undefined ? {} : { completed: completedBy(store, complete) },
    /** Of requests that were taken together, in their order. */
    answerEach: (results: readonly Outcome<Document>[], requests: readonly { readonly actor: Actor }[]) =>
      results.map((result, index) => {
        const actor = requests[index]?.actor
        return result === retryIndividually || actor === undefined ? retryIndividually : answer(result, actor)
      }),
    /** A first answer may show costs that the actor who repeats the request may not see any more. */
    again: (_db: Reader, first: Answer, actor: Actor) =>
      Promise.resolve(
        costs === undefined || mayDo(actor, 'cost.read') ? (first as DeepReadonly<Answer>) : costs.without(first),
      ),
    /** Documents that the ledger has answered, as they are now. Reads those of all waiting requests at once. */
    settled: async (db: Reader, given: readonly Answer[]) => {
      const waiting = given.filter(({ status }) => status === 'posting').map(({ id }) => id)
      const now = await store.answered(db, waiting)
      return given.map((each) => {
        if (each.status !== 'posting') return each as DeepReadonly<Answer>
        const stored = now.get(each.id)
        return stored === undefined ? null : viewed(stored, costs?.standIn(each) === true)
      })
    },
  }
}

/** Completes an answer by the document as it is now. */
function completedBy<Document extends AnyDocument, Answer extends AnyAnswer>(
  store: Pick<DocumentStore<Document, never>, 'read'>,
  complete: NonNullable<Shown<Document, Answer, never, never>['complete']>,
) {
  return async (db: Reader, answered: DeepReadonly<Answer>, actor: Actor) => {
    const { id } = answered as AnyAnswer
    const [stored] = await store.read(db, [id])
    if (stored === undefined) throw new Error(`Document ${id} was answered and is not there.`)
    return complete(db, answered, stored.document, actor)
  }
}
