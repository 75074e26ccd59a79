/** Changes of status and scraps over HTTP. */
import { viewOfKind } from '@stockline/documents/declaration'
import type { Tx } from '../database.ts'
import { ownEndpoints, withinScope } from '../documents/document.actions.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { postDisposition, scraps, statusChanges } from './disposition.actions.ts'
import { scrapKind, statusChangeKind } from './disposition.fields.ts'
import { scrapBody, scrapShapes, statusChangeBody, statusChangeShapes } from './disposition.shapes.api.ts'

/** Routes of changes of status and of scraps. */
export function dispositionRoutes(company: LedgerCompany) {
  const ofChanges = ownEndpoints(statusChanges, 'stockadjustment', {
    shapes: statusChangeShapes,
    view: viewOfKind(statusChangeKind.fields, ({ status, toStatus }) => ({ from: status, to: toStatus ?? status })),
    complete: (db, answer, _document, actor) => withinScope(db, answer, actor),
  })
  const ofScraps = ownEndpoints(scraps, 'stockadjustment', {
    shapes: scrapShapes,
    view: viewOfKind(scrapKind.fields, ({ status }) => ({ status })),
    complete: (db, answer, _document, actor) => withinScope(db, answer, actor),
  })
  return [
    ofChanges.list,
    ofChanges.show,
    ofChanges.make({
      summary: 'Gives goods another stock status where they are; what is reserved of them is offered anew',
      right: 'stock-status.change',
      body: statusChangeBody,
      run: (tx: Tx, { body: { reason, note = null, lines }, actor }) =>
        postDisposition(
          tx,
          company,
          statusChanges,
          {
            ...{ reason, note },
            lines: lines.map(({ from, to, lot = null, ...line }) => ({ ...line, lot, status: from, toStatus: to })),
          },
          actor,
        ),
    }),
    ofScraps.list,
    ofScraps.show,
    ofScraps.make({
      summary: 'Scraps goods: they leave stock, and are valued as a loss',
      right: 'stock.scrap',
      body: scrapBody,
      run: (tx: Tx, { body: { reason, note = null, lines }, actor }) =>
        postDisposition(
          tx,
          company,
          scraps,
          {
            ...{ reason, note },
            lines: lines.map(({ status = 'available', lot = null, ...line }) => ({
              ...line,
              lot,
              status,
              toStatus: null,
            })),
          },
          actor,
        ),
    }),
  ]
}
