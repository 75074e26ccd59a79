/** The endpoints of documents, as far as they are the same for every kind: a slice names path, right, shape and decision. */
import { mayDo } from '@stockline/contracts'
import type { AnyDocument, HistoryStep, Stored } from '@stockline/documents'
import {
  retryIndividually,
  command,
  decodeCursor,
  encodeCursor,
  groupedCommand,
  isRefusal,
  page,
  pageOf,
  query,
  type Actor,
  type DeepReadonly,
  type Refusal,
  type RetryIndividually,
  type Right,
} from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Route, Tx } from '../database.ts'
import { scopeOf } from '../locations/location.actions.ts'
import type { Named } from '../products/product.actions.ts'
import { carryOut, type Command } from './document.command.actions.ts'
import { createByHand, type ByHand } from './document.hand.actions.ts'
import type { CarriedKind } from './document.save.actions.ts'
import { reasonBody } from './document.shapes.actions.ts'
import type { JudgedStore } from './document.stored.actions.ts'

type Prisma = Tx['prisma']

/** A document as it is answered. */
interface AnyAnswer {
  readonly id: string
  readonly status: string
}

/** A document in a list, with what the list is ordered by. */
interface AnyRow {
  readonly id: string
  readonly sortedBy: string
}

/** How documents of a kind are answered and listed: see `documentShapes` and `documentView`. */
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
  /** Where an answer has costs, which are not for everybody. */
  readonly costs?: {
    readonly standIn: (answer: Answer) => boolean
    /** What is left of it for those who may not see them. */
    readonly without: (answer: Answer) => DeepReadonly<Answer>
  }
}

/** A step on a document that is there. */
interface Step<Document, Body, KindEvent, Answer> extends Command<Document, Body, KindEvent> {
  readonly method?: 'patch'
  readonly path: `${string}/:id/${string}`
  readonly right: Right
  readonly summary: string
  readonly description?: string
  readonly body: z.ZodType<Body>
  readonly settled?: (
    db: Database,
    answers: readonly Answer[],
  ) => Promise<readonly (DeepReadonly<Answer> | Refusal | null)[]>
  readonly waits?: (answer: Answer, body: Body) => { readonly seconds: number; readonly answer: DeepReadonly<Answer> }
  readonly location?: (answer: Answer) => string
}

/** How a person makes a document, without an order. */
interface Make<Document, Body, Place> extends ByHand<Document, Body, Place> {
  readonly summary: string
  readonly body: z.ZodType<Body>
}

/** The endpoints of a kind: whole, or for the kind to complete with what is its own. */
export function documentEndpoints<
  Document extends AnyDocument,
  KindEvent,
  Answer extends AnyAnswer,
  Row extends AnyRow,
  Item,
>(kind: CarriedKind<Document, KindEvent, JudgedStore<Document, Row>>, shownAs: Shown<Document, Answer, Row, Item>) {
  const { one, store, unknown } = kind
  const { answer: answers } = shownAs.shapes
  const { path, location, answer, answerEach, again, settled } = answersOf(kind, shownAs)
  const change = { answers, version: 'required', within: store.actable, again } as const

  const step = <Body>({
    method,
    path: at,
    decide,
    names,
    places,
    ...declared
  }: Step<Document, Body, KindEvent, Answer>): Route => {
    const decided = { decide, ...(names && { names }), ...(places && { places }) }
    return groupedCommand<'/:id', Prisma, never, never, z.ZodType<Body>, z.ZodType<Answer>>({
      ...change,
      ...declared,
      method: method ?? 'post',
      // All that is read of the path here.
      path: at as '/:id',
      run: async (tx: Tx, requests) => answerEach(await carryOut(tx, kind, decided, requests), requests),
    })
  }

  return {
    list: listOf(kind, shownAs),
    show: showOf(kind, shownAs),
    /** Makes one by hand. */
    make: <Body extends { readonly lines: readonly Named[] }, Place>({
      placeFor,
      draft,
      ...declared
    }: Make<Document, Body, Place>): Route =>
      command<string, Prisma, never, never, z.ZodType<Body>, z.ZodType<Answer>>({
        ...declared,
        method: 'post',
        path,
        right: 'stockpicking.create',
        alsoAnswers: [404],
        answers,
        status: 201,
        location,
        again: async (db, first, actor) =>
          (await store.visible(db, { params: { id: first.id }, actor })) ? again(db, first, actor) : unknown(),
        run: async (tx: Tx, { body, actor }) =>
          answer(await createByHand(tx, kind, { placeFor, draft }, body, actor), actor),
      }),
    /** A step that a decision makes. */
    step,
    /** A step in which people on the floor enter what they counted or picked. */
    enter: <Body>(declared: Omit<Step<Document, Body, KindEvent, Answer>, 'method' | 'right'>): Route =>
      step({ ...declared, method: 'patch', right: 'stockpicking.write' }),
    /** Declared of a step that the ledger must answer before it is final. */
    posting: { settled, location },
    /** Cancels one. @param begun what a supervisor alone still cancels: `count it` */
    cancel: (begun: string, decide: Command<Document, z.output<typeof reasonBody>, KindEvent>['decide']): Route =>
      step({
        path: `${path}/:id/cancel`,
        right: `${one}.cancel`,
        summary: `Cancels a ${one}; once somebody has begun to ${begun}, that takes a supervisor`,
        body: reasonBody,
        decide,
      }),
    /** Declared of a step with an action of its own, which ends with {@link answer}. */
    change,
    answer,
  }
}

