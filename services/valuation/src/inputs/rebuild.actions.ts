/** Values the whole log again, each input by its own version of the rules, and compares entries, layers, pools and order lines with what is kept, byte for byte. */
import type { Queryable } from '@stockline/service-kit'
import type { ChangedLayer } from '../costing/books.ts'
import { valueInputs } from '../costing/costing.ts'
import { beforeAll, layersAfter, orderLinesAfter, poolsAfter } from '../costing/costing.actions.ts'
import type { Company, JournalEntry } from '../journal/entry.ts'
import { entriesAfter } from '../journal/entry.actions.ts'
import { currentBooks, loggedInputs, renumberedDocuments } from './input.store.ts'
import { emptyState, entryText, layerText, orderLineText, poolText } from './rebuild.ts'

/** What a rebuild found. `difference` is the first one; null when every byte is the same. */
export interface Rebuilt {
  readonly inputs: bigint
  readonly entries: bigint
  readonly difference: string | null
}

const chunk = 500

/**
 * Rebuilds from input 1 in memory. Give it a snapshot (a repeatable read transaction), or a service at rest.
 *
 * @param say gets a line of progress for each chunk
 */
export async function rebuild(
  db: Queryable,
  company: Company,
  say: (line: string) => void = () => undefined,
): Promise<Rebuilt> {
  const books = await currentBooks(db)
  const layers = new Map<string, ChangedLayer>()
  const renumbered = await renumberedDocuments(db)
  const textOf = (entry: JournalEntry) => entryText(atPlace(entry, renumbered), company)
  let state = emptyState()
  const found = (difference: string | null): Rebuilt => ({
    inputs: state.lastInput,
    entries: state.lastEntry,
    difference,
  })
  while (state.lastInput < books.lastInput) {
    const inputs = await loggedInputs(db, state.lastInput, chunk)
    const outcome = valueInputs(state, inputs, company)
    const wrong =
      outOfStep(outcome.inputs, inputs) ??
      firstDifference(
        'entry',
        outcome.entries.map(textOf),
        (await entriesAfter(db, state.lastEntry, outcome.entries.length, company)).map((entry) =>
          entryText(entry, company),
        ),
      )
    state = outcome.state
    if (wrong !== null) return found(wrong)
    for (const changed of outcome.layers)
      layers.set(`${changed.productId}:${changed.layer.beginsAt.toString()}`, changed)
    say(`${state.lastInput.toString()} of ${books.lastInput.toString()} inputs`)
  }
  const extra = await entriesAfter(db, state.lastEntry, 1, company)
  if (extra[0] !== undefined) return found(`entry ${extra[0].number} is kept but does not follow from the log`)
  const wrong =
    (await compareLayers(db, layers, company)) ??
    (await comparePools(
      db,
      [...state.pools.values()].map((pool) => poolText(pool, company)),
      company,
    )) ??
    (await compareOrderLines(
      db,
      [...state.orderLines.values()].map((line) => orderLineText(line, company)),
      company,
    ))
  return found(wrong)
}

/** Entries have the positions that their documents have now. */
function atPlace(entry: JournalEntry, renumbered: ReadonlyMap<string, bigint>): JournalEntry {
  const position = entry.document === null ? undefined : renumbered.get(entry.document.id)
  return position === undefined || entry.document === null
    ? entry
    : { ...entry, document: { ...entry.document, position } }
}

/** The log must be replayed input by input: a number that is missing would silently shift all others. */
function outOfStep(
  replayed: readonly { readonly number: bigint }[],
  logged: readonly { readonly number: bigint }[],
): string | null {
  if (logged.length === 0) return 'the log ends before the books do'
  const at = logged.findIndex((input, index) => replayed[index]?.number !== input.number)
  return at < 0 ? null : `input ${String(logged[at]?.number)} of the log cannot be replayed in its place`
}

async function compareLayers(
  db: Queryable,
  layers: Map<string, ChangedLayer>,
  company: Company,
): Promise<string | null> {
  const rebuilt = [...layers.values()].map((changed) => layerText(changed, company))
  const kept: string[] = []
  let after: { productId: string; beginsAt: ChangedLayer['layer']['beginsAt'] } = beforeAll
  for (;;) {
    const some = await layersAfter(db, after, chunk, company)
    const last = some.at(-1)
    if (last === undefined) break
    for (const changed of some) kept.push(layerText(changed, company))
    after = { productId: last.productId, beginsAt: last.layer.beginsAt }
  }
  return firstDifference('layer', rebuilt.sort(), kept.sort())
}

async function comparePools(db: Queryable, rebuilt: string[], company: Company): Promise<string | null> {
  const kept: string[] = []
  let after = beforeAll.productId
  for (;;) {
    const some = await poolsAfter(db, after, chunk, company)
    const last = some.at(-1)
    if (last === undefined) break
    for (const pool of some) kept.push(poolText(pool, company))
    after = last.productId
  }
  return firstDifference('pool', rebuilt.sort(), kept.sort())
}

async function compareOrderLines(db: Queryable, rebuilt: string[], company: Company): Promise<string | null> {
  const kept: string[] = []
  let after = { productId: beforeAll.productId, orderNumber: '', orderLine: 0, source: '' }
  for (;;) {
    const some = await orderLinesAfter(db, after, chunk, company)
    const last = some.at(-1)
    if (last === undefined) break
    for (const line of some) kept.push(orderLineText(line, company))
    after = last
  }
  return firstDifference('order line', rebuilt.sort(), kept.sort())
}

function firstDifference(what: string, rebuilt: readonly string[], kept: readonly string[]): string | null {
  const length = Math.max(rebuilt.length, kept.length)
  for (let at = 0; at < length; at += 1)
    if (rebuilt[at] !== kept[at]) return `${what}: rebuilt ${rebuilt[at] ?? 'nothing'}, kept ${kept[at] ?? 'nothing'}`
  return null
}
