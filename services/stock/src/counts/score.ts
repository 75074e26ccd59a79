/**
 * What to count next: a score of 0 to 1,000 points, the sum of four parts, each of which is shown.
 *
 * | part | at most | how |
 * |---|---|---|
 * | time since the last count | 400 | a year or more, or never counted: all; else its share of a year |
 * | value on hand | 300 | the share of the highest value among those asked for; of unknown cost: all |
 * | differences within a year | 200 | 50 for each |
 * | moves since the last count | 100 | 2 for each |
 *
 * Pure.
 */
import type { Quantity, UnitPrice } from '@stockline/amounts'

/** What is known of a product at a location. */
export interface CountingFacts {
  /** Days since it was counted last; null where it never was. */
  readonly daysSince: number | null
  readonly onHand: Quantity
  /** Null where nobody knows what one costs. */
  readonly unitCost: UnitPrice | null
  readonly differences: number
  readonly movesSince: number
}

/** The points of each part; they add up to the score. */
export interface Score {
  readonly score: number
  readonly since: number
  readonly value: number
  readonly differences: number
  readonly moves: number
}

const yearDays = 365

/** The exact value of what is on hand; null without a cost. Nothing below zero is worth anything. */
export function valueOnHand({ onHand, unitCost }: Pick<CountingFacts, 'onHand' | 'unitCost'>): bigint | null {
  if (unitCost === null) return null
  return onHand > 0n ? onHand * unitCost : 0n
}

/** @param highest the highest value among those that are compared */
export function scoreOf(facts: CountingFacts, highest: bigint): Score {
  const { daysSince, differences: found, movesSince } = facts
  const worth = valueOnHand(facts)
  const since = daysSince === null ? 400 : Math.floor((400 * Math.min(Math.max(daysSince, 0), yearDays)) / yearDays)
  const value = worth === null ? 300 : highest === 0n ? 0 : Number((300n * worth) / highest)
  const differences = Math.min(200, 50 * found)
  const moves = Math.min(100, 2 * movesSince)
  return { score: since + value + differences + moves, since, value, differences, moves }
}
