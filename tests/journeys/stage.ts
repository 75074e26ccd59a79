import type { System } from '../load/system.ts'

/** What each journey gets: the running system. */
export interface Stage {
  readonly system: () => System
}
