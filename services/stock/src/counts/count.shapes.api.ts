/** Shapes of count sheets over HTTP: what is asked, and what is answered. */
import { abcClass, values } from '@stockline/contracts'
import { historyAnswer, listQueryOf } from '@stockline/documents'
import { shapes } from '@stockline/documents/declaration'
import { z } from 'zod'
import { countSheetKind } from './count.fields.ts'

const { date, id, lineNumber, locationCode, lotCode, percent, quantityOrZero, reason, sku, textUpTo } = values

export const toleranceShape = z.object({
  quantity: quantityOrZero.optional().meta({ description: 'In the base unit.' }),
  percent: percent.optional().meta({ description: 'Of what was expected.' }),
})

const stockStatus = z.enum(['available', 'quarantine', 'damaged', 'blocked'])
const manyLines = 'must have at most 5,000 lines'

export const newSheetBody = z.object({
  zone: locationCode.meta({ description: 'A location or a warehouse: counted with all below it.' }),
  abcClass: abcClass.optional(),
  skus: z.array(sku).min(1).max(1000, 'must have at most 1,000 products').optional(),
  assignee: id.optional().meta({ description: 'Id of the user who counts.' }),
  blind: z.boolean().default(true),
  dueOn: date.optional(),
  tolerance: toleranceShape.optional().meta({ description: 'A larger difference is counted again by another person.' }),
})

export const countLinesBody = z.object({
  lines: z
    .array(
      z.object({
        line: lineNumber.optional(),
        sku: sku.optional(),
        location: locationCode.optional(),
        lot: lotCode.optional(),
        status: stockStatus.optional().meta({ description: 'Of what was found; `available` if absent.' }),
        counted: quantityOrZero.meta({ description: 'In the base unit. Zero is a count.' }),
        reason: textUpTo(200).optional(),
      }),
    )
    .min(1, 'must have at least one line')
    .max(5000, manyLines),
})

export const assigneeBody = z.object({ user: id.nullable().meta({ description: 'Null: nobody.' }) })
export const recountBody = z.object({
  lines: z.array(lineNumber).min(1).max(5000, manyLines).optional(),
})
export const cancelBody = z.object({ reason })
export const submitBody = z.object({})

const { head, line } = countSheetKind.fields

/** A sheet in lists. */
export const sheetSummary = z.object(shapes(head, 'listed')).meta({ id: 'CountSheetSummary' })

/** A sheet as it is answered. */
export const sheetAnswer = sheetSummary
  .extend({
    ...shapes(head, 'answered'),
    lines: z.array(
      z.object({
        line: lineNumber,
        ...shapes(line, 'answered'),
        expected: z.string().nullable().meta({
          description:
            'On hand at the position of the count, less what was picked, and what was put there. Null to whoever counts blind.',
        }),
        difference: z.string().nullable().meta({ description: 'Null until counted, and to whoever counts blind.' }),
      }),
    ),
    history: historyAnswer,
  })
  .meta({ id: 'CountSheet' })

export type SheetAnswer = z.output<typeof sheetAnswer>
export type NewSheet = z.output<typeof newSheetBody>

/** What a list of sheets may be narrowed by. */
export const sheetQuery = listQueryOf(countSheetKind).extend({
  assignee: z
    .string()
    // One text: of a choice of formats generators make classes that do not compile.
    .regex(/^(?:me|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/, 'must be the id of a user, or "me"')
    .optional()
    .meta({ description: "A user's id, or `me`." }),
})
