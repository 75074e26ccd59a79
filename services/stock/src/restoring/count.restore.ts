/** How count sheets that the database lost are made again from what was published of them. Pure. */
import type { CountSheetChanged } from '@stockline/contracts'
import type { CountSheet } from '../counts/count.ts'

/**
 * A sheet of which nothing is left but what was told: its number, its zone and who was to count. Of one that was not done, nothing can be
 * counted any more: it is cancelled.
 */
export function restoredSheet(told: CountSheetChanged, createdAt: Date): CountSheet {
  const { documentId: id, number, warehouse, zone, cause, status, workedOnBy } = told
  const { abcClass = null, assignee = null, assigneeName = null, dueOn = null } = told
  return {
    ...{
      id,
      number,
      warehouse,
      version: 1,
      createdAt,
      zone,
      abcClass,
      cause,
      plan: null,
      assignee,
      assigneeName,
      dueOn,
    },
    ...{
      status: status === 'done' ? 'done' : 'cancelled',
      blind: true,
      toleranceQuantity: null,
      tolerancePercent: null,
    },
    ...{ workedOnBy, adjustments: [], lines: [] },
  }
}

/** Stands for a sheet whose number was given, and of which nothing was told. */
export function untoldSheet(given: Pick<CountSheet, 'id' | 'number' | 'warehouse' | 'createdAt'>): CountSheet {
  const told = { ...given, documentId: given.id, zone: given.warehouse, cause: 'hand', status: 'cancelled' } as const
  return restoredSheet({ ...told, notFor: [], workedOnBy: [], version: 1 }, given.createdAt)
}

/** The sheet as the database has it, brought to the end that was told of it; undefined where none was, or it has ended. */
export function endedAsTold(sheet: CountSheet, { status }: CountSheetChanged): CountSheet | undefined {
  const isOver = sheet.status === 'done' || sheet.status === 'cancelled'
  if (isOver || (status !== 'done' && status !== 'cancelled')) return undefined
  return { ...sheet, status }
}

/** What was told last of each sheet. */
export function latestSheets(events: readonly CountSheetChanged[]): readonly CountSheetChanged[] {
  const inOrder = events.toSorted((a, b) => a.version - b.version)
  return [...new Map(inOrder.map((one) => [one.documentId, one])).values()]
}
