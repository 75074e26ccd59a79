/** How documents are shown, as far as their declaration says it. Pure. */
import type { DocumentFields, DocumentOf, LineOf } from './document.ts'
import { shownBy } from './fields.ts'
import type { HistoryStep } from './history.ts'

/**
 * How documents of a kind are shown in lists and in answers. With `showCosts` an answer has what is not for everybody.
 *
 * @param ofLine what an answer shows of a line besides its fields
 */
export function viewOfKind<Of extends DocumentFields, OfLine extends object = object>(
  fields: Of,
  ofLine: (line: LineOf<Of>) => OfLine = () => ({}) as OfLine,
) {
  const [head, line] = [shownBy<Of['head']>(fields.head), shownBy<Of['line']>(fields.line)]
  return {
    summary: head.showListed,
    answer: (document: DocumentOf<Of>, history: readonly HistoryStep[], showCosts = true) => ({
      ...head.show(document, showCosts),
      lines: document.lines.map((each) => ({ line: each.line, ...line.show(each, showCosts), ...ofLine(each) })),
      history,
    }),
  }
}