/** What every `listQuery` has. */
interface ListQuery {
  readonly cursor?: string
  readonly limit: number
  readonly sort: string
}

const cursorShape = z.tuple([z.string(), z.uuid()])

/** Lists what touches the actor's locations. */
function listOf<Document extends AnyDocument, KindEvent, Answer extends AnyAnswer, Row extends AnyRow, Item>(
  { many, store }: CarriedKind<Document, KindEvent, JudgedStore<Document, Row>>,
  { shapes, view }: Shown<Document, Answer, Row, Item>,
): Route {
  return query({
    path: `/v1/${many}`,
    right: 'stockpicking.read',
    summary: `Lists ${many} that touch your locations`,
    query: shapes.filters,
    answers: pageOf(shapes.summary),
    run: async (db: Database, { query: filters, actor }) => {
      const listed = filters as unknown as ListQuery
      const after = decodeCursor(listed.cursor, cursorShape)
      const found = await store.list(db, filters, { ...listed, scope: await scopeOf(db, actor), after })
      const { items, nextCursor } = page(found, listed.limit, (last) => encodeCursor(last.sortedBy, last.id))
      return { items: items.map(view.summary), nextCursor }
    },
  })
}

function showOf<Document extends AnyDocument, KindEvent, Answer extends AnyAnswer, Row extends AnyRow, Item>(
  kind: CarriedKind<Document, KindEvent, JudgedStore<Document, Row>>,
  shownAs: Shown<Document, Answer, Row, Item>,
): Route {
  const { one, store, unknown } = kind
  const { path, answer } = answersOf(kind, shownAs)
  return query<'/:id', Prisma, never, never, z.ZodType<Answer>>({
    path: `${path}/:id` as '/:id',
    right: 'stockpicking.read',
    summary: `Shows ${/^[aeiou]/.test(one) ? 'an' : 'a'} ${one}`,
    answers: shownAs.shapes.answer,
    within: store.visible,
    run: async (db: Database, { params, actor }) => {
      const [stored] = await store.read(db, [params.id])
      return answer(stored ?? unknown(), actor)
    },
  })
}

function answersOf<Document extends AnyDocument, KindEvent, Answer extends AnyAnswer, Row extends AnyRow, Item>(
  { many, store }: CarriedKind<Document, KindEvent>,
  { view, costs }: Shown<Document, Answer, Row, Item>,
) {
  const viewed = ({ document, history }: Stored<Document>, showCosts: boolean) =>
    view.answer(document, history, showCosts)
  const path = `/v1/${many}`
  const answer = (result: Stored<Document> | Refusal, actor: Actor) =>
    isRefusal(result) ? result : viewed(result, mayDo(actor, 'cost.read'))
  return {
    path,
    location: ({ id }: AnyAnswer) => `${path}/${id}`,
    answer,
    /** Of requests that were taken together, in their order. */
    answerEach: (
      results: readonly (Stored<Document> | Refusal | RetryIndividually)[],
      requests: readonly { readonly actor: Actor }[],
    ) =>
      results.map((result, index) => {
        const actor = requests[index]?.actor
        return result === retryIndividually || actor === undefined ? retryIndividually : answer(result, actor)
      }),
    /** A first answer may show costs that the actor who repeats the request may not see any more. */
    again: (_db: Database, first: Answer, actor: Actor) =>
      Promise.resolve(
        costs === undefined || mayDo(actor, 'cost.read') ? (first as DeepReadonly<Answer>) : costs.without(first),
      ),
    /** Documents that the ledger has answered, as they are now. Reads those of all waiting requests at once. */
    settled: async (db: Database, given: readonly Answer[]) => {
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
