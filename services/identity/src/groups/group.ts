/** What decides a user's rights. */

/** External ids of the three groups of which a user holds at most one. */
export type InventoryGroup = `core_inventory.inventory_group_${'user' | 'supervisor' | 'manager'}`

/** What a user holds. */
export interface Membership {
  readonly inventoryGroup: InventoryGroup | null
  readonly administrator: boolean
}
