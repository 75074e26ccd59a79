/** Restores what stock had published and lost when its database fell back. */
import {
  stockAssignmentChanged,
  stockLocationChanged,
  stockProductChanged,
  stockUnitChanged,
} from '@stockline/contracts'
import type { Restore, Restored, PublishedEvent } from '@stockline/service-kit'
import { restoreAssignment } from '../assignments/assignment.restore.actions.ts'
import type { PrismaClient, Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { restoreLedger } from '../ledger/ledger.restore.actions.ts'
import { restoreLocation } from '../locations/location.restore.actions.ts'
import { restoreProduct } from '../products/product.restore.actions.ts'
import { restoreUnit } from '../units/unit.restore.actions.ts'
import { restoreSheets } from './count.restore.actions.ts'
import { restoreOwn } from './own.restore.actions.ts'

/** How stock is reconciled: first what the ledger reads, then the ledger, then the documents that stock itself posts. */
export function restoreStock(company: LedgerCompany): Restore<PrismaClient> {
  return async (tx, { missing, superseded, inputs }) => {
    const open: string[] = []
    for (const published of missing) await restoreMasterData(tx, published, open)
    for (const { type, subject, sequence, message } of superseded)
      if (isMasterData(type))
        open.push(
          `${type} number ${String(sequence)} of ${subject} (${message.topic}) is lost: change it again by hand.`,
        )
    const ledger = await restoreLedger(tx, company, { missing, superseded, inputs })
    const counts = await restoreSheets(tx, [...missing, ...superseded])
    const own = await restoreOwn(tx, company, [...missing, ...superseded])
    const done = [...ledger.done, ...counts.done, ...own.done]
    return {
      ...ledger,
      done,
      open: [...open, ...ledger.open, ...own.open, ...counts.open],
    } satisfies Restored<PrismaClient>
  }
}

const masterData = [stockProductChanged, stockUnitChanged, stockLocationChanged, stockAssignmentChanged]

function isMasterData(type: string): boolean {
  return masterData.some((contract) => contract.type === type)
}

async function restoreMasterData(tx: Tx, { type, text, subject }: PublishedEvent, open: string[]): Promise<void> {
  const data: unknown = Reflect.get(JSON.parse(text) as object, 'data')
  switch (type) {
    case stockProductChanged.type:
      return restoreProduct(tx, stockProductChanged.data.parse(data))
    case stockUnitChanged.type:
      return restoreUnit(tx, stockUnitChanged.data.parse(data))
    case stockLocationChanged.type:
      return restoreLocation(tx, stockLocationChanged.data.parse(data))
    case stockAssignmentChanged.type:
      if (!(await restoreAssignment(tx, stockAssignmentChanged.data.parse(data))))
        open.push(`The locations of user ${subject} are lost, since the user is not known here yet: assign them again.`)
  }
}
