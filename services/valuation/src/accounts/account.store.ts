/** Accounts in the database. One that is changed stays, for the entries that were written to it. */
import { epochCache, sql, type Queryable } from '@stockline/service-kit'
import { byRole, type Account, type AccountMap } from './account.ts'

const readCurrent = sql(`select id, role, code, name from accounts where current`)
const readAll = sql(`select id, role, code, name from accounts order by id`)
const readVersion = sql(`select count(distinct input)::int as version from accounts`)
const retire = sql(`update accounts set current = false where current and role = any($1::text[])`)
const insertAccounts = sql(`
  insert into accounts (id, role, code, name, input, current)
  select id, role, code, name, $5, true from unnest($1::int[], $2::text[], $3::text[], $4::text[])
    as account (id, role, code, name)`)

/** The account of each role as it is now. */
export async function currentAccounts(db: Queryable): Promise<AccountMap> {
  return byRole(await db.query<Account>(readCurrent))
}

const cached = epochCache<{ current?: AccountMap; all?: readonly Account[] }>({
  empty: () => ({}),
  sizeOf: () => 0,
  most: 1,
})

/** The same at an epoch of the books' settings that was read in this transaction. */
export async function accountsAt(db: Queryable, epoch: string): Promise<AccountMap> {
  return (cached(epoch).current ??= await currentAccounts(db))
}

/** Every account until that epoch, changed ones included. */
export async function allAccountsAt(db: Queryable, epoch: string): Promise<readonly Account[]> {
  return (cached(epoch).all ??= await db.query<Account>(readAll))
}

/** How often the map was changed: its version. */
export async function accountsVersion(db: Queryable): Promise<number> {
  return (await db.query<{ version: number }>(readVersion))[0]?.version ?? 0
}

/** Writes the accounts that an input made. */
export async function keepAccounts(tx: Queryable, made: readonly Account[], input: bigint): Promise<void> {
  await tx.query(retire, [made.map((account) => account.role)])
  await tx.query(insertAccounts, [
    made.map((account) => account.id),
    made.map((account) => account.role),
    made.map((account) => account.code),
    made.map((account) => account.name),
    input,
  ])
}
