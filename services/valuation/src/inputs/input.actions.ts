/** Takes inputs: logs them, values them, saves the result and publishes its entries. */
import type { Event } from '@stockline/contracts/envelope'
import { keepAccounts } from '../accounts/account.actions.ts'
import { keepCosts, loadState } from '../costing/costing.actions.ts'
import type { CostState } from '../costing/books.ts'
import { valueInputs, type ValuationResult } from '../costing/costing.ts'
import type { Tx } from '../database.ts'
import { postEntries } from '../journal/entry.actions.ts'
import { shown, type Company } from '../journal/entry.ts'
import { keepMethod } from '../methods/cost-method.actions.ts'
import { inTheirPlaces, attemptKey } from './input.renumber.actions.ts'
import type { NewInput } from './input.ts'
import { appendInputs, lockedBooks, saveBooks } from './input.store.ts'

/** Locks the books: from here to the commit nobody else values anything. */
export async function lockBooks(tx: Tx): Promise<void> {
  await lockedBooks(tx)
}

/**
 * Takes inputs in their order, in this transaction, under the lock of the books. The number of statements does not
 * depend on how many inputs there are.
 *
 * @param causes the events that the inputs came by, in the same order; the entries name them
 */
export async function takeInputs(
  tx: Tx,
  company: Company,
  inputs: readonly NewInput[],
  causes: readonly Event[] = [],
): Promise<ValuationResult> {
  const books = await lockedBooks(tx)
  const placed = await inTheirPlaces(tx, books, inputs)
  const before = await loadState(tx, books, placed, company)
  const outcome = valueInputs(before, placed, company)
  if (outcome.inputs.length === 0) return outcome
  const { state } = outcome
  const inventoryValue = shown(state.inventoryValue, company)
  await Promise.all([
    appendInputs(tx, outcome.inputs, causes.length > 0 ? null : tx.origin.actor),
    keepCosts(tx, before, outcome, company),
    keepSettings(tx, before, outcome),
    saveBooks(tx, { ...state, inventoryValue, parkedCount: state.parked.length }),
    post(tx, company, before, outcome, causesByNumber(outcome, placed, inputs, causes)),
  ])
  return outcome
}

/** Methods and accounts change rarely, and one at a time. */
async function keepSettings(tx: Tx, before: CostState, { inputs, state }: ValuationResult): Promise<void> {
  for (const { data, number } of inputs) {
    if (data.kind === 'cost-method-changed') await keepMethod(tx, data.category, data.method, tx.now)
    if (data.kind !== 'accounts-changed') continue
    const made = Object.values(state.accounts).filter((account) => account.id > before.lastAccount)
    await keepAccounts(tx, made, number)
  }
}

async function post(
  tx: Tx,
  company: Company,
  before: CostState,
  { state, entries }: ValuationResult,
  causes: ReadonlyMap<bigint, Event | undefined>,
): Promise<void> {
  if (entries.length === 0) return
  const accounts = [...Object.values(before.accounts), ...Object.values(state.accounts)]
  await postEntries(tx, company, entries, accounts, (input) => causes.get(input))
}

/** Inputs that change nothing get no number, so an event's place in the batch is not its place in the log. */
function causesByNumber(
  outcome: ValuationResult,
  placed: readonly NewInput[],
  inputs: readonly NewInput[],
  causes: readonly Event[],
) {
  const stepIn = ({ data }: NewInput) => (data.kind === 'document' ? attemptKey(data.document) : undefined)
  const byStep = new Map(inputs.map((input, index) => [stepIn(input), causes[index]]))
  const byInput = new Map(inputs.map((input, index) => [input.data, causes[index]]))
  const byData = new Map(
    placed.map((input) => {
      const step = stepIn(input)
      return [input.data, byInput.get(input.data) ?? (step === undefined ? undefined : byStep.get(step))]
    }),
  )
  return new Map(outcome.inputs.map((input) => [input.number, byData.get(input.data)]))
}
