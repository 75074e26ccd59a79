/** What can be promised, as a condition of statements: the rule of `available.ts`. */

/**
 * Can what nobody has reserved of a balance be promised? For a balance `q` with its location `l` and its lot `t`, if any.
 *
 * @param today the parameter that is the company's date
 */
export function isAvailable(today: string): string {
  return `(l.type = 'internal' and l.warehouse is not null and l.active and l.reservable and q.status = 'available'
    and (t.expires_on is null or t.expires_on >= ${today}::date))`
}

/** How much of a balance can be promised, never below zero. */
export function availableOf(today: string): string {
  return `case when ${isAvailable(today)} then greatest(q.quantity_on_hand - q.quantity_reserved, 0) else 0 end`
}
