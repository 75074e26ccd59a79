/** Adjustments over HTTP. */
import { reasonBody } from '@stockline/documents'
import { command, isRefusal } from '@stockline/service-kit'
import { z } from 'zod'
import type { Tx } from '../database.ts'
import { ownEndpoints } from '../documents/document.actions.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import {
  adjustments,
  beginAdjustment,
  changeAdjustment,
  completeAnswer,
  deleteAdjustment,
  withoutCosts,
} from './adjustment.actions.ts'
import { adjustmentShapes, changedBody, newBody } from './adjustment.shapes.api.ts'
import { approveAdjustment, forceAdjustment, rejectAdjustment, submitAdjustment } from './adjustment.submit.actions.ts'
import { adjustmentAnswer, summaryOf } from './adjustment.view.ts'
import { limitRoutes } from './limit.api.ts'
import { reasonRoutes } from './reason.api.ts'

/** Routes of adjustments. */
export function adjustmentRoutes(company: LedgerCompany) {
  const { list, show, make, step, change } = ownEndpoints(adjustments, 'stockadjustment', {
    shapes: adjustmentShapes,
    view: { summary: summaryOf, answer: adjustmentAnswer },
    complete: completeAnswer,
    costs: { standIn: () => false, without: withoutCosts },
  })
  return [
    list,
    show,
    make({
      summary: 'Begins an adjustment of what was counted',
      body: newBody,
      run: (tx: Tx, { body, actor }) => beginAdjustment(tx, company, body, actor),
    }),
    step({
      method: 'patch',
      path: '/v1/adjustments/:id',
      right: 'stockadjustment.write',
      summary: 'Changes a draft; lines that are given replace all lines, and are counted now',
      body: changedBody,
      runAlone: (tx: Tx, request) => changeAdjustment(tx, company, request),
    }),
    command({
      method: 'delete',
      path: '/v1/adjustments/:id',
      right: 'stockadjustment.unlink',
      summary: 'Deletes a draft: it ends as rejected, since its number stays taken',
      version: 'required',
      within: change.within,
      run: async (tx: Tx, request) => {
        const deleted = await deleteAdjustment(tx, { ...request, origin: tx.origin })
        return isRefusal(deleted) ? deleted : undefined
      },
    }),
    step({
      path: '/v1/adjustments/:id/submit',
      right: 'stockadjustment.write',
      summary: 'Submits a draft: below the limit of who submits it is posted, otherwise it waits for approval',
      body: z.object({}),
      runAlone: (tx: Tx, request) => submitAdjustment(tx, company, request),
    }),
    step({
      path: '/v1/adjustments/:id/approve',
      right: 'adjustment.approve',
      summary: 'Approves what somebody else counted and submitted: stock is corrected',
      body: z.object({}),
      runAlone: (tx: Tx, request) => approveAdjustment(tx, company, request),
    }),
    step({
      path: '/v1/adjustments/:id/reject',
      right: 'adjustment.approve',
      summary: 'Rejects what was submitted: stock stays as it is',
      body: reasonBody,
      runAlone: (tx: Tx, request) => rejectAdjustment(tx, request),
    }),
    step({
      path: '/v1/adjustments/:id/force-correct',
      right: 'stock.force-correct',
      summary: 'Posts without approval, whoever counted; it is marked as forced',
      body: reasonBody,
      runAlone: (tx: Tx, request) => forceAdjustment(tx, company, request),
    }),
    ...reasonRoutes,
    ...limitRoutes,
  ]
}
