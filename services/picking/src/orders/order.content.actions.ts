/** What orders hold, once the items that their lines name are found. */
import { isWait, type Wait } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { itemsOf } from '../partners/items.actions.ts'
import type { Home, OrderDocuments, OrderMessage } from './order.documents.ts'
import type { OrderContent, OrderKind, IncomingOrderChange, IncomingContent } from './order.ts'

/** What an order holds, its items found, and where it is at home. */
export interface PlacedContent {
  readonly content: OrderContent
  readonly home: Home
}

/** What an order holds; or what it waits for: an item, a warehouse. Null where nothing was told of it. */
export async function contentOf(
  tx: Tx,
  kind: OrderKind,
  told: OrderMessage,
  documents: OrderDocuments,
): Promise<PlacedContent | Wait | null> {
  if (told.incoming.content === null) return null
  const [content] = await contentsOf(tx, kind, [told], documents)
  return content ?? null
}

/** The same of several. */
export async function contentsOf(
  tx: Tx,
  kind: OrderKind,
  told: readonly OrderMessage[],
  documents: OrderDocuments,
): Promise<readonly (PlacedContent | Wait)[]> {
  const items = await itemsOf(
    tx,
    kind,
    told.map(({ event, incoming }) => ({
      source: event.source,
      content: incoming.content ?? nothingOrdered(incoming),
    })),
  )
  const whole = items.flatMap((content) => (isWait(content) ? [] : [content]))
  const homes = whole.length === 0 ? [] : await documents.homes(tx, whole)
  return items.map((content) => {
    if (isWait(content)) return content
    const home = homes[whole.indexOf(content)]
    if (home === undefined) throw new Error(`Nothing is said of warehouse ${content.warehouse}.`)
    return isWait(home) ? home : { content, home }
  })
}

function nothingOrdered(incoming: IncomingOrderChange<IncomingContent>): never {
  throw new Error(`Order ${incoming.orderNumber} was confirmed without content.`)
}

/** An order that is cancelled before it could be followed is kept for people to read, as far as its items are known. */
export async function readableContent(
  tx: Tx,
  kind: OrderKind,
  source: string,
  content: IncomingContent,
): Promise<OrderContent | null> {
  const [found] = await itemsOf(tx, kind, [{ source, content }])
  if (!isWait(found)) return found ?? null
  return {
    ...content,
    lines: content.lines.flatMap(({ sku, ...line }) => (sku === undefined ? [] : [{ ...line, sku }])),
  }
}
