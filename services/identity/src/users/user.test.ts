import { describe, expect, test } from '@jest/globals'
import { groups } from '@stockline/contracts'
import { groupsOf, isInventoryGroup } from '../groups/group.actions.ts'
import { changed, lastAdministratorRefusal, type User, type UserChange } from './user.ts'

const ada: User = {
  id: '019a0000-0000-7000-8000-000000000001',
  username: 'ada',
  name: 'Ada',
  active: true,
  administrator: true,
  inventoryGroup: groups.user,
  version: 1,
  createdAt: new Date('2026-04-20T08:00:00Z'),
}

describe('R2: at most one inventory group', () => {
  test('another group takes the place of the one before', () => {
    expect(groupsOf(changed(ada, { inventoryGroup: groups.manager }))).toEqual([groups.manager, groups.administrator])
    expect(groupsOf(changed(ada, { inventoryGroup: null }))).toEqual([groups.administrator])
  })

  test('what changes nothing makes no new version', () => {
    expect(changed(ada, { name: 'Ada', inventoryGroup: groups.user })).toBe(ada)
    expect(changed(ada, {})).toBe(ada)
    expect(changed(ada, { active: false })).toMatchObject({ active: false, version: 2 })
  })

  test.each<[UserChange]>([
    [{ name: 'Eve' }],
    [{ active: false }],
    [{ administrator: false }],
    [{ inventoryGroup: groups.manager }],
    [{ inventoryGroup: null }],
    [{ name: 'Eve', active: false, administrator: false, inventoryGroup: null }],
  ])('%j makes one', (change) => expect(changed(ada, change)).toEqual({ ...ada, ...change, version: 2 }))

  test('what is taken away may be given back', () => {
    const away = { ...ada, active: false, administrator: false, inventoryGroup: null }
    expect(changed(away, {})).toBe(away)
    const change = { active: true, administrator: true, inventoryGroup: groups.user }
    expect(changed(away, change)).toEqual({ ...ada, version: 2 })
  })

  test.each([
    [groups.user, true],
    [groups.manager, true],
    [groups.administrator, false],
    ['inventory_group_user', false],
    [null, false],
  ])('%s: %s', (group, expected) => {
    expect(isInventoryGroup(group)).toBe(expected)
  })
})

describe('the last administrator', () => {
  test.each([
    ['disabled', { active: false }, 0, 'last-administrator'],
    ['withdrawn', { administrator: false }, 0, 'last-administrator'],
    ['both', { active: false, administrator: false }, 0, 'last-administrator'],
    ['withdrawn while there is another', { administrator: false }, 1, undefined],
    ['renamed', { name: 'Eve' }, 0, undefined],
  ])('%s', (_, change, others, expected) => {
    expect(lastAdministratorRefusal(ada, changed(ada, change), others)?.refused).toBe(expected)
  })

  test('who was disabled already may be withdrawn', () => {
    const away = { ...ada, active: false }
    expect(lastAdministratorRefusal(away, changed(away, { administrator: false }), 0)).toBeUndefined()
    const plain = { ...ada, administrator: false }
    expect(lastAdministratorRefusal(plain, changed(plain, { active: false }), 0)).toBeUndefined()
  })
})
