import type { System } from '@stockline/test-kit/load/system'

/** What each journey gets: the running system. */
export interface Fixture {
  readonly system: () => System
}
