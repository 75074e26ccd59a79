/** The groups that a user may be in, and how they become what a token carries. */
import { groups, inventoryGroups } from '@stockline/contracts'
import type { InventoryGroup } from '@stockline/contracts'

/** What decides a user's rights. */
export interface Membership {
  readonly inventoryGroup: InventoryGroup | null
  readonly administrator: boolean
}

/** Who is new gets the lowest of the three. */
export const defaultInventoryGroup: InventoryGroup = groups.user

/** External ids, as tokens and events carry them. */
export function groupsOf(membership: Membership): string[] {
  const inventory = membership.inventoryGroup === null ? [] : [membership.inventoryGroup]
  return membership.administrator ? [...inventory, groups.administrator] : inventory
}

/** Is it one of the three? */
export function isInventoryGroup(text: string | null): text is InventoryGroup {
  return (inventoryGroups as readonly (string | null)[]).includes(text)
}
