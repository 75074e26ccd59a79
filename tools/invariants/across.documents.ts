/** Documents: compares picking, the ledger and the books. */
import type { Ask, Databases } from './databases.ts'
import type { Difference } from './findings.ts'

/** Positions that are compared at once: bounds memory. */
const positionsAtOnce = 20_000n

interface Place {
  readonly id: string
  readonly position: string
}

interface Posted extends Place {
  readonly age: number
}

/** How one reader of the ledger is compared with it. */
interface Comparison {
  /** `picking`: the reader, for messages. */
  readonly reader: string
  /** What it has made of positions from $1, exclusive, to $2. */
  readonly made: string
  /** The greatest position that it knows. */
  readonly last: string
  /** Kinds of documents that it answers for. */
  readonly kinds: readonly string[]
  /** Which of these, as a condition on "postings"; all of them where it is absent. */
  readonly which?: string
}

/** Done in picking and posted in the ledger are the same documents, at the same positions. */
export function postedIsDone({ picking, stock }: Databases): Promise<readonly Difference[]> {
  return compareWithLedger(picking, stock, {
    reader: 'picking',
    made: `select id::text as id, position::text as position from receipts where position > $1 and position <= $2
      union all select id::text, position::text from deliveries where position > $1 and position <= $2`,
    last: 'select greatest((select max(position) from receipts), (select max(position) from deliveries))::text as last',
    kinds: ['receipt', 'delivery'],
  })
}

const ofParkedDocuments = `
  from parked_documents p join inputs i on i.number = p.input where i.position > $1 and i.position <= $2`

/** Every posting that crosses the border of owned stock has its entry. What waits for a cost is held. */
export async function postedIsBooked({ valuation, stock }: Databases): Promise<readonly Difference[]> {
  const differences = await compareWithLedger(valuation, stock, {
    reader: 'valuation',
    made: `select document_id::text as id, position::text as position from entries
      where original and position > $1 and position <= $2
      union all select i.data->'document'->>'documentId', i.position::text ${ofParkedDocuments}`,
    last: 'select last_position::text as last from books',
    kinds: ['receipt', 'delivery', 'adjustment', 'opening', 'transfer'],
    // What has another status or another place now is owned as before.
    which: `(kind not in ('adjustment', 'transfer') or exists (
      select from moves m join locations f on f.id = m.from_location_id join locations t on t.id = m.to_location_id
      where m.position = postings.position
        and (f.type in ('internal', 'transit')) <> (t.type in ('internal', 'transit'))))`,
  })
  const waiting = await valuation<{ id: string; reason: string; age: number }>(
    `select i.data->'document'->>'documentId' as id, p.reason, extract(epoch from now() - p.parked_at)::float8 as age
     from parked_documents p join inputs i on i.number = p.input`,
  )
  const held = waiting.map(({ id, reason, age }) => ({
    row: { document: id },
    ageSeconds: age,
    heldAs: `${reason} at valuation`,
  }))
  return [...differences, ...held]
}

async function compareWithLedger(reader: Ask, ledger: Ask, comparison: Comparison): Promise<readonly Difference[]> {
  const [known] = await reader<{ last: string | null }>(comparison.last)
  const [head] = await ledger<{ last: string | null }>('select max(position)::text as last from postings')
  const last = [BigInt(known?.last ?? 0), BigInt(head?.last ?? 0)].reduce((one, other) => (one > other ? one : other))
  const found: Difference[] = []
  for (let from = 0n; from < last; from += positionsAtOnce) {
    const to = from + positionsAtOnce < last ? from + positionsAtOnce : last
    found.push(...(await compareRange(reader, ledger, comparison, [String(from), String(to)])))
  }
  return found
}

async function compareRange(
  reader: Ask,
  ledger: Ask,
  { reader: name, made, kinds, which = 'true' }: Comparison,
  range: readonly [string, string],
): Promise<readonly Difference[]> {
  const places = await reader<Place>(made, range)
  const posted = await ledger<Posted>(
    `select document_id::text as id, position::text as position, extract(epoch from now() - recorded_at)::float8 as age
     from postings where position > $1 and position <= $2 and kind = any($3::text[]) and ${which}`,
    [...range, kinds],
  )
  const [here, there] = [new Set(places.map(keyOf)), new Set(posted.map(keyOf))]
  const twice = places.length - here.size
  const missing = posted.filter((one) => !here.has(keyOf(one)))
  const heldAt = missing.length === 0 ? new Map<string, string>() : await heldPositions(reader, range)
  return [
    ...places
      .filter((one) => !there.has(keyOf(one)))
      .map(({ id, position }) => ({ row: { document: id, position, [`known to ${name}`]: true, posted: false } })),
    ...missing.map(({ id, position, age }) => {
      const state = heldAt.get(position)
      const heldAs = state === undefined ? undefined : `${state} at ${name}`
      return { row: { document: id, position, posted: true, [`known to ${name}`]: false }, ageSeconds: age, heldAs }
    }),
    ...(twice === 0 ? [] : [{ row: { twice, [`known to ${name}`]: true, positions: range.join('–') } }]),
  ]
}

