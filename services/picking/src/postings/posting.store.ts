/** Documents that wait for the ledger's answer, counted. */
import { sql, type Queryable } from '@stockline/service-kit'

/** Documents of one kind that are `posting`; zero and zero where there are none. */
export interface Waiting {
  readonly kind: 'receipt' | 'delivery' | 'transfer'
  readonly documents: number
  /** Seconds since the one that waits longest was changed last. */
  readonly oldestSeconds: number
}

// Open documents have a small index of their own, which this reads; it is asked at each scrape.
const countPosting = sql(`
  select kind, count(changed_at)::int as documents,
    coalesce(extract(epoch from now() - min(changed_at)), 0)::float8 as "oldestSeconds"
  from (values ('receipt'), ('delivery'), ('transfer')) as kinds (kind) left join (
    select 'receipt' as kind, changed_at from receipts where open and status = 'posting'
    union all select 'delivery', changed_at from deliveries where open and status = 'posting'
    union all select 'transfer', changed_at from transfers where open and status = 'posting') as waiting using (kind)
  group by kind`)

/** How many documents wait for the ledger, and for how long. */
export function documentsPosting(db: Queryable): Promise<readonly Waiting[]> {
  return db.query<Waiting>(countPosting)
}
