/** The manager's reasons, for others who post a correction. */
import type { Queryable } from '@stockline/service-kit'
import { findReasons } from './reason.store.ts'

/** Is it among the reasons that may be given? */
export async function isReason(db: Queryable, code: string): Promise<boolean> {
  const { reasons } = await findReasons(db)
  return reasons.some((one) => one.active && one.code === code)
}
