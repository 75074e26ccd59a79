import { describe, expect, test } from '@jest/globals'
import { formatMoney, money } from '@stockline/amounts'
import fc from 'fast-check'
import { anyStory } from '../../test/random.ts'
import { at, company, method, nothing, run, story, told } from '../../test/story.ts'
import { newInput, type InputData } from '../inputs/input.ts'
import { sidesOf } from '../journal/entry.ts'
import type { ChangedLayer, CostState } from './books.ts'
import { valueInputs, layersNeeded, type ValuationResult } from './costing.ts'

const runs = { numRuns: 100 }

/** What was written, as text. */
const written = (outcomes: readonly ValuationResult[]) => {
  const layers = new Map<string, ChangedLayer>()
  for (const outcome of outcomes)
    for (const changed of outcome.layers) layers.set(`${changed.productId}:${changed.layer.beginsAt}`, changed)
  const text = (value: unknown) =>
    JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner))
  return {
    entries: outcomes.flatMap((outcome) => outcome.entries.map(text)),
    layers: [...layers.values()].map(text).sort(),
    parked: text(outcomes.at(-1)?.state.parked.map(({ input, reason, detail }) => [input, reason, detail])),
  }
}

/** The state as the database gives it: open layers only as far as they are needed. */
function loaded(state: CostState, inputs: readonly InputData[]): CostState {
  const news = inputs.map((data) => newInput(data, at))
  const needed = layersNeeded(state.pools, news, state.parked)
  const pools = [...state.pools].map(([id, pool]) => {
    const need = needed.get(id) ?? 0n
    const layers = pool.layers.filter((layer) => need === 'all' || layer.beginsAt < pool.consumed + need)
    return [id, { ...pool, layers }] as const
  })
  return { ...state, pools: new Map(pools) }
}

/** Puts layers that were not loaded back behind those that were, as the database does. */
function stored(before: CostState, outcome: ValuationResult): CostState {
  const pools = [...outcome.state.pools].map(([id, pool]) => {
    const changed = outcome.layers.filter((one) => one.productId === id).map((one) => one.layer)
    const all = new Map([...(before.pools.get(id)?.layers ?? []), ...changed].map((layer) => [layer.beginsAt, layer]))
    const open = [...all.values()].filter((layer) => layer.remainingQuantity > 0n)
    open.sort((one, other) => (one.beginsAt < other.beginsAt ? -1 : 1))
    return [id, { ...pool, layers: open }] as const
  })
  return { ...outcome.state, pools: new Map(pools) }
}

function inBatches(inputs: readonly InputData[], sizes: readonly number[]): ValuationResult[] {
  const outcomes: ValuationResult[] = []
  let state = nothing
  for (let from = 0, turn = 0; from < inputs.length; turn += 1) {
    const batch = inputs.slice(from, from + (sizes[turn % sizes.length] ?? 1))
    const outcome = valueInputs(
      loaded(state, batch),
      batch.map((data) => newInput(data, at)),
      company,
    )
    outcomes.push(outcome)
    state = stored(state, outcome)
    from += batch.length
  }
  return outcomes
}

describe('X7 whatever happens', () => {
  test('after every input the inventory account is the sum of the pools, and a pool of nothing is worth nothing', () => {
    fc.assert(
      fc.property(anyStory, (inputs) => {
        let inventory = 0n
        for (const outcome of inBatches(inputs, [1])) {
          const accounts = outcome.state.accounts
          const isInventory = (id: number) => id === accounts.inventory.id || id === 1
          for (const side of outcome.entries.flatMap((entry) => sidesOf(entry.lines)))
            if (isInventory(side.account)) inventory += side.debit - side.credit
          const pools = [...outcome.state.pools.values()]
          expect(pools.reduce((sum, pool) => sum + pool.value, 0n)).toBe(inventory)
          expect(outcome.state.inventoryValue).toBe(inventory)
          for (const pool of pools) if (pool.quantity === 0n) expect(pool.value).toBe(0n)
        }
      }),
      runs,
    )
  })

  test('the open layers of a FIFO product are its pool', () => {
    fc.assert(
      fc.property(anyStory, (inputs) => {
        const { state } = run(method('fifo'), ...inputs)
        for (const pool of state.pools.values()) {
          const open = pool.method === 'fifo' && pool.quantity >= 0n
          const sum = pool.layers.reduce((so, layer) => so + layer.remainingQuantity, 0n)
          const worth = pool.layers.reduce((so, layer) => so + layer.remainingValue, 0n)
          expect(sum).toBe(open ? pool.quantity : 0n)
          expect(worth).toBe(open ? pool.value : 0n)
          for (const layer of pool.layers) expect(layer.remainingValue >= 0n).toBe(true)
        }
      }),
      runs,
    )
  })

  test('entries are balanced, numbered without gaps, and one original stands for each valued document', () => {
    fc.assert(
      fc.property(anyStory, (inputs) => {
        const { entries, state } = run(...inputs)
        entries.forEach((entry, index) => {
          const sides = sidesOf(entry.lines)
          expect(sides.reduce((sum, side) => sum + side.debit - side.credit, 0n)).toBe(0n)
          expect(sides.every((side) => side.debit >= 0n && side.credit >= 0n)).toBe(true)
          expect(entry.id).toBe(BigInt(index + 1))
          expect(entry.number).toBe(`2026/${String(index + 1).padStart(6, '0')}`)
        })
        const originals = entries.filter((entry) => entry.original).map((entry) => entry.document?.id)
        expect(new Set(originals).size).toBe(originals.length)
        const crossing = inputs.filter(
          (input) => input.kind === 'document' && input.document.kind !== 'transfer',
        ).length
        expect(originals.length + state.parked.length).toBe(crossing)
        expect(state.parked.every((parked) => parked.reason !== 'fault')).toBe(true)
      }),
      runs,
    )
  })

  test('however the inputs are cut into batches, the same bytes are written', () => {
    fc.assert(
      fc.property(
        anyStory,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
        (inputs, sizes) => {
          const whole = written(inBatches(inputs, [inputs.length]))
          expect(written(inBatches(inputs, sizes))).toEqual(whole)
          expect(written(inBatches(inputs, [1]))).toEqual(whole)
          expect(written([run(...inputs)])).toEqual(whole)
        },
      ),
      runs,
    )
  })

  test('FIFO is what one gets by hand: unit by unit, the oldest first', () => {
    const happening = fc.record({
      comes: fc.boolean(),
      units: fc.integer({ min: 1, max: 12 }),
      price: fc.integer({ min: 0, max: 99 }),
    })
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        const of = story()
        const shelf: number[] = []
        const inputs: InputData[] = [method('fifo')]
        const expected: string[] = []
        for (const { comes, units, price } of happenings) {
          if (comes) {
            inputs.push(of.receipt(['A', String(units), { at: String(price) }]))
            shelf.push(...Array<number>(units).fill(price))
            expected.push(formatMoney(money(BigInt(units * price * 100))))
          } else if (units <= shelf.length) {
            inputs.push(of.delivery(['A', String(units)]))
            const cost = shelf.splice(0, units).reduce((sum, one) => sum + one, 0)
            expected.push(formatMoney(money(BigInt(cost * 100))))
          }
        }
        const outcome = run(...inputs)
        expect(outcome.entries.map((entry) => told(entry, outcome)[0]?.split(' ')[4])).toEqual(expected)
      }),
      runs,
    )
  })
})
