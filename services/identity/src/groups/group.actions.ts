/** Groups by their external ids, as tokens and events carry them. */
import { groups, inventoryGroups, type InventoryGroup } from '@stockline/contracts'
import type { HeldGroups } from './group.ts'

/** Who is new gets the lowest of the three. */
export const defaultInventoryGroup: InventoryGroup = groups.user

/** External ids of what a user holds. */
export function groupsOf(membership: HeldGroups): string[] {
  const inventory = membership.inventoryGroup === null ? [] : [membership.inventoryGroup]
  return membership.administrator ? [...inventory, groups.administrator] : inventory
}

/** Is it one of the three? */
export function isInventoryGroup(text: string | null): text is InventoryGroup {
  return (inventoryGroups as readonly (string | null)[]).includes(text)
}
