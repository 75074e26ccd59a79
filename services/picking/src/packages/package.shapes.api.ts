/** The shapes of packages over HTTP. */
import { toldOrderDetails, values } from '@stockline/contracts'
import { historyAnswer, listQueryOf } from '@stockline/documents'
import { shapes } from '@stockline/documents/declaration'
import { z } from 'zod'
import { deliveryKind } from '../deliveries/delivery.fields.ts'
import { manyOf } from '../documents/document.shapes.actions.ts'
import { packageKind } from './package.fields.ts'

const { head, line } = packageKind.fields
const summary = z.object(shapes(head, 'listed'))
const lines = z.array(z.object({ line: values.lineNumber, ...shapes(line, 'answered') }))

/** A package as it is listed and answered. */
export const packageShapes = {
  summary,
  answer: summary.extend({ lines, history: historyAnswer }).meta({ id: 'Package' }),
  filters: listQueryOf(packageKind),
}

/** A package that is to be made. */
export const newPackageBody = z.object({
  delivery: values.documentNumber.meta({ description: 'Its id, or its number.' }),
  type: values.packageType.optional().meta({ description: 'What it is: `carton`, `pallet`.' }),
})

/** All that is in it. */
export const contentsBody = z.object({
  lines: manyOf(
    z.object({
      documentLine: values.lineNumber.optional().meta({ description: "The delivery's line. Required without `sku`." }),
      sku: values.sku.optional().meta({ description: 'Without `documentLine`: of whichever lines it is picked for.' }),
      lot: values.lotCode.optional().meta({ description: 'Required where several lots are picked.' }),
      quantity: values.positiveQuantity.meta({ description: 'In `unit`.' }),
      unit: values.unitCode.optional().meta({ description: 'The base unit where it is missing.' }),
    }),
    'lines',
  ),
})

/** Nothing needs to be said. */
export const closeBody = z.object({}).default({})

const goods = z.object({
  documentLine: values.lineNumber,
  sku: values.sku,
  lot: z.string().nullable(),
  quantity: z.string(),
})

/** What goes in which package. */
export const packingSlipAnswer = z
  .object({
    delivery: values.id,
    number: values.documentNumber,
    status: deliveryKind.fields.head.status.shape,
    source: deliveryKind.fields.head.source.shape,
    customer: deliveryKind.fields.head.customer.shape,
    scheduledDate: deliveryKind.fields.head.scheduledDate.shape,
    ...toldOrderDetails,
    packages: z.array(
      z.object({
        id: values.id,
        number: values.documentNumber,
        sscc: head.sscc.shape,
        type: head.type.shape,
        status: head.status.shape,
        weight: head.weight.shape,
        lines,
      }),
    ),
    notPacked: z.array(goods).meta({ description: 'Picked, and in no package. In base units.' }),
    problems: z.array(z.string()).meta({ description: 'Why it cannot be shipped as it is packed.' }),
  })
  .meta({ id: 'PackingSlip' })
