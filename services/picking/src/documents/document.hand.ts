/** What a person gives for a document without an order, as far as it is the same for every kind. Pure. */
import { parseQuantity } from '@stockline/amounts'
import { refuse, type FieldError } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import { detailsByHand } from '../orders/order.details.ts'
import { isFault, toBaseQuantity, type ReferenceData } from '../products/product.ts'
import type { headByHand, lineByHand } from './document.shapes.actions.ts'

type Given<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>

/** What is done with goods. */
type Verb = 'deliver' | 'receive' | 'transfer'

/** What is known where a document is made. */
export interface HandFacts {
  readonly id: string
  readonly now: Date
  readonly referenceData: ReferenceData
}

/** The head of it, and what is left of the body. */
export function headOfBody<Body extends Given<typeof headByHand>>(body: Body, { id, now: createdAt }: HandFacts) {
  const { source = null, scheduledDate = null, note, references, ...rest } = body
  return { head: { id, source, scheduledDate, details: detailsByHand({ note, references }), createdAt }, rest }
}

/** Its lines, each in its own unit or the product's, and what is left of each; a refusal that names every wrong field. */
export function linesOfBody<Line extends Given<typeof lineByHand>>(
  lines: readonly Line[],
  to: Verb,
  referenceData: ReferenceData,
) {
  const faults = faultsOfLines(lines, to, referenceData)
  if (faults.length > 0) return refuse('lines-wrong', 'content', 'Some lines are wrong.', faults)
  return lines.map(({ sku, quantity, unit, ...rest }) => ({
    ...{ sku, quantity: parseQuantity(quantity), unit: unit ?? referenceData.products.get(sku)?.unit ?? '' },
    rest,
  }))
}

/** All that is wrong with products, quantities and units of lines. */
export function faultsOfLines(
  lines: readonly Given<typeof lineByHand>[],
  to: Verb,
  referenceData: ReferenceData,
): FieldError[] {
  return lines.flatMap((line, index): readonly FieldError[] => {
    const fault = faultOf(line, to, referenceData)
    return fault === undefined ? [] : [{ pointer: `/lines/${index}/${fault[0]}`, message: fault[1] }]
  })
}

function faultOf(
  { sku, quantity, unit }: Given<typeof lineByHand>,
  to: Verb,
  { products, units }: ReferenceData,
): readonly [field: keyof typeof lineByHand, message: string] | undefined {
  const product = products.get(sku)
  if (product === undefined) return ['sku', `product "${sku}" is not known`]
  if (product.type === 'service') return ['sku', `${sku} is a service: there is nothing to ${to}`]
  const base = toBaseQuantity(product, parseQuantity(quantity), unit ?? product.unit, units)
  return isFault(base) ? [base.fault.startsWith(sku) ? 'unit' : 'quantity', base.fault] : undefined
}
