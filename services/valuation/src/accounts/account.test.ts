import { describe, expect, test } from '@jest/globals'
import { accountRoles, accountsRefusal, byRole, firstAccounts, withAccounts, type WantedAccount } from './account.ts'

const current = firstAccounts()
const wanted = (role: WantedAccount['role'], code: string, name = 'New'): WantedAccount => ({ role, code, name })

describe('accounts', () => {
  test('a new company has one for each part, with ids from 1 on', () => {
    expect(accountRoles.map((role) => current[role].id)).toEqual(accountRoles.map((_role, index) => index + 1))
    expect(current.inventory).toEqual({ id: 1, role: 'inventory', code: '1400', name: 'Inventory' })
  })

  test('of several of one part the last is the newest', () => {
    expect(byRole([current.grni, { ...current.grni, id: 9 }]).grni.id).toBe(9)
  })

  test.each<[string, WantedAccount[], number[]]>([
    ['another code', [wanted('cogs', '5100', 'Cost of goods sold')], [20]],
    ['another name', [wanted('cogs', '5000', 'Cost')], [20]],
    ['two others', [wanted('cogs', '5100'), wanted('grni', '2100')], [20, 21]],
    ['the same as it is', [wanted('cogs', '5000', 'Cost of goods sold')], [3]],
    ['the same as it is, and another', [wanted('cogs', '5000', 'Cost of goods sold'), wanted('grni', '2100')], [3, 20]],
  ])('%s: only what differs is a new account', (_title, asked, ids) => {
    const after = withAccounts(current, asked, 20)
    expect(asked.map(({ role }) => after[role].id)).toEqual(ids)
    expect(after.inventory).toBe(current.inventory)
    expect(after === current).toBe(ids.every((id) => id < 20))
  })

  test.each<[string, WantedAccount[], string[] | undefined]>([
    ['others may share', [wanted('cogs', '7000'), wanted('expense', '7000')], undefined],
    ['inventory may be moved', [wanted('inventory', '1500')], undefined],
    ['one part twice', [wanted('cogs', '1'), wanted('grni', '2'), wanted('cogs', '3')], ['/accounts/2/role']],
    ['the code of inventory', [wanted('grni', '2'), wanted('cogs', '1400')], ['/accounts/1/code']],
    ['inventory moved onto another', [wanted('inventory', '5000')], ['/accounts/0/code']],
    ['both moved onto one', [wanted('inventory', '1'), wanted('cogs', '1')], ['/accounts/0/code']],
  ])('%s', (_title, asked, pointers) => {
    const refusal = accountsRefusal(current, asked)
    expect(refusal?.errors?.map(({ pointer }) => pointer)).toEqual(pointers)
    if (pointers !== undefined) expect(refusal).toMatchObject({ refused: 'accounts-wrong', kind: 'content' })
  })
})
