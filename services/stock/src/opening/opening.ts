/** Opening stock: what was there before the first document. The rules are the ledger's; here its faults become refusals. */
import type { OpeningBody } from './opening.api.ts'
import { givenLotDates } from '@stockline/contracts/lot-dates'
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import { parseQuantity } from '@stockline/amounts'
import { virtualLocations } from '../ledger/reference.ts'
import type { LineFault, Posting } from '../ledger/request.ts'

/** The document that posts these lines. Line n of the ledger is line n of the body. */
export function openingPosting(
  documentId: string,
  number: string,
  lines: OpeningBody['lines'],
  effectiveAt: string | undefined,
  now: number,
): Posting {
  return {
    action: 'post',
    kind: 'opening',
    documentId,
    number,
    attempt: 1,
    warehouse: null,
    effectiveAt: effectiveAt === undefined ? now : Date.parse(effectiveAt),
    effectiveAtStated: effectiveAt !== undefined,
    lines: lines.map((line, index) => ({
      line: index + 1,
      documentLine: null,
      sku: line.sku,
      lot: line.lot ?? null,
      expiresOn: null,
      ...givenLotDates(line),
      status: 'available',
      quantity: parseQuantity(line.quantity),
      from: virtualLocations.opening,
      to: line.location,
      passThrough: { unitCost: line.unitCost },
    })),
  }
}

/** What the ledger found wrong, by the field of the body. */
export function openingRefusal(code: string, detail: string, faults: readonly LineFault[]): Refusal {
  return refuse(code, 'content', detail, faults.map(fieldFault))
}

const fields: readonly (readonly [RegExp, string])[] = [
  [/product/, 'sku'],
  [/location/, 'location'],
  [/lot-produced/, 'producedOn'],
  [/lot-best-before/, 'bestBefore'],
  [/lot-remove/, 'removeOn'],
  [/lot-alert/, 'alertOn'],
  [/lot-expires/, 'expiresOn'],
  [/lot|serial-on-hand/, 'lot'],
]

function fieldFault({ line, code, message }: LineFault): FieldError {
  if (line === null) return { pointer: '/effectiveAt', message }
  const field = fields.find(([pattern]) => pattern.test(code))?.[1] ?? 'quantity'
  return { pointer: `/lines/${String(line - 1)}/${field}`, message }
}
