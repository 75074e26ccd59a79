import { command, isRefusal, query } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import type { Company } from '../journal/entry.ts'
import { changeAccounts } from './account.change.actions.ts'
import { accountRoles, type AccountMap } from './account.ts'
import { accountsVersion, currentAccounts } from './account.store.ts'

const role = z.enum(accountRoles, `must be one of ${accountRoles.join(', ')}`)
const text = (most: number) =>
  z
    .string()
    .regex(/^\S(.*\S)?$/, 'must not be empty, nor begin or end with a space')
    .max(most, `must have at most ${most} characters`)
const mapAnswer = z
  .object({
    accounts: z.array(z.object({ role, code: z.string(), name: z.string() })),
    version: z.int().meta({ description: '0 until somebody changes an account.' }),
  })
  .meta({ id: 'Accounts' })

const readRoute = query({
  path: '/v1/accounts',
  right: 'account.read',
  summary: 'Tells which account each part of an entry is written to',
  answers: mapAnswer,
  run: async (db: Database) => answer(await currentAccounts(db), await accountsVersion(db)),
})

const changeRoute = (company: Company) =>
  command({
    method: 'put',
    path: '/v1/accounts',
    right: 'account.write',
    summary: 'Changes accounts',
    description:
      'Roles that are not named keep their account. Entries made before keep theirs; the balance of inventory moves by an entry of its own.',
    body: z.object({
      accounts: z
        .array(z.object({ role, code: text(50), name: text(200).optional() }))
        .min(1, 'must name at least one account')
        .max(accountRoles.length, `must name at most ${accountRoles.length} accounts`),
    }),
    answers: mapAnswer,
    version: 'optional',
    run: async (tx: Tx, { body, version }) => {
      const changed = await changeAccounts(tx, company, body.accounts, version)
      return isRefusal(changed) ? changed : answer(changed.accounts, changed.version)
    },
  })

function answer(accounts: AccountMap, version: number) {
  return {
    accounts: accountRoles.map((each) => ({ role: each, code: accounts[each].code, name: accounts[each].name })),
    version,
  }
}

/** Routes of accounts. */
export const accountRoutes = (company: Company) => [readRoute, changeRoute(company)]
