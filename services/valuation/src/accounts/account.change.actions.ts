/** Changing which accounts are written to. */
import { versionRefusal, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { lockBooks, takeInputs } from '../inputs/input.actions.ts'
import { newInput } from '../inputs/input.ts'
import type { Company } from '../journal/entry.ts'
import { accountsRefusal, type AccountMap, type AccountRole, type WantedAccount } from './account.ts'
import { accountsVersion, currentAccounts } from './account.store.ts'

/** A code for a role; the name stays what it is unless one is given. */
export interface AccountChange {
  readonly role: AccountRole
  readonly code: string
  readonly name?: string | undefined
}

/** Writes to other accounts from the next entry on. The balance of inventory moves with its account. */
export async function changeAccounts(
  tx: Tx,
  company: Company,
  changes: readonly AccountChange[],
  version: number | undefined,
): Promise<{ accounts: AccountMap; version: number } | Refusal> {
  await lockBooks(tx)
  const [current, currentVersion] = [await currentAccounts(tx), await accountsVersion(tx)]
  const stale = currentVersion === 0 ? undefined : versionRefusal(currentVersion, version)
  if (stale !== undefined) return stale
  const accounts: WantedAccount[] = changes.map(({ role, code, name = current[role].name }) => ({ role, code, name }))
  const refusal = accountsRefusal(current, accounts)
  if (refusal !== undefined) return refusal
  await takeInputs(tx, company, [newInput({ kind: 'accounts-changed', accounts }, tx.now)])
  return { accounts: await currentAccounts(tx), version: await accountsVersion(tx) }
}
