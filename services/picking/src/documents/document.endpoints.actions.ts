/** The endpoints of documents, as far as they are the same for every kind: a slice names path, right, shape and decision. */
import { mayDo } from '@stockline/contracts'
import type { AnyDocument, DocumentStore, Stored } from '@stockline/documents'
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
  type Right,
} from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Route, Tx } from '../database.ts'
import { scopeOf } from '../locations/location.actions.ts'
import { carryOut, type Command } from './document.command.actions.ts'
import type { CarriedKind } from './document.save.actions.ts'

type Prisma = Tx['prisma']

/** A document as it is answered. */
interface AnyAnswer {
  readonly id: string
  readonly status: string
}

/** How documents of a kind are shown. */
export interface Shown<Document, Answer extends AnyAnswer> {
  /** Where they are listed, as in `/v1/receipts`. */
  readonly path: string
  readonly answers: z.ZodType<Answer>
  readonly view: (stored: Stored<Document>, showCosts: boolean) => DeepReadonly<Answer>
  /** Where an answer has costs, which are not for everybody. */
  readonly costs?: {
    readonly standIn: (answer: Answer) => boolean
    /** What is left of it for those who may not see them. */
    readonly without: (answer: Answer) => DeepReadonly<Answer>
  }
}

/** A step on a document that is there. */
interface Step<Document, Body, Told, Answer> extends Command<Document, Body, Told> {
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

/** What the endpoints of a kind are made of. */
export function documentEndpoints<Document extends AnyDocument, Told, Answer extends AnyAnswer>(
  kind: CarriedKind<Document, Told>,
  shownAs: Shown<Document, Answer>,
) {
  const { store, unknown } = kind
  const { path, answers } = shownAs
  const { shown, again, settled } = answersOf(kind, shownAs)
  const location = ({ id }: AnyAnswer) => `${path}/${id}`
  const answer = (result: Stored<Document> | Refusal, actor: Actor) =>
    isRefusal(result) ? result : shown(result, actor)
  const change = { answers, version: 'required', within: store.actable, again } as const

  return {
    /** What is declared of every change to a document that is there; of those with an action of their own. */
    change,
    /** And of those that the ledger must answer before they are final. */
    posting: { settled, location },
    answer,
    /** A change that a decision makes. */
    step: <Body>({
      method,
      path: at,
      decide,
      names,
      places,
      ...declared
    }: Step<Document, Body, Told, Answer>): Route => {
      const decided = { decide, ...(names && { names }), ...(places && { places }) }
      return groupedCommand<'/:id', Prisma, never, never, z.ZodType<Body>, z.ZodType<Answer>>({
        ...change,
        ...declared,
        method: method ?? 'post',
        // All that is asked of the path here.
        path: at as '/:id',
        run: async (tx: Tx, asked) => {
          const results = await carryOut(tx, kind, decided, asked)
          return results.map((result, index) => {
            const actor = asked[index]?.actor
            return result === retryIndividually || actor === undefined ? retryIndividually : answer(result, actor)
          })
        },
      })
    },
    list: <Row extends Listed, Item>(declared: List<Row, Item>): Route => listOf(path, declared),
    show: (summary: string): Route =>
      query<'/:id', Prisma, never, never, z.ZodType<Answer>>({
        path: `${path}/:id` as '/:id',
        right: 'stockpicking.read',
        summary,
        answers,
        within: store.visible,
        run: async (db: Database, { params, actor }) => {
          const [stored] = await store.read(db, [params.id])
          return stored === undefined ? unknown() : shown(stored, actor)
        },
      }),
    /** A document that a person makes. */
    make: <Body>({ run, ...declared }: Make<Document, Body>): Route =>
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
        run: async (tx: Tx, { body, actor }) => answer(await run(tx, body, actor), actor),
      }),
  }
}

/** A document in a list, with what the list is ordered by. */
interface Listed {
  readonly id: string
  readonly sortedBy: string
}

interface List<Row extends Listed, Item> {
  readonly summary: string
  /** A `listQuery` with the filters of the kind. */
  readonly query: z.ZodObject
  readonly item: z.ZodType<Item>
  readonly rows: DocumentStore<never, Row>['list']
  readonly itemOf: (row: Row) => DeepReadonly<Item>
}

/** What every `listQuery` has. */
interface ListQuery {
  readonly cursor?: string
  readonly limit: number
  readonly sort: string
}

const cursorShape = z.tuple([z.string(), z.uuid()])

/** Lists what touches the locations of whoever asks. */
function listOf<Row extends Listed, Item>(
  path: string,
  { query: filters, item, rows, itemOf, ...declared }: List<Row, Item>,
): Route {
  return query({
    ...declared,
    path,
    right: 'stockpicking.read',
    query: filters,
    answers: pageOf(item),
    run: async (db: Database, { query: given, actor }) => {
      const asked = given as unknown as ListQuery
      const after = decodeCursor(asked.cursor, cursorShape)
      const found = await rows(db, given, { ...asked, scope: await scopeOf(db, actor), after })
      const { items, nextCursor } = page(found, asked.limit, (last) => encodeCursor(last.sortedBy, last.id))
      return { items: items.map(itemOf), nextCursor }
    },
  })
}

interface Make<Document, Body> {
  readonly summary: string
  readonly body: z.ZodType<Body>
  readonly run: (tx: Tx, body: Body, actor: Actor) => Promise<Stored<Document> | Refusal>
}

function answersOf<Document extends AnyDocument, Told, Answer extends AnyAnswer>(
  { store }: CarriedKind<Document, Told>,
  { view, costs }: Shown<Document, Answer>,
) {
  return {
    shown: (stored: Stored<Document>, actor: Actor) => view(stored, mayDo(actor, 'cost.read')),
    /** A first answer may show costs that whoever repeats the request may not see any more. */
    again: (_db: Database, first: Answer, actor: Actor) =>
      Promise.resolve(
        costs === undefined || mayDo(actor, 'cost.read') ? (first as DeepReadonly<Answer>) : costs.without(first),
      ),
    /** Documents that the ledger has answered, as they are now. All waiting requests are asked for at once. */
    settled: async (db: Database, given: readonly Answer[]) => {
      const waiting = given.filter(({ status }) => status === 'posting').map(({ id }) => id)
      const now = await store.answered(db, waiting)
      return given.map((each) => {
        if (each.status !== 'posting') return each as DeepReadonly<Answer>
        const stored = now.get(each.id)
        return stored === undefined ? null : view(stored, costs?.standIn(each) === true)
      })
    },
  }
}
