/** How documents that may be of an order are shown. Pure. */
import type { LineDetails } from '@stockline/contracts'
import type { DocumentFields, DocumentOf, HistoryStep, LineOf, Listed } from '@stockline/documents'
import { shownBy } from '@stockline/documents/declaration'
import { detailsOfLine, type DocumentDetails } from '../orders/order.details.ts'

interface WithDetails {
  readonly details: DocumentDetails | null
}

/** Lines that may be of an order's lines. */
type LinesOf<Of extends DocumentFields> = readonly (LineOf<Of> & { readonly orderLine: number | null })[]

/**
 * How documents of a kind are shown: in answers, without prices and costs where they are not for everybody, and in lists.
 *
 * @param ownOfLine what an answer shows of a line besides its fields
 */
export function documentView<Of extends DocumentFields, Own>(
  fields: Of,
  ownOfLine: (
    line: LineOf<Of>,
    document: DocumentOf<Of>,
    given: { readonly details: LineDetails | undefined; readonly showCosts: boolean },
  ) => Own,
) {
  const [head, line] = [shownBy<Of['head']>(fields.head), shownBy<Of['line']>(fields.line)]
  type Summary = Parameters<typeof head.showListed>[0]
  return {
    answer: (
      document: DocumentOf<Of> & WithDetails & { readonly lines: LinesOf<Of> },
      history: readonly HistoryStep[],
      showCosts: boolean,
    ) => {
      const lines: LinesOf<Of> = document.lines
      return {
        ...head.show(document, showCosts),
        ...document.details?.order,
        lines: lines.map((each) => {
          const details = detailsOfLine(document.details, each.orderLine)
          const own = ownOfLine(each, document, { details, showCosts })
          return { line: each.line, ...line.show(each, showCosts), ...details, ...own }
        }),
        history,
      }
    },
    summary: (listed: Listed<Of> & WithDetails) => ({
      ...head.showListed(listed as unknown as Summary),
      ...listed.details?.order,
    }),
  }
}
