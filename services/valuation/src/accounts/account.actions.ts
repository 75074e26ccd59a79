/** Accounts, for those who write entries and those who read them. */
export { accountsAt, allAccountsAt, keepAccounts } from './account.store.ts'
