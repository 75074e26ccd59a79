/** Stock tells which count sheets are to be counted, given to somebody, or looked at: the queue shows them. */
import { stockCountSheetChanged } from '@stockline/contracts'
import { batchReaction } from '@stockline/service-kit'
import type { Reaction, Tx } from '../database.ts'
import { forgetCountSheets, saveCountSheets } from './count-sheets.store.ts'

/** Keeps open sheets as they were told last. A sheet's events come in their order, each once. */
export const countSheetReaction: Reaction = batchReaction({
  contracts: [stockCountSheetChanged],
  react: async (tx: Tx, events) => {
    const last = [...new Map(events.map(({ data }) => [data.documentId, data])).values()]
    const ended = last.filter(({ status }) => status === 'done' || status === 'cancelled')
    if (ended.length > 0) await forgetCountSheets(tx, ended)
    const open = last.filter((sheet) => !ended.includes(sheet))
    if (open.length > 0) await saveCountSheets(tx, open)
  },
})
