/** Writes what was decided: one statement for each table, sent without waiting for each other. */
import type { EventActor } from '@stockline/contracts/envelope'
import { type Queryable, sql, plainArray } from '@stockline/service-kit'
import type { Posting } from './request.ts'
import { storeLots } from './reference.store.ts'
import type { Decision } from './ledger.ts'
import type { Move } from './move.ts'
import type { Quant } from './stock.ts'
import { storeDemands } from './demands.store.ts'
import { storeTransfers } from './transfers.store.ts'
import type { WorkingSet } from './working-set.ts'
import { none } from './quant.ts'
import { storeQuants } from './quants.store.ts'
import { timestamp } from './rows.store.ts'

const moveHead = sql('update ledger_head set position = $2, recorded_at = $3 where company = $1')
const savePostings = sql(
  `insert into postings (document_id, attempt, position, kind, number, warehouse, recorded_at, effective_at,
     actor_id, actor_name, refused_code, refused_detail, order_source, order_number, partner_code, partner_name)
   select document_id, attempt, position, kind, number, warehouse, $1, effective_at, actor_id, actor_name, code, detail,
     order_source, order_number, partner_code, partner_name
   from unnest($2::uuid[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
     $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[])
     as p(document_id, attempt, position, kind, number, warehouse, effective_at, actor_id, actor_name, code, detail,
       order_source, order_number, partner_code, partner_name)`,
)
const saveMoves = sql(
  `insert into moves (position, line, document_line, product_id, lot_id, status, package_id, quantity,
     from_location_id, to_location_id, to_status, order_line, to_lot_id)
   select * from unnest($1::bigint[], $2::int[], $3::int[], $4::uuid[], $5::uuid[], $6::text[], $7::uuid[],
     $8::numeric[], $9::uuid[], $10::uuid[], $11::text[], $12::int[], $13::uuid[])`,
)
const saveShortPicks = sql(
  `insert into short_picks (position, product_id, location_id, lot_id, status)
   select distinct * from unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[])`,
)
const takeNumber = sql(
  `insert into document_numbers (series, last) values ($1, 1)
   on conflict (series) do update set last = document_numbers.last + 1 returning last`,
)

const keepNumber = sql(
  `insert into document_numbers (series, last) values ($1, $2)
   on conflict (series) do update set last = greatest(document_numbers.last, excluded.last)`,
)

/** Saves a decision. The actor of each request is found by its index in the batch. */
export async function storeDecision(
  db: Queryable,
  company: string,
  workingSet: WorkingSet,
  decision: Decision,
  actorOf: (cause: number) => EventActor | null,
): Promise<void> {
  const postings = decision.outcomes.flatMap((one) => attemptFrom(one, actorOf))
  const moves = decision.outcomes.flatMap((one) =>
    one.outcome === 'posted' ? one.moves.map((move) => ({ position: one.position, move })) : [],
  )
  const short = decision.outcomes.flatMap((one) =>
    one.outcome === 'posted' ? (one.short ?? []).map((quant) => ({ position: one.position, quant })) : [],
  )
  const recordedAt = timestamp(workingSet.recordedAt)
  await Promise.all([
    ...(postings.length === 0 ? [] : [db.query(moveHead, [company, workingSet.position, recordedAt])]),
    ...(postings.length === 0 ? [] : [db.query(savePostings, [recordedAt, ...postingColumns(postings)])]),
    ...(moves.length === 0 ? [] : [db.query(saveMoves, moveColumns(moves))]),
    ...(short.length === 0 ? [] : [db.query(saveShortPicks, shortColumns(short))]),
    ...(decision.lots.length === 0 ? [] : [storeLots(db, decision.lots)]),
    ...(decision.quants.length === 0 ? [] : [storeQuants(db, decision.quants)]),
    ...(decision.demands.length === 0 ? [] : [storeDemands(db, decision.demands)]),
    ...(decision.transfers.length === 0 ? [] : [storeTransfers(db, company, decision.transfers)]),
  ])
}

