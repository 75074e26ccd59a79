/** Lines that a person gives for a document without an order. Pure. */
import { parseQuantity } from '@stockline/amounts'
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import { isFault, toBaseQuantity, type ReferenceData } from '../products/product.ts'

interface HandLine {
  readonly sku: string
  readonly quantity: string
  readonly unit?: string | undefined
}

/** What is wrong with them: every wrong field is named. Undefined where nothing is. */
export function handLinesRefusal(
  lines: readonly HandLine[],
  to: 'deliver' | 'receive',
  referenceData: ReferenceData,
): Refusal | undefined {
  const faults = lines.flatMap((line, index): readonly FieldError[] => {
    const fault = faultOf(line, to, referenceData)
    return fault === undefined ? [] : [{ pointer: `/lines/${index}/${fault[0]}`, message: fault[1] }]
  })
  return faults.length > 0 ? refuse('lines-wrong', 'content', 'Some lines are wrong.', faults) : undefined
}

function faultOf(
  { sku, quantity, unit }: HandLine,
  to: 'deliver' | 'receive',
  { products, units }: ReferenceData,
): readonly [field: keyof HandLine, message: string] | undefined {
  const product = products.get(sku)
  if (product === undefined) return ['sku', `product "${sku}" is not known`]
  if (product.type === 'service') return ['sku', `${sku} is a service: there is nothing to ${to}`]
  const base = toBaseQuantity(product, parseQuantity(quantity), unit ?? product.unit, units)
  return isFault(base) ? [base.fault.startsWith(sku) ? 'unit' : 'quantity', base.fault] : undefined
}
