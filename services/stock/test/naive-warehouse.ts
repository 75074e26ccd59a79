/**
 * The same warehouse in the plainest way: balances are added up from all moves each time, and after each
 * document every waiting delivery tries again. Slow, and easy to check.
 */
import { formatQuantity, negative, quantity } from '@stockline/amounts'
import type { LedgerRequest, DemandRequest, Posting } from '../src/ledger/request.ts'
import type { WorkingSet } from '../src/ledger/working-set.ts'

interface Allocation {
  line: number
  location: string
  sku: string
  quantity: bigint
}
interface WaitingDemand extends DemandRequest {
  status: 'open' | 'closed'
  allocations: readonly Allocation[]
}

/** Knows untracked products, FIFO, and the locations of the working set; nothing else of it is read. */
export function naiveWarehouse({ locations }: Pick<WorkingSet, 'locations'>) {
  let moves: { location: string; sku: string; change: bigint; at: number }[] = []
  const demands = new Map<string, WaitingDemand>()
  const posted = new Set<string>()

  const onHand = (location: string, sku: string) =>
    moves.filter((move) => move.location === location && move.sku === sku).reduce((sum, move) => sum + move.change, 0n)
  const reserved = (location: string, sku: string, but?: WaitingDemand) =>
    [...demands.values()]
      .filter((one) => one !== but)
      .flatMap((one) => one.allocations)
      .filter((allocation) => allocation.location === location && allocation.sku === sku)
      .reduce((sum, allocation) => sum + allocation.quantity, 0n)
  const available = (location: string, sku: string) => onHand(location, sku) - reserved(location, sku)

  /** When on-hand last left zero. */
  function arrived(location: string, sku: string): number {
    let sum = 0n
    let since = 0
    for (const move of moves.filter((one) => one.location === location && one.sku === sku)) {
      if (sum === 0n) since = move.at
      sum += move.change
    }
    return since
  }

  function tryReserve(one: WaitingDemand): void {
    if (one.held !== undefined) return
    const before = one.allocations
    let complete = true
    for (const { line, sku, quantity: wanted } of one.lines) {
      let missing: bigint = wanted
      for (const allocation of before) if (allocation.line === line) missing -= allocation.quantity
      const supplies = [...locations.values()]
        .filter(
          (location) =>
            location.reservable && location.warehouse === one.warehouse && available(location.code, sku) > 0n,
        )
        .sort((a, b) => arrived(a.code, sku) - arrived(b.code, sku) || (a.code < b.code ? -1 : 1))
      for (const location of supplies) {
        const there = available(location.code, sku)
        const part = there < missing ? there : missing
        if (part === 0n) continue
        one.allocations = [...one.allocations, { line, location: location.code, sku, quantity: part }]
        missing -= part
      }
      if (missing > 0n) complete = false
    }
    if (!complete && !one.allowPartial) one.allocations = before
  }

  function offerAll(): void {
    for (const one of inOrder())
      if (one.status === 'open' && (one.allowPartial || one.allocations.length === 0)) tryReserve(one)
  }

  function inOrder(): WaitingDemand[] {
    return [...demands.values()].sort(
      (a, b) => a.priority - b.priority || a.orderedAt - b.orderedAt || (a.documentId < b.documentId ? -1 : 1),
    )
  }

  function post(posting: Posting): boolean {
    if (posted.has(posting.documentId) || posted.has(`${posting.documentId}/${String(posting.attempt)}`)) return false
    const own = posting.kind === 'delivery' ? demands.get(posting.documentId) : undefined
    const before = moves
    for (const line of posting.lines) {
      const isOut = locations.get(line.from)?.type === 'internal'
      const claimed = posting.kind === 'adjustment' ? 0n : reserved(line.from, line.sku, own)
      if (isOut && onHand(line.from, line.sku) - claimed < line.quantity) {
        moves = before
        posted.add(`${posting.documentId}/${String(posting.attempt)}`)
        return false
      }
      const at = posting.effectiveAt
      moves = [
        ...moves,
        { location: line.from, sku: line.sku, change: negative(line.quantity), at },
        { location: line.to, sku: line.sku, change: line.quantity, at },
      ]
    }
    posted.add(posting.documentId)
    if (own !== undefined) Object.assign(own, { status: 'closed', allocations: [] })
    releaseUncovered(posting.lines.filter(({ from }) => locations.get(from)?.type === 'internal'))
    offerAll()
    return true
  }

  /** The least urgent first, over all places together. */
  function releaseUncovered(decreased: Posting['lines']): void {
    const hit = ({ location, sku }: Allocation) =>
      decreased.some((line) => line.from === location && line.sku === sku) &&
      reserved(location, sku) > onHand(location, sku)
    for (const one of inOrder().reverse()) {
      const hits = one.allocations.filter(hit)
      if (hits.length > 0)
        one.allocations = one.allowPartial ? one.allocations.filter((allocation) => !hits.includes(allocation)) : []
    }
  }

  return {
    /** True if it was a document that is posted now. */
    take(request: LedgerRequest): boolean {
      if (request.action === 'post') return post(request)
      if (request.action !== 'release' && request.action !== 'hold' && request.action !== 'reserve')
        throw new Error(`It knows nothing of ${request.action}.`)
      const known = demands.get(request.documentId)
      if (request.action === 'release') {
        if (known?.status === 'open') Object.assign(known, { status: 'closed', allocations: [] })
      } else if (request.action === 'hold') {
        if (known?.status === 'open') Object.assign(known, { held: request.reason, allocations: [] })
      } else if (known === undefined || (known.status === 'open' && known.revision < request.revision)) {
        const asked: WaitingDemand = { ...request, status: 'open', allocations: [] }
        demands.set(request.documentId, asked)
        tryReserve(asked)
      }
      offerAll()
      return false
    },
    balances(): Record<string, string> {
      const keys = new Set(moves.map((move) => `${move.location} ${move.sku}`))
      const shown = [...keys]
        .map((key): [string, bigint] => [key, onHand(...(key.split(' ') as [string, string]))])
        .filter(([, sum]) => sum !== 0n)
      return Object.fromEntries(shown.map(([key, sum]) => [key, formatQuantity(quantity(sum))]))
    },
    allocations(): Record<string, string[]> {
      return Object.fromEntries([...demands.values()].map((one) => [one.documentId, merged(one.allocations)]))
    },
  }
}

function merged(allocations: readonly Allocation[]): string[] {
  const sums = new Map<string, bigint>()
  for (const { line, location, quantity: part } of allocations) {
    const key = `${String(line)} ${location}`
    sums.set(key, (sums.get(key) ?? 0n) + part)
  }
  return [...sums].map(([key, sum]) => `${key} ${String(sum)}`).sort()
}
