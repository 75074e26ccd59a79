/** Events of count sheets: who is to count where, and what waits for a supervisor. Keyed by sheet. */
import { z } from 'zod'
import { abcClass } from './catalog.ts'
import { contract } from './envelope.ts'
import { date, documentNumber, id, locationCode, warehouseCode } from './values.ts'

/** Ids of users; more than these few have never worked on one sheet. */
const people = z.array(id).max(1000)

export const stockCountSheetChanged = contract({
  type: 'stock.count-sheet-changed.v1',
  topic: 'stock.counts',
  subject: 'count sheet id',
  summary:
    'A count sheet is new, or is somebody else’s to count or to look at than before. Its lines, what is expected and what was counted are not told.',
  data: z.object({
    documentId: id,
    /** Where people know it by: `WH/CNT/00042`. */
    number: documentNumber,
    warehouse: warehouseCode,
    /** The location that is counted, with all below it. */
    zone: locationCode,
    abcClass: abcClass.optional(),
    /** Why it was made. */
    cause: z.enum(['hand', 'plan', 'short-pick', 'zero-check']),
    status: z.enum(['unassigned', 'scheduled', 'in_progress', 'submitted', 'done', 'cancelled']),
    /** Who counts. Absent where nobody is named. */
    assignee: id.optional(),
    assigneeName: z.string().max(200).optional(),
    dueOn: date.optional(),
    /** Who cannot count any of what is left, since it is counted again by another person. */
    notFor: people,
    /** Everybody who counted or submitted: none of them approves its adjustments. */
    workedOnBy: people,
    /** Of the sheet, when this was told: it rises with what is not told, too. */
    version: z.int().positive(),
  }),
})
/** A count sheet as it was published. */
export type CountSheetChanged = z.infer<typeof stockCountSheetChanged.data>
