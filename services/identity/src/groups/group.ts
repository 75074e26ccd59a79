/** What decides a user's rights. */
import type { InventoryGroup } from '@stockline/contracts'

/** The groups that a user holds: at most one of the inventory groups, and that of administrators. */
export interface HeldGroups {
  readonly inventoryGroup: InventoryGroup | null
  readonly administrator: boolean
}
