/** Accounts, for those who write entries and those who read them. */
export { allAccounts, currentAccounts, keepAccounts } from './account.store.ts'
