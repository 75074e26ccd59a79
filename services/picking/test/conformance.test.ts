/** Receipts, deliveries, transfers and packages do what every document does. */
import { randomUUID } from 'node:crypto'
import { documentConformance } from '@stockline/documents/conformance'
import { orderedDocuments } from '../src/documents/document.actions.ts'
import { storedDocuments } from '../src/documents/document.stored.actions.ts'
import { deliveryKind } from '../src/deliveries/delivery.fields.ts'
import { deliveries } from '../src/deliveries/delivery.actions.ts'
import { locationsOfDelivery, type Delivery } from '../src/deliveries/delivery.ts'
import { receiptKind } from '../src/receipts/receipt.fields.ts'
import { receipts } from '../src/receipts/receipt.actions.ts'
import { locationsOfReceipt, type Receipt } from '../src/receipts/receipt.ts'
import { packages } from '../src/packages/package.actions.ts'
import { packageKind } from '../src/packages/package.fields.ts'
import type { Package } from '../src/packages/package.ts'
import { transfers } from '../src/transfers/transfer.actions.ts'
import { transferKind } from '../src/transfers/transfer.fields.ts'
import { locationsOfTransfer, type Transfer } from '../src/transfers/transfer.ts'
import { entry, line, q, receipt } from './builders.ts'
import { conformingHarness } from './conforming.ts'
import { delivery, line as deliveryLine, pick } from './deliveries-builders.ts'
import { line as transferLine, moved, transfer } from './transfers-builders.ts'

let posted = 0n
const at = new Date('2026-04-20T08:00:00.123Z')

/** What documents of orders have in common, filled to the last field. */
const ordered = (warehouse: string) => ({
  id: randomUUID(),
  warehouse,
  orderId: randomUUID(),
  orderSource: '/erp',
  orderRevision: 3,
  source: 'SO-1',
  scheduledDate: '2026-04-23',
  details: { order: { note: 'Ring twice' }, lines: { '1': { note: 'Fragile' } } },
  problem: 'Nothing.',
  waitsFor: ['product:X', 'unit:y'],
  remainder: 'close' as const,
  effectiveAt: at,
  attempt: 2,
  backorderOf: randomUUID(),
  status: 'done' as const,
  // No number holds it exactly.
  position: 9_007_199_254_740_993n + (posted += 1n),
  version: 1,
  createdAt: at,
})

documentConformance<Receipt>('A receipt', async () => ({
  ...(await conformingHarness()),
  store: receipts.store,
  elsewhere: orderedDocuments({ ...receiptKind, locationsOf: locationsOfReceipt }),
  kind: receiptKind,
  empty: ['returnsTo'],
  draft: (warehouse) => ({
    ...receipt({
      ...ordered(warehouse),
      destination: warehouse,
      lines: [
        line(1, 'RM-A', '3', '2.5', { entries: [entry('1'), entry('1.5')] }),
        line(2, 'RM-B', '1'),
        line(3, 'PX', '1', '0'),
      ],
    }),
  }),
  changed: (document) => ({
    ...document,
    problem: null,
    lines: document.lines
      .slice(0, -1)
      .map((each) => (each.line === 1 ? { ...each, received: null, entries: null } : each)),
  }),
}))

documentConformance<Delivery>('A delivery', async () => ({
  ...(await conformingHarness()),
  store: deliveries.store,
  elsewhere: orderedDocuments({ ...deliveryKind, locationsOf: locationsOfDelivery }),
  kind: deliveryKind,
  // What is done returns nowhere.
  empty: ['returnsTo'],
  draft: (warehouse) => ({
    ...delivery({
      ...ordered(warehouse),
      held: 'Not paid.',
      packed: true,
      scanLocation: warehouse,
      lines: [
        deliveryLine(1, 'PX', '3', pick(warehouse, '1', '1', { before: null, lot: 'L', expiresOn: '2027-01-01' })),
        deliveryLine(2, 'PY', '1'),
        deliveryLine(3, 'RM-A', '1', pick(warehouse, '1')),
      ],
    }),
  }),
  changed: (document) => ({
    ...document,
    priority: 1,
    lines: document.lines.slice(0, -1).map((each) => (each.line === 1 ? { ...each, needed: q('2'), picks: [] } : each)),
  }),
}))

documentConformance<Transfer>('A transfer', async () => ({
  ...(await conformingHarness()),
  store: transfers.store,
  elsewhere: storedDocuments({ ...transferKind, locationsOf: locationsOfTransfer }),
  kind: transferKind,
  // What is done asks for nothing.
  empty: ['asked'],
  draft: (warehouse) => {
    const { id, scheduledDate, problem, effectiveAt, attempt, status, position, createdAt } = ordered(warehouse)
    const lot = { lot: 'L' }
    return transfer({
      ...{ id, warehouse, scheduledDate, problem, effectiveAt, attempt, status, position, createdAt },
      ...{ source: warehouse, destination: `${warehouse}/A`, note: 'Ring twice', confirmedAt: at },
      lines: [
        { ...transferLine(1, 'LOT', '3', moved('shipped', '3', lot), moved('received', '3', lot)), ...lot },
        transferLine(2, 'RM-B', '1'),
        transferLine(3, 'PX', '1'),
      ],
    })
  },
  changed: (document) => ({
    ...document,
    problem: null,
    lines: document.lines.slice(0, -1).map((each) => (each.line === 1 ? { ...each, moves: [] } : each)),
  }),
}))

let serial = 0

documentConformance<Package>('A package', async () => ({
  ...(await conformingHarness()),
  store: packages.store,
  elsewhere: storedDocuments({ ...packageKind, locationsOf: ({ places }) => places }),
  kind: packageKind,
  draft: (warehouse) => {
    const goods = { documentLine: 1, sku: 'LOT', lot: 'L', quantity: q('2.5'), unit: 'kg' }
    return {
      ...{ id: randomUUID(), warehouse, createdAt: at, version: 1, status: 'closed', places: [warehouse] },
      ...{ sscc: `09506000${String((serial += 1)).padStart(10, '0')}`, companyPrefix: '9506000', type: 'pallet' },
      ...{ delivery: randomUUID(), deliveryNumber: 'WH/OUT/00042', problem: 'Nothing.', weight: q('3.5') },
      lines: [1, 2, 3].map((line) => ({ line, ...goods })),
    }
  },
  changed: (document) => ({
    ...document,
    problem: null,
    lines: document.lines.slice(0, -1).map((each) => (each.line === 1 ? { ...each, lot: null } : each)),
  }),
}))