/**
 * Ledger documents that the reader has set aside visibly, by position.
 *
 * @param range positions, the first exclusive
 */
export async function heldPositions(
  reader: Ask,
  range: readonly [string, string],
): Promise<ReadonlyMap<string, string>> {
  const rows = await reader<{ position: string; state: string }>(
    `select sequence::text as position, state from kit.parked
     where topic = 'stock.ledger' and resolved_at is null and sequence > $1 and sequence <= $2`,
    range,
  )
  return new Map(rows.map(({ position, state }) => [position, state]))
}

function keyOf({ id, position }: Place): string {
  return `${id} ${position}`
}

/** A document of picking waits for the ledger no longer than its question and the answer travel. */
export async function postingIsAnswered({ picking, stock }: Databases): Promise<readonly Difference[]> {
  const waiting = await picking<{ id: string; number: string; age: number }>(
    `select id::text as id, number, extract(epoch from now() - changed_at)::float8 as age
     from receipts where open and status = 'posting'
     union all select id::text, number, extract(epoch from now() - changed_at)::float8
     from deliveries where open and status = 'posting'
     union all select id::text, number, extract(epoch from now() - changed_at)::float8
     from transfers where open and status = 'posting'`,
  )
  if (waiting.length === 0) return []
  const ids = waiting.map(({ id }) => id)
  const asked = await stock<Held>(
    `select subject as id, state from kit.parked where resolved_at is null and subject = any($1::text[])`,
    [ids],
  )
  const answered = await picking<Held>(
    `select * from (select event::jsonb->'data'->>'documentId' as id, state from kit.parked where resolved_at is null) held
     where id = any($1::text[])`,
    [ids],
  )
  const held = new Map([
    ...answered.map(({ id, state }) => [id, `${state} at picking`] as const),
    ...asked.map(({ id, state }) => [id, `${state} at stock`] as const),
  ])
  return waiting.map(({ id, number, age }) => ({
    row: { document: id, number, status: 'posting' },
    ageSeconds: age,
    heldAs: held.get(id),
  }))
}

interface Held {
  readonly id: string
  readonly state: string
}

/** At the position that the books have reached. */
export async function layersAreOnHand({ valuation, stock }: Databases): Promise<readonly Difference[]> {
  // Valuation first: stock is then at its position or beyond, and the moves since can be taken off.
  const [books] = await valuation<{ last: string; parked: number; pools: [string, string][] | null }>(
    `select last_position::text as last, parked_count as parked,
       (select json_agg(json_build_array(product_id, trim_scale(quantity)::text)) from cost_pools where quantity <> 0) as pools
     from books`,
  )
  if (books === undefined) return []
  // What waits for a cost is on hand and not in the layers; the waiting documents are reported.
  if (books.parked > 0) return [{ row: {}, heldAs: `not compared while documents wait for a cost` }]
  const onHand = await stock<{ id: string; quantity: string }>(onHandAt, [books.last])
  const layers = new Map(books.pools ?? [])
  const quantities = new Map(onHand.map(({ id, quantity }) => [id, quantity]))
  return [...new Set([...layers.keys(), ...quantities.keys()])]
    .filter((id) => layers.get(id) !== quantities.get(id))
    .map((id) => ({ row: { product: id, layers: layers.get(id) ?? '0', onHand: quantities.get(id) ?? '0' } }))
}

const onHandAt = `
  with later as (
    select product_id, location_id, sum(quantity) as quantity from (
      select product_id, to_location_id as location_id, quantity from moves where position > $1
      union all select product_id, from_location_id, -quantity from moves where position > $1) both_ends
    group by product_id, location_id),
  owned as (
    select product_id, location_id, quantity_on_hand as quantity from quants
    union all select product_id, location_id, -quantity from later)
  select o.product_id as id, trim_scale(sum(o.quantity))::text as quantity
  from owned o join locations l on l.id = o.location_id join products p on p.id = o.product_id
  where l.type in ('internal', 'transit') and p.type = 'stockable'
  group by o.product_id having sum(o.quantity) <> 0`
