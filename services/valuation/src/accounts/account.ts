/** Which account of the books each part that valuation plays is written to. */
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'

/** The parts that accounts play, with the code and name that a new company starts with. */
const defaultAccounts = {
  inventory: { code: '1400', name: 'Inventory' },
  grni: { code: '2150', name: 'Goods received, not invoiced' },
  cogs: { code: '5000', name: 'Cost of goods sold' },
  'inventory-loss': { code: '5810', name: 'Inventory loss' },
  'inventory-gain': { code: '4810', name: 'Inventory gain' },
  'opening-balance': { code: '3900', name: 'Opening balance' },
  'purchase-price-variance': { code: '5820', name: 'Purchase price variance' },
  expense: { code: '6000', name: 'Expense' },
} as const

export type AccountRole = keyof typeof defaultAccounts
/** All parts, in the order in which they are shown. */
export const accountRoles = Object.keys(defaultAccounts) as AccountRole[]

/** An account as it was at some time: a changed code is a new one, so that old entries keep theirs. */
export interface Account {
  readonly id: number
  readonly role: AccountRole
  readonly code: string
  readonly name: string
}

/** The account that each part is written to now. */
export type AccountMap = Readonly<Record<AccountRole, Account>>

/** Code and name wanted for a part. */
export type WantedAccount = Omit<Account, 'id'>

/** The accounts of a new company. */
export function firstAccounts(): AccountMap {
  const accounts = accountRoles.map((role, index) => ({ id: index + 1, role, ...defaultAccounts[role] }))
  return byRole(accounts)
}

/** A map from the newest account of each part. */
export function byRole(accounts: readonly Account[]): AccountMap {
  return Object.fromEntries(accounts.map((account) => [account.role, account])) as Record<AccountRole, Account>
}

/** The map with what is wanted; accounts that changed get new ids from `nextId` on. */
export function withAccounts(current: AccountMap, wanted: readonly WantedAccount[], nextId: number): AccountMap {
  const changed = wanted.filter(({ role, code, name }) => current[role].code !== code || current[role].name !== name)
  if (changed.length === 0) return current
  return { ...current, ...byRole(changed.map((account, index) => ({ ...account, id: nextId + index }))) }
}

/** No other role may share the account of inventory: its balance is compared with the layers. */
export function accountsRefusal(current: AccountMap, wanted: readonly WantedAccount[]): Refusal | undefined {
  const errors: FieldError[] = []
  const seen = new Set<AccountRole>()
  wanted.forEach(({ role }, index) => {
    if (seen.has(role)) errors.push({ pointer: `/accounts/${index}/role`, message: `"${role}" stands here twice.` })
    seen.add(role)
  })
  const after = withAccounts(current, wanted, 0)
  const sharing = accountRoles.filter((role) => role !== 'inventory' && after[role].code === after.inventory.code)
  for (const role of sharing) {
    const at = wanted.findIndex((account) => account.role === role || account.role === 'inventory')
    errors.push({
      pointer: `/accounts/${at}/code`,
      message: `"${role}" cannot be written to the account of inventory.`,
    })
  }
  return errors.length === 0 ? undefined : refuse('accounts-wrong', 'content', 'Some accounts are wrong.', errors)
}
