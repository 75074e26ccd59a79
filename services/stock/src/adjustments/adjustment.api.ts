/** Adjustments over HTTP. */
import { command, isRefusal } from '@stockline/service-kit'
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
import { adjustmentAnswer, summaryOf } from './adjustment.view.ts'
import { reasonRoutes } from './reason.api.ts'

/** Routes of adjustments. */
export function adjustmentRoutes(company: LedgerCompany) {
  const { list, show, make, stepAlone, change } = ownEndpoints(adjustments, 'stockadjustment', {
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
    stepAlone({
      method: 'patch',
      path: '/v1/adjustments/:id',
      right: 'stockadjustment.write',
      summary: 'Changes a draft; lines that are given replace all lines, and are counted now',
      body: changedBody,
      run: (tx: Tx, request) => changeAdjustment(tx, company, request),
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
    ...reasonRoutes,
  ]
}
