/** Transfers: compares what picking keeps of their attempts with the ledger, which posts each of them by itself. */
import { heldPositions } from './across.documents.ts'
import type { Databases } from './databases.ts'
import type { Difference } from './findings.ts'

/** Transfers that are compared at once, in the order of their ids: bounds memory. */
const transfersAtOnce = 5_000
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

interface Attempt {
  readonly id: string
  readonly attempt: number
  readonly position: string
}

interface PostedAttempt extends Attempt {
  readonly age: number
}

/**
 * Each attempt that the ledger posted is in the moves of the transfer's lines, at the same position, and no other. Whether it is in
 * transit or done follows from its moves: that is an invariant of picking.
 */
export async function postedIsMoved(databases: Databases): Promise<readonly Difference[]> {
  const found: Difference[] = []
  for (let from = '00000000-0000-0000-0000-000000000000'; from !== lastId;) {
    const [last] = await databases.picking<{ id: string }>(
      `select id::text as id from transfers where id > $1 order by id offset ${String(transfersAtOnce - 1)} limit 1`,
      [from],
    )
    const to = last?.id ?? lastId
    found.push(...(await compareTransfers(databases, [from, to])))
    from = to
  }
  return found
}

/** Of transfers from $1, exclusive, to $2. */
async function compareTransfers(
  { picking, stock }: Databases,
  range: readonly [string, string],
): Promise<readonly Difference[]> {
  const moved = await picking<Attempt>(
    `select distinct l.transfer_id::text as id, (m ->> 'attempt')::int as attempt, m ->> 'position' as position
     from transfer_lines l cross join jsonb_array_elements(l.moves::jsonb) m where l.transfer_id > $1 and l.transfer_id <= $2`,
    range,
  )
  const posted = await stock<PostedAttempt>(
    `select document_id::text as id, attempt, position::text as position, extract(epoch from now() - recorded_at)::float8 as age
     from postings where kind = 'transfer' and position is not null and document_id > $1 and document_id <= $2`,
    range,
  )
  const [here, there] = [new Set(moved.map(keyOf)), new Set(posted.map(keyOf))]
  const missing = posted.filter((one) => !here.has(keyOf(one)))
  const held = missing.length === 0 ? new Map<string, string>() : await heldPositions(picking, rangeOf(missing))
  return [
    ...moved.filter((one) => !there.has(keyOf(one))).map((one) => ({ row: { ...rowOf(one), posted: false } })),
    ...missing.map((one) => {
      const state = held.get(one.position)
      const heldAs = state === undefined ? undefined : `${state} at picking`
      return { row: { ...rowOf(one), posted: true, 'known to picking': false }, ageSeconds: one.age, heldAs }
    }),
  ]
}

/** All positions from before the first to the last. */
function rangeOf(posted: readonly Attempt[]): readonly [string, string] {
  const positions = posted.map(({ position }) => BigInt(position)).sort((a, b) => Number(a - b))
  return [String((positions[0] ?? 1n) - 1n), String(positions.at(-1) ?? 0n)]
}

function keyOf({ id, attempt, position }: Attempt): string {
  return `${id} ${String(attempt)} ${position}`
}

function rowOf({ id, attempt, position }: Attempt) {
  return { document: id, attempt, position }
}
