import { describe, expect, test } from '@jest/globals'
import { accessCsv, accessRights, groups, knownRights, mayDo, namedActions, parseAccessRights } from './access.ts'

/** The whole matrix: read, write, create, unlink for user, supervisor, manager, administrator. */
const matrix: Record<string, readonly [user: string, supervisor: string, manager: string, administrator: string]> = {
  stockpicking: ['rwc-', 'rwc-', 'rwcu', '----'],
  order: ['r---', 'r---', 'r---', '----'],
  itemreference: ['r---', 'r---', 'rwcu', '----'],
  stockmove: ['r---', 'r---', 'r---', '----'],
  stockquant: ['r---', 'r---', 'r---', '----'],
  stockreservation: ['r---', 'r---', 'r---', '----'],
  stocklocation: ['r---', 'r---', 'rwcu', '----'],
  stockadjustment: ['rwc-', 'rwc-', 'rwcu', '----'],
  stockcount: ['rw--', 'rw--', 'rwcu', '----'],
  stockproduct: ['r---', 'r---', 'rwcu', '----'],
  stockunit: ['r---', 'r---', 'rwcu', '----'],
  stocklot: ['r-c-', 'rwc-', 'rwcu', '----'],
  reorderrule: ['r---', 'r---', 'rwcu', '----'],
  costmethod: ['----', 'r---', 'rwc-', '----'],
  account: ['----', 'r---', 'rwc-', '----'],
  period: ['----', 'r---', 'rwc-', '----'],
  journalentry: ['----', 'r---', 'r---', '----'],
  costlayer: ['----', 'r---', 'r---', '----'],
  user: ['----', '----', '----', 'rwcu'],
  group: ['r---', 'r---', 'r---', 'rw--'],
  client: ['----', '----', '----', 'rwcu'],
}

const actions: Record<string, readonly string[]> = {
  U: [
    'receipt.validate',
    'receipt.cancel',
    'relocation.post',
    'delivery.ship',
    'delivery.cancel',
    'transfer.confirm',
    'transfer.validate',
    'package.pack',
  ],
  S: [
    'receipt.review',
    'receipt.cancel-in-progress',
    'delivery.cancel-in-progress',
    'transfer.create',
    'transfer.cancel',
    'adjustment.approve',
    'reservation.release',
    'count.assign',
    'count.recount',
    'count.cancel',
    'transfer.lose',
    'location.assign',
    'lot.hold',
    'stock-status.change',
    'stock.scrap',
    'cost.read',
    'cost.enter',
    'effective-at.set',
  ],
  M: [
    'location.everywhere',
    'opening-stock.post',
    'stock.configure',
    'count.schedule',
    'stock.force-correct',
    'negative-stock.allow',
    'costmethod.set',
    'period.close',
  ],
  A: [
    'message.read',
    'message.release',
    'message.discard',
    'outbox.republish',
    'session.revoke',
    'signing-key.rotate',
    'audit.read',
  ],
}

const people = [groups.user, groups.supervisor, groups.manager, groups.administrator] as const
const permissions = ['read', 'write', 'create', 'unlink'] as const
const may = (group: string, right: string) => mayDo({ groups: [group], scopes: [] }, right)

describe('R5: rights are a table in the form of the source document', () => {
  test('the matrix knows every model of the table', () => {
    expect([...new Set(accessRights.map((row) => row.model))].sort()).toEqual(Object.keys(matrix).sort())
  })

  test.each(Object.entries(matrix))('%s', (model, expected) => {
    const found = people.map((group) =>
      permissions.map((permission) => (may(group, `${model}.${permission}`) ? permission[0] : '-')).join(''),
    )
    expect(found).toEqual(expected)
  })

  test('the ledger alone writes quants: nobody may write, create or unlink one', () => {
    for (const group of people)
      for (const permission of ['write', 'create', 'unlink']) expect(may(group, `stockquant.${permission}`)).toBe(false)
  })

  test('it is served as it was read', () => {
    expect(accessCsv.split('\n')[0]).toBe('id,name,model:id,group:id,perm_read,perm_write,perm_create,perm_unlink')
    expect(parseAccessRights(accessCsv)).toEqual(accessRights)
  })
})

describe('R4: named actions by the lowest group that has them', () => {
  test('the list is whole', () => {
    expect(namedActions.map((each) => each.action).sort()).toEqual(Object.values(actions).flat().sort())
  })

  test.each([
    ['U', [true, true, true, false]],
    ['S', [false, true, true, false]],
    ['M', [false, false, true, false]],
    ['A', [false, false, false, true]],
  ])('those of %s', (lowest, expected) => {
    for (const action of actions[lowest] ?? []) expect(people.map((group) => may(group, action))).toEqual(expected)
  })

  test('the administrator has no right over stock', () => {
    const own = /^(user|group|client|message|outbox|session|signing-key|audit)\./
    const had = knownRights.filter((right) => may(groups.administrator, right))
    expect(had.filter((right) => !own.test(right))).toEqual([])
  })
})

describe('R5: service clients have scopes and no groups', () => {
  const erp = { groups: [], scopes: ['orders:publish', 'entries:read'] }
  test.each([
    ['scope:orders:publish', true],
    ['scope:products:publish', false],
    ['journalentry.read', true],
    ['costlayer.read', false],
    ['stockpicking.read', false],
    ['order.read', true],
    ['order.write', false],
    ['signed-in', true],
    ['public', true],
  ])('%s: %s', (right, expected) => {
    expect(mayDo(erp, right)).toBe(expected)
  })

  test('a scope given as a group is worth nothing', () => {
    expect(mayDo({ groups: ['scope:orders:publish'], scopes: [] }, 'stockpicking.read')).toBe(false)
    expect(mayDo({ groups: [], scopes: [groups.manager] }, 'stockpicking.read')).toBe(false)
  })
})

describe('a wrong table or right is found at once', () => {
  test.each(['stockpicking.validate', 'stock.picking', 'receipt.valdiate', 'scope:orders:read', '', 'scope:'])(
    'unknown right "%s"',
    (right) => {
      expect(() => mayDo({ groups: [groups.manager], scopes: [] }, right)).toThrow('No table of rights knows')
    },
  )

  const header = 'id,name,model:id,group:id,perm_read,perm_write,perm_create,perm_unlink'
  test.each([
    ['another header', 'id,name', 'must begin with'],
    ['too few cells', `${header}\naccess_a,A,model_a`, 'line 2: 3 cells'],
    ['an unknown group', `${header}\naccess_a,A,model_a,base.group_nobody,1,0,0,0`, 'line 2: group:id'],
    ['a permission that is neither 0 nor 1', `${header}\naccess_a,A,model_a,base.group_system,2,0,0,0`, 'perm_read'],
    [
      'one row twice',
      `${header}\naccess_a,A,model_a,base.group_system,1,0,0,0\naccess_a,A,model_a,base.group_system,1,0,0,0`,
      'twice',
    ],
  ])('%s', (_, csv, message) => {
    expect(() => parseAccessRights(csv)).toThrow(message)
  })
})
