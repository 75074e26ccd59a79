/** What is published of count sheets: whose they are to count, and what waits for a supervisor. Pure. */
import type { CountSheetChanged } from '@stockline/contracts'
import type { CountSheet } from './count.ts'

/** The event of a sheet that is new, or of which somebody else must know another thing than before. Entering counts has none. */
export function sheetEvents(before: CountSheet | undefined, after: CountSheet): readonly CountSheetChanged[] {
  const data = publishedSheet(after)
  if (before === undefined) return [data]
  return isSame(publishedSheet(before), data) ? [] : [{ ...data, version: before.version + 1 }]
}

/** A sheet as it is published. */
export function publishedSheet(sheet: CountSheet): CountSheetChanged {
  const { id: documentId, number, warehouse, zone, abcClass, cause, status, version } = sheet
  const { assignee, assigneeName, dueOn, workedOnBy } = sheet
  return {
    ...{ documentId, number, warehouse, zone, cause, status, version },
    ...(abcClass === null ? {} : { abcClass }),
    ...(assignee === null ? {} : { assignee }),
    ...(assigneeName === null ? {} : { assigneeName }),
    ...(dueOn === null ? {} : { dueOn }),
    notFor: [...whoCannotCount(sheet)],
    workedOnBy: [...workedOnBy],
  }
}

/** Those who have counted all that is left, and whose counts of it were set aside. */
function whoCannotCount({ lines }: CountSheet): readonly string[] {
  const [first, ...others] = lines.filter(({ state }) => state !== 'counted')
  return (first?.countedBefore ?? []).filter((id) => others.every(({ countedBefore }) => countedBefore.includes(id)))
}

function isSame({ version: _before, ...before }: CountSheetChanged, { version: _after, ...after }: CountSheetChanged) {
  return JSON.stringify(before) === JSON.stringify(after)
}
