/**
 * Invariants between services. Each compares what two of them say up to the position that both have applied, so that
 * what still travels is no violation; what never arrives is.
 */
import { listensTo as picking } from '../../services/picking/src/bus.ts'
import { listensTo as stock } from '../../services/stock/src/bus.ts'
import { listensTo as valuation } from '../../services/valuation/src/bus.ts'
import type { Databases, ServiceName } from './databases.ts'

export interface AcrossInvariant {
  readonly name: string
  /** Gives the offending rows. */
  readonly check: (databases: Databases) => Promise<readonly object[]>
}

/** Positions that are compared at once: bounds memory. */
const positionsAtOnce = 20_000n

export const acrossServices: readonly AcrossInvariant[] = [
  {
    name: 'a receipt or delivery is done if and only if the ledger has posted it, at the same position',
    check: doneIsPosted,
  },
  { name: 'a posted document has one original journal entry, or is seen waiting for a cost', check: postedIsBooked },
  { name: 'the quantity of the cost layers is the quantity on hand', check: layersAreOnHand },
  { name: 'every event that was published was taken, once', check: publishedIsTaken },
]

async function doneIsPosted({ picking: ask, stock: askStock }: Databases): Promise<readonly object[]> {
  const last = await appliedPosition(ask)
  return overPositions(last, async (from, to) => {
    const done = await ask<{ id: string; position: bigint | string }>(
      `select id, position from receipts where position > $1 and position <= $2
       union all select id, position from deliveries where position > $1 and position <= $2`,
      [from, to],
    )
    const posted = await askStock<{ id: string; position: bigint | string }>(
      `select document_id as id, position from postings
       where position > $1 and position <= $2 and kind in ('receipt', 'delivery')`,
      [from, to],
    )
    return differences('done in picking', done.map(asKey), 'posted in stock', posted.map(asKey))
  })
}

async function postedIsBooked({ valuation: ask, stock: askStock }: Databases): Promise<readonly object[]> {
  const [books] = await ask<{ last: string }>('select last_position::text as last from books')
  return overPositions(BigInt(books?.last ?? 0), async (from, to) => {
    const booked = await ask<{ id: string; position: string }>(
      `select document_id as id, position from entries where original and position > $1 and position <= $2
       union all
       select (i.data->'document'->>'documentId')::uuid, i.position from parked_documents p join inputs i on i.number = p.input
       where i.position > $1 and i.position <= $2`,
      [from, to],
    )
    const posted = await askStock<{ id: string; position: string }>(
      `select document_id as id, position from postings
       where position > $1 and position <= $2 and kind <> 'transfer'`,
      [from, to],
    )
    return differences('booked in valuation', booked.map(asKey), 'posted in stock', posted.map(asKey))
  })
}

async function layersAreOnHand({ valuation: ask, stock: askStock }: Databases): Promise<readonly object[]> {
  // Valuation first: stock is then at its position or beyond, and the moves since can be taken off.
  const [books] = await ask<{ last: string; parked: number; pools: [string, string][] | null }>(
    `select last_position::text as last, parked_count as parked,
       (select json_agg(json_build_array(product_id, trim_scale(quantity)::text)) from cost_pools where quantity <> 0) as pools
     from books`,
  )
  // What waits for a cost is on hand and not in the layers; the documents that wait are seen.
  if (books === undefined || books.parked > 0) return []
  const onHand = await askStock<{ id: string; quantity: string }>(
    `with later as (
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
     group by o.product_id having sum(o.quantity) <> 0`,
    [books.last],
  )
  return differences(
    'in the layers',
    (books.pools ?? []).map(([id, quantity]) => `${id} ${quantity}`),
    'on hand',
    onHand.map(({ id, quantity }) => `${id} ${quantity}`),
  )
}

const readers: readonly [ServiceName, readonly { readonly owner: string; readonly topics: readonly string[] }[]][] = [
  ['stock', stock],
  ['picking', picking],
  ['valuation', valuation],
]

async function publishedIsTaken(databases: Databases): Promise<readonly object[]> {
  const found: object[] = []
  for (const [reader, contracts] of readers) {
    const owners = new Set(contracts.map((contract) => contract.owner).filter((owner) => owner in databases))
    for (const owner of owners) {
      const topics = [...new Set(contracts.filter((one) => one.owner === owner).flatMap((one) => one.topics))]
      const sequences = (table: string) =>
        `select topic, subject, last::text as last from kit.${table} where topic = any($1)`
      const taken = await databases[reader]<Sequence>(`${sequences('inbox_sequences')} and source = $2`, [
        topics,
        `/stockline/${owner}`,
      ])
      const published = await databases[owner as ServiceName]<Sequence>(sequences('outbox_sequences'), [topics])
      const at = new Map(taken.map((one) => [`${one.topic} ${one.subject}`, one.last]))
      for (const one of published) {
        const last = at.get(`${one.topic} ${one.subject}`) ?? '0'
        if (BigInt(last) < BigInt(one.last))
          found.push({ reader, topic: one.topic, subject: one.subject, published: one.last, taken: last })
      }
    }
  }
  return found
}

interface Sequence {
  readonly topic: string
  readonly subject: string
  readonly last: string
}

async function appliedPosition(ask: Databases['picking']): Promise<bigint> {
  const [row] = await ask<{ last: string }>(
    `select coalesce(max(last), 0)::text as last from kit.inbox_sequences where topic = 'stock.ledger'`,
  )
  return BigInt(row?.last ?? 0)
}

async function overPositions(
  last: bigint,
  compare: (from: string, to: string) => Promise<readonly object[]>,
): Promise<readonly object[]> {
  const found: object[] = []
  for (let from = 0n; from < last; from += positionsAtOnce) {
    const to = from + positionsAtOnce < last ? from + positionsAtOnce : last
    found.push(...(await compare(String(from), String(to))))
  }
  return found
}

function asKey(row: { id: string; position: bigint | string }): string {
  return `${row.id} ${String(row.position)}`
}

function differences(here: string, left: readonly string[], there: string, right: readonly string[]): object[] {
  const [inLeft, inRight] = [new Set(left), new Set(right)]
  return [
    ...left.filter((key) => !inRight.has(key)).map((key) => ({ [`only ${here}`]: key })),
    ...right.filter((key) => !inLeft.has(key)).map((key) => ({ [`only ${there}`]: key })),
    ...(left.length === inLeft.size ? [] : [{ [`twice ${here}`]: left.length - inLeft.size }]),
  ]
}
