/**
 * The least that a ledger could do, written by hand through bare `pg`: for each batch lock the head, insert the
 * moves, add to the balances, insert the outbox rows. No rule, no check, no reservation: what we are measured against.
 */
import type { Client } from 'pg'

export interface BareLine {
  readonly productId: string
  readonly sku: string
  readonly fromId: string
  readonly toId: string
  readonly from: string
  readonly to: string
  readonly quantity: string
}

export interface BareDocument {
  readonly id: string
  readonly number: string
  readonly lines: readonly BareLine[]
}

const none = '00000000-0000-0000-0000-000000000000'
const lockHead = { name: 'bare-head', text: 'select position from ledger_head where company = $1 for update' }
const moveHead = {
  name: 'bare-move-head',
  text: 'update ledger_head set position = $2, recorded_at = now() where company = $1',
}
const insertPostings = {
  name: 'bare-postings',
  text: `insert into postings (document_id, attempt, position, kind, number, recorded_at, effective_at)
    select id, 1, position, 'receipt', number, now(), now() from unnest($1::uuid[], $2::bigint[], $3::text[]) as p(id, position, number)`,
}
const insertMoves = {
  name: 'bare-moves',
  text: `insert into moves (position, line, product_id, lot_id, status, package_id, quantity, from_location_id, to_location_id)
    select position, line, product, '${none}', 'available', '${none}', quantity, source, target
    from unnest($1::bigint[], $2::int[], $3::uuid[], $4::numeric[], $5::uuid[], $6::uuid[])
      as m(position, line, product, quantity, source, target)`,
}
const upsertQuants = {
  name: 'bare-quants',
  text: `insert into quants (product_id, lot_id, location_id, status, package_id, internal, may_be_negative, quantity_on_hand, quantity_reserved)
    select product, '${none}', location, 'available', '${none}', internal, false, sum(quantity), 0
    from (
      select unnest($1::uuid[]) as product, unnest($2::uuid[]) as location, true as internal, unnest($4::numeric[]) as quantity
      union all
      select unnest($1::uuid[]), unnest($3::uuid[]), false, -unnest($4::numeric[])
    ) sides group by product, location, internal order by product, location
    on conflict (product_id, lot_id, location_id, status, package_id)
      do update set quantity_on_hand = quants.quantity_on_hand + excluded.quantity_on_hand`,
}
const insertOutbox = {
  name: 'bare-outbox',
  text: `insert into kit.outbox (id, topic, key, type, subject, sequence, value, headers)
    select id, 'stock.ledger', 'DEMO', 'stock.document-posted.v1', 'DEMO', sequence, value, '{}'
    from unnest($1::uuid[], $2::bigint[], $3::text[]) as e(id, sequence, value)`,
}

/** Posts a batch in one transaction. */
export async function postBare(client: Client, documents: readonly BareDocument[]): Promise<void> {
  await client.query('begin')
  const head = await client.query<{ position: string }>({ ...lockHead, values: ['DEMO'] })
  const first = BigInt(head.rows[0]?.position ?? 0) + 1n
  const positions = documents.map((_, index) => String(first + BigInt(index)))
  const lines = documents.flatMap((document, index) =>
    document.lines.map((line, at) => ({ ...line, position: positions[index], line: at + 1 })),
  )
  const ids = documents.map((document) => document.id)
  const targets = lines.map((line) => line.toId)
  const sources = lines.map((line) => line.fromId)
  const products = lines.map((line) => line.productId)
  const quantities = lines.map((line) => line.quantity)
  await client.query({ ...insertPostings, values: [ids, positions, documents.map((document) => document.number)] })
  await client.query({
    ...insertMoves,
    values: [
      lines.map((line) => line.position),
      lines.map((line) => line.line),
      products,
      quantities,
      sources,
      targets,
    ],
  })
  await client.query({ ...upsertQuants, values: [products, targets, sources, quantities] })
  await client.query({
    ...insertOutbox,
    values: [ids, positions, documents.map((document, index) => eventText(document, positions[index] ?? ''))],
  })
  await client.query({ ...moveHead, values: ['DEMO', positions.at(-1)] })
  await client.query('commit')
}

/** The same event that the ledger publishes, as far as a minimal one has it. */
function eventText({ id, number, lines }: BareDocument, position: string): string {
  return JSON.stringify({
    specversion: '1.0',
    id,
    source: '/stockline/stock',
    type: 'stock.document-posted.v1',
    subject: 'DEMO',
    sequence: position,
    data: {
      position,
      documentId: id,
      number,
      kind: 'receipt',
      lines: lines.map((line, index) => ({
        move: `${id}/${String(index + 1)}`,
        line: index + 1,
        productId: line.productId,
        sku: line.sku,
        lot: null,
        quantity: line.quantity,
        from: { location: line.from, type: 'vendor', warehouse: null },
        to: { location: line.to, type: 'internal', warehouse: 'WH' },
      })),
    },
  })
}
