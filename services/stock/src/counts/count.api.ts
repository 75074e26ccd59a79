/** Count sheets over HTTP. */
import { mayDo } from '@stockline/contracts'
import type { Stored } from '@stockline/documents'
import { shownBy } from '@stockline/documents/declaration'
import { formatQuantity } from '@stockline/amounts'
import {
  command,
  decodeCursor,
  encodeCursor,
  isRefusal,
  page,
  pageOf,
  query,
  type Actor,
  type DeepReadonly,
  type Refusal,
  type Right,
  type Route as KitRoute,
} from '@stockline/service-kit'
import { z } from 'zod'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Database, PrismaClient, Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { assignSheet, cancelSheet, countSheets, enterCounts, makeSheet, type SheetRequest } from './count.actions.ts'
import { countSheetKind } from './count.fields.ts'
import {
  assigneeBody,
  cancelBody,
  countLinesBody,
  newSheetBody,
  recountBody,
  sheetAnswer,
  sheetQuery,
  sheetSummary,
  submitBody,
  type SheetAnswer,
} from './count.shapes.api.ts'
import { awaitFloor, recountSheet, submitSheet } from './count.submit.actions.ts'
import { amountsOf, seesExpected, type CountSheet } from './count.ts'

type Route = KitRoute<PrismaClient>

const [ofHead, ofLine] = [shownBy(countSheetKind.fields.head), shownBy(countSheetKind.fields.line)]
const { store, unknown } = countSheets
const path = '/v1/count-sheets'

/** A sheet as this actor sees it: whoever counts blind does not see what is expected. */
function shown(result: Stored<CountSheet> | Refusal, actor: Actor): DeepReadonly<SheetAnswer> | Refusal {
  if (isRefusal(result)) return result
  const { document: sheet, history } = result
  const sees = seesExpected(sheet, { by: actor, may: (right) => mayDo(actor, right) })
  return {
    ...ofHead.show(sheet),
    lines: sheet.lines.map((line) => {
      const { expected, difference } = amountsOf(line, sees)
      return {
        line: line.line,
        ...ofLine.show(line),
        expected: expected === null ? null : formatQuantity(expected),
        difference: difference === null ? null : formatQuantity(difference),
      }
    }),
    history,
  }
}

/** As it is now: who counts may have changed since the first answer. */
async function again(db: Database, first: SheetAnswer, actor: Actor): Promise<DeepReadonly<SheetAnswer> | Refusal> {
  if (!(await store.visible(db, { params: { id: first.id }, actor }))) return unknown()
  const [stored] = await store.read(db, [first.id])
  return stored === undefined ? unknown() : shown(stored, actor)
}

/** A step on a sheet. */
function step<Body extends z.ZodType>({
  run,
  ...declared
}: {
  readonly method?: 'patch' | 'put'
  readonly path: string
  readonly right: Right
  readonly summary: string
  readonly description?: string
  readonly body: Body
  readonly before?: (db: Database, request: { readonly params: { readonly id: string } }) => Promise<void>
  readonly run: (tx: Tx, request: SheetRequest<z.output<Body>>) => Promise<Stored<CountSheet> | Refusal>
}): Route {
  return command<'/:id', PrismaClient, never, never, Body, typeof sheetAnswer>({
    method: 'post',
    ...declared,
    path: `${path}/:id/${declared.path}` as '/:id',
    version: 'required',
    within: store.actable,
    again,
    answers: sheetAnswer,
    run: async (tx, request) => shown(await run(tx, request as SheetRequest<z.output<Body>>), request.actor),
  })
}

const cursorShape = z.tuple([z.string(), z.uuid()])

const listSheets = query({
  path,
  right: 'stockcount.read',
  summary: 'Lists count sheets of zones within your locations; `assignee=me` is what is yours to count',
  query: sheetQuery,
  answers: pageOf(sheetSummary),
  run: async (db: Database, { query: { assignee, ...filters }, actor }) => {
    const { cursor, limit, sort } = filters
    const after = decodeCursor(cursor, cursorShape)
    const asked = { ...filters, assignee: assignee === 'me' ? actor.id : assignee }
    const found = await store.list(db, asked, { limit, sort, scope: await scopeOf(db, actor), after })
    const { items, nextCursor } = page(found, limit, (last) => encodeCursor(last.sortedBy, last.id))
    return { items: items.map((row) => ofHead.showListed(row)), nextCursor }
  },
})

const showSheet = query<'/:id', PrismaClient, never, never, typeof sheetAnswer>({
  path: `${path}/:id` as '/:id',
  right: 'stockcount.read',
  summary: 'Shows a count sheet',
  answers: sheetAnswer,
  within: store.visible,
  run: async (db: Database, { params, actor }) => {
    const [stored] = await store.read(db, [params.id])
    return shown(stored ?? unknown(), actor)
  },
})

/** Count sheets: counted without stopping work. */
export const countRoutes = (company: LedgerCompany): readonly Route[] => [
  listSheets,
  showSheet,
  command({
    method: 'post',
    path,
    right: 'stockcount.create',
    summary: 'Makes a count sheet of all stock in a zone, of one class or of some products',
    alsoAnswers: [404],
    status: 201,
    body: newSheetBody,
    answers: sheetAnswer,
    location: ({ id }) => `${path}/${id}`,
    again,
    run: async (tx: Tx, { body, actor }) => shown(await makeSheet(tx, body, actor), actor),
  }),
  step({
    method: 'patch',
    path: 'lines',
    right: 'stockcount.write',
    summary: 'Enters what was counted',
    description:
      'Of lines, or of what was found besides: product, place and lot without a line. Each is compared with what the ledger has there now, less what is picked from there, plus what receipts that are not posted have put there. Stock moves on meanwhile.',
    body: countLinesBody,
    run: (tx, request) => enterCounts(tx, company, request),
  }),
  step({
    method: 'put',
    path: 'assignee',
    right: 'count.assign',
    summary: 'Gives a sheet to a user, or to nobody',
    body: assigneeBody,
    run: assignSheet,
  }),
  step({
    path: 'submit',
    right: 'stockcount.write',
    summary: 'Submits a sheet: its differences become adjustments, or lines are asked again',
    description:
      'A line is asked again where goods were picked from its place or put there since it was counted, and by another person where its difference is past the tolerance: then the sheet stays in progress.',
    body: submitBody,
    before: (db, { params }) => awaitFloor(db, params.id),
    run: (tx, request) => submitSheet(tx, company, request),
  }),
  step({
    path: 'recount',
    right: 'count.recount',
    summary: 'Has lines counted again by another person: those named, or all that differ',
    body: recountBody,
    run: recountSheet,
  }),
  step({
    path: 'cancel',
    right: 'count.cancel',
    summary: 'Cancels a sheet that is not submitted',
    body: cancelBody,
    run: cancelSheet,
  }),
]