/** The next number of a series. Take it under the ledger's head, and nothing is skipped. */
export async function nextNumber(db: Queryable, series: string): Promise<bigint> {
  const [row] = await db.query<{ last: bigint }>(takeNumber, [series])
  if (row === undefined) throw new Error(`The series ${series} gave no number.`)
  return row.last
}

/** A number of a series was given: the next one is behind it. */
export async function restoreNumber(db: Queryable, series: string, last: bigint): Promise<void> {
  await db.query(keepNumber, [series, last])
}

interface PostingAttempt {
  readonly posting: Pick<
    Posting,
    'documentId' | 'attempt' | 'kind' | 'number' | 'warehouse' | 'effectiveAt' | 'order' | 'partner'
  >
  readonly position: bigint | null
  readonly actor: EventActor | null
  readonly code: string | null
  readonly detail: string | null
}

function attemptFrom(
  one: Decision['outcomes'][number],
  actorOf: (cause: number) => EventActor | null,
): PostingAttempt[] {
  if (one.outcome !== 'posted' && one.outcome !== 'refused') return []
  const { by: actor = actorOf(one.cause) } = one
  if (one.outcome === 'posted')
    return [{ posting: one.posting, position: one.position, actor, code: null, detail: null }]
  const refused = { position: null, actor, code: one.code, detail: one.detail }
  switch (one.request.action) {
    case 'post':
      return [{ posting: one.request, ...refused }]
    case 'transfer':
      return [{ posting: { ...one.request, kind: 'transfer' }, ...refused }]
    case 'reserve':
      return []
  }
}

function postingColumns(attempts: readonly PostingAttempt[]): unknown[] {
  return [
    plainArray(attempts.map(({ posting }) => posting.documentId)),
    plainArray(attempts.map(({ posting }) => posting.attempt)),
    plainArray(attempts.map(({ position }) => position)),
    plainArray(attempts.map(({ posting }) => posting.kind)),
    attempts.map(({ posting }) => posting.number),
    attempts.map(({ posting }) => posting.warehouse),
    plainArray(attempts.map(({ posting }) => timestamp(posting.effectiveAt))),
    attempts.map(({ actor }) => actor?.id ?? null),
    attempts.map(({ actor }) => actor?.name ?? null),
    attempts.map(({ code }) => code),
    attempts.map(({ detail }) => detail),
    attempts.map(({ posting }) => posting.order?.source ?? null),
    attempts.map(({ posting }) => posting.order?.orderNumber ?? null),
    attempts.map(({ posting }) => posting.partner?.code ?? null),
    attempts.map(({ posting }) => posting.partner?.name ?? null),
  ]
}

function shortColumns(short: readonly { position: bigint; quant: Quant }[]): unknown[] {
  return [
    plainArray(short.map(({ position }) => position)),
    plainArray(short.map(({ quant }) => quant.product.id)),
    plainArray(short.map(({ quant }) => quant.location.id)),
    plainArray(short.map(({ quant }) => quant.lot?.id ?? none)),
    short.map(({ quant }) => quant.status),
  ]
}

function moveColumns(moves: readonly { position: bigint; move: Move }[]): unknown[] {
  return [
    plainArray(moves.map(({ position }) => position)),
    plainArray(moves.map(({ move }) => move.line)),
    plainArray(moves.map(({ move }) => move.documentLine)),
    plainArray(moves.map(({ move }) => move.product.id)),
    plainArray(moves.map(({ move }) => move.lot?.id ?? none)),
    plainArray(moves.map(({ move }) => move.status)),
    plainArray(moves.map(({ move }) => move.packageId)),
    plainArray(moves.map(({ move }) => move.quantityText)),
    plainArray(moves.map(({ move }) => move.from.id)),
    plainArray(moves.map(({ move }) => move.to.id)),
    plainArray(moves.map(({ move }) => move.toStatus ?? null)),
    plainArray(moves.map(({ move }) => move.passThrough.orderLine ?? null)),
    plainArray(moves.map(({ move }) => move.toLot?.id ?? null)),
  ]
}
