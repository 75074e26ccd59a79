/** The shapes of documents in lists and in answers, as far as their declaration says it: of their orders the service tells more. */
import { values } from '@stockline/contracts'
import { z } from 'zod'
import type { DocumentFields } from './document.ts'
import { shapes } from './fields.ts'
import { historyAnswer } from './history.ts'
import { listQueryOf } from './list.ts'

/** What lists, answers and lines show besides fields. */
interface Besides<Listed, Told, OfLine> {
  readonly listed?: Listed
  readonly told?: Told
  readonly line?: OfLine
}

const nothing = {}
type Nothing = typeof nothing

/**
 * The shapes of documents of a kind in lists and in answers, and what a list can be asked for.
 *
 * @param id names the answer in the OpenAPI document
 */
export function shapesOfKind<
  Of extends DocumentFields,
  const Filter extends keyof Of['head'] & string,
  Listed extends z.ZodRawShape = Nothing,
  Told extends z.ZodRawShape = Nothing,
  OfLine extends z.ZodRawShape = Nothing,
>(
  id: string,
  kind: {
    readonly fields: Of
    readonly filters: readonly Filter[]
    readonly sorts: readonly (keyof Of['head'] & string)[]
  },
  besides: Besides<Listed, Told, OfLine> = {},
) {
  const { head, line }: Of = kind.fields
  const [listed, told, ofLine] = [besides.listed, besides.told, besides.line].map((one) => one ?? nothing) as [Listed, Told, OfLine] // prettier-ignore
  const summary = z.object({ ...shapes<Of['head'], 'listed'>(head, 'listed'), ...listed })
  const answer = summary
    .extend({
      ...told,
      ...shapes<Of['head'], 'answered'>(head, 'answered'),
      lines: z.array(
        z.object({ line: values.lineNumber, ...shapes<Of['line'], 'answered'>(line, 'answered'), ...ofLine }),
      ),
      history: historyAnswer,
    })
    .meta({ id })
  return { summary, answer, filters: listQueryOf(kind) }
}
