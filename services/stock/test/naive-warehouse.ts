/**
 * The same warehouse, told in the plainest way: balances are added up from all moves each time, and after each
 * document everybody who waits is asked again. Slow, and easy to believe.
 */
import { formatQuantity, quantity } from '@stockline/amounts'
import type { LedgerRequest, NeedRequest, Posting } from '../src/ledger/document.ts'
import type { Picture } from '../src/ledger/picture.ts'

interface Claim {
  line: number
  place: string
  sku: string
  quantity: bigint
}
interface Asked extends NeedRequest {
  status: 'open' | 'closed'
  claims: Claim[]
}

const others = {
  receipt: 'Virtual/Vendors',
  delivery: 'Virtual/Customers',
  opening: 'Virtual/Opening',
  adjustment: 'Virtual/Loss',
}

/** Knows untracked products, FIFO, and the places of the picture; nothing else of it is read. */
export function naiveWarehouse({ places }: Pick<Picture, 'places'>) {
  let moves: { place: string; sku: string; change: bigint; at: number }[] = []
  const needs = new Map<string, Asked>()
  const posted = new Set<string>()

  const onHand = (place: string, sku: string) =>
    moves.filter((move) => move.place === place && move.sku === sku).reduce((sum, move) => sum + move.change, 0n)
  const reserved = (place: string, sku: string, but?: Asked) =>
    [...needs.values()]
      .filter((one) => one !== but)
      .flatMap((one) => one.claims)
      .filter((claim) => claim.place === place && claim.sku === sku)
      .reduce((sum, claim) => sum + claim.quantity, 0n)
  const free = (place: string, sku: string) => onHand(place, sku) - reserved(place, sku)

  /** When on-hand last left zero. */
  function arrived(place: string, sku: string): number {
    let sum = 0n
    let since = 0
    for (const move of moves.filter((one) => one.place === place && one.sku === sku)) {
      if (sum === 0n) since = move.at
      sum += move.change
    }
    return since
  }

  function tryReserve(one: Asked): void {
    const before = one.claims
    let complete = true
    for (const { line, sku, quantity: wanted } of one.lines) {
      let missing = wanted
      for (const claim of before) if (claim.line === line) missing -= claim.quantity
      const shelves = [...places.values()]
        .filter((place) => place.reservable && place.warehouse === one.warehouse && free(place.code, sku) > 0n)
        .sort((a, b) => arrived(a.code, sku) - arrived(b.code, sku) || (a.code < b.code ? -1 : 1))
      for (const place of shelves) {
        const there = free(place.code, sku)
        const part = there < missing ? there : missing
        if (part === 0n) continue
        one.claims = [...one.claims, { line, place: place.code, sku, quantity: part }]
        missing -= part
      }
      if (missing > 0n) complete = false
    }
    if (!complete && !one.allowPartial) one.claims = before
  }

  function offerAll(): void {
    for (const one of inOrder())
      if (one.status === 'open' && (one.allowPartial || one.claims.length === 0)) tryReserve(one)
  }

  function inOrder(): Asked[] {
    return [...needs.values()].sort(
      (a, b) => a.priority - b.priority || a.orderedAt - b.orderedAt || (a.documentId < b.documentId ? -1 : 1),
    )
  }

  function post(posting: Posting): boolean {
    if (posted.has(posting.documentId) || posted.has(`${posting.documentId}/${String(posting.attempt)}`)) return false
    const own = posting.kind === 'delivery' ? needs.get(posting.documentId) : undefined
    const before = moves
    for (const line of posting.lines) {
      const change = posting.kind === 'delivery' ? -line.quantity : line.quantity
      const there = onHand(line.location, line.sku)
      const spoken = posting.kind === 'delivery' ? reserved(line.location, line.sku, own) : 0n
      if (change < 0n && there - spoken < -change) {
        moves = before
        posted.add(`${posting.documentId}/${String(posting.attempt)}`)
        return false
      }
      const at = posting.effectiveAt
      moves = [
        ...moves,
        { place: line.location, sku: line.sku, change, at },
        { place: others[posting.kind], sku: line.sku, change: -change, at },
      ]
    }
    posted.add(posting.documentId)
    if (own !== undefined) Object.assign(own, { status: 'closed', claims: [] })
    for (const { location, sku } of posting.lines) releaseUncovered(location, sku)
    offerAll()
    return true
  }

  function releaseUncovered(place: string, sku: string): void {
    for (const one of inOrder().reverse()) {
      if (reserved(place, sku) <= onHand(place, sku)) return
      const hit = (claim: Claim) => claim.place === place && claim.sku === sku
      if (one.claims.some(hit)) one.claims = one.allowPartial ? one.claims.filter((claim) => !hit(claim)) : []
    }
  }

  return {
    /** True if it was a document that is posted now. */
    take(request: LedgerRequest): boolean {
      if (request.asks === 'post') return post(request)
      if (request.asks === 'offer' || request.asks === 'withdraw')
        throw new Error('Nothing it knows changes by itself.')
      const known = needs.get(request.documentId)
      if (request.asks === 'free') {
        if (known?.status === 'open') Object.assign(known, { status: 'closed', claims: [] })
      } else if (known === undefined || (known.status === 'open' && known.revision < request.revision)) {
        const asked: Asked = { ...request, status: 'open', claims: [] }
        needs.set(request.documentId, asked)
        tryReserve(asked)
      }
      offerAll()
      return false
    },
    balances(): Record<string, string> {
      const keys = new Set(moves.map((move) => `${move.place} ${move.sku}`))
      const shown = [...keys]
        .map((key): [string, bigint] => [key, onHand(...(key.split(' ') as [string, string]))])
        .filter(([, sum]) => sum !== 0n)
      return Object.fromEntries(shown.map(([key, sum]) => [key, formatQuantity(quantity(sum))]))
    },
    claims(): Record<string, string[]> {
      return Object.fromEntries([...needs.values()].map((one) => [one.documentId, merged(one.claims)]))
    },
  }
}

function merged(claims: readonly Claim[]): string[] {
  const sums = new Map<string, bigint>()
  for (const { line, place, quantity: part } of claims) {
    const key = `${String(line)} ${place}`
    sums.set(key, (sums.get(key) ?? 0n) + part)
  }
  return [...sums].map(([key, sum]) => `${key} ${String(sum)}`).sort()
}
