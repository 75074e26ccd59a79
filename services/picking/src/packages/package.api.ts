/** Packages over HTTP. */
import { command, query } from '@stockline/service-kit'
import type { Database, Route, Tx } from '../database.ts'
import { deliveries } from '../deliveries/delivery.actions.ts'
import { documentEndpoints } from '../documents/document.endpoints.actions.ts'
import { reasonBody, scanBody } from '../documents/document.shapes.actions.ts'
import { packages } from './package.actions.ts'
import { cancelPackage, closePackage, reopenPackage } from './package.close.ts'
import { fillPackage } from './package.contents.ts'
import { scanIntoPackage } from './package.scan.actions.ts'
import { closeBody, contentsBody, newPackageBody, packageShapes, packingSlipAnswer } from './package.shapes.api.ts'
import { changePackage, makePackage, packingSlip } from './package.steps.actions.ts'
import { packageView } from './package.view.ts'

const { list, show, makeAlone, anyStep, change, answer } = documentEndpoints(packages, {
  shapes: packageShapes,
  view: packageView,
})
const right = 'package.pack'

/** @param prefix the company's prefix of GS1, undefined where none is configured */
export function packageRoutes(prefix: string | undefined): readonly Route[] {
  return [
    list,
    show,
    makeAlone({
      right,
      summary: 'Begins a package of a delivery, with an SSCC of its own',
      description:
        'The SSCC begins with the company prefix that is configured; its serial numbers have no gaps. All that is picked of a delivery that has packages must be in closed ones before it is shipped.',
      body: newPackageBody,
      run: (tx: Tx, { body, actor }) => makePackage(tx, body, actor, prefix),
    }),
    anyStep({
      method: 'put',
      path: '/v1/packages/:id/contents',
      right,
      summary: 'Says what is in a package, in place of what was said before',
      description:
        'Of a line and lot of the delivery all of its packages have together no more than is picked. A `sku` without `documentLine` is taken of the lines on which it is picked, from the first on.',
      body: contentsBody,
      runAlone: (tx: Tx, request) => changePackage(tx, request, fillPackage, ({ lines }) => lines),
    }),
    command({
      method: 'post',
      path: '/v1/packages/:id/scans',
      right,
      summary: 'Puts what is scanned into a package: one pack of a product, lot or GS1 code',
      body: scanBody,
      ...change,
      run: async (tx: Tx, request) =>
        answer(
          await changePackage(tx, { ...request, origin: tx.origin }, (one, body, known) =>
            scanIntoPackage(tx, one, body, known),
          ),
          request.actor,
        ),
    }),
    anyStep({
      path: '/v1/packages/:id/close',
      right,
      summary: 'Closes a package: what is in it goes with the delivery',
      body: closeBody,
      runAlone: (tx: Tx, request) => changePackage(tx, request, closePackage),
    }),
    anyStep({
      path: '/v1/packages/:id/reopen',
      right,
      summary: 'Opens a closed package, until its delivery is shipped; it keeps its SSCC',
      body: closeBody,
      runAlone: (tx: Tx, request) => changePackage(tx, request, reopenPackage),
    }),
    anyStep({
      path: '/v1/packages/:id/cancel',
      right,
      summary: 'Cancels an empty package; its SSCC is not given again',
      body: reasonBody,
      runAlone: (tx: Tx, request) => changePackage(tx, request, cancelPackage),
    }),
    query({
      path: '/v1/deliveries/:id/packing-slip',
      right: 'stockpicking.read',
      summary: 'Shows what goes in which package, and what is picked and in none',
      answers: packingSlipAnswer,
      within: deliveries.store.visible,
      run: (db: Database, { params }) => packingSlip(db, params.id),
    }),
  ]
}
