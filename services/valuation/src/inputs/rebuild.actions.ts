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
  const { productId } = beforeAll
  const [pools, orderLines] = [state.pools.values(), state.orderLines.values()]
  return found(
    (await differenceOf('layer', layers.values(), layerText, company, (last) =>
      layersAfter(
        db,
        last === undefined ? beforeAll : { productId: last.productId, beginsAt: last.layer.beginsAt },
        chunk,
        company,
      ),
    )) ??
      (await differenceOf('pool', pools, poolText, company, (last) =>
        poolsAfter(db, last?.productId ?? productId, chunk, company),
      )) ??
      (await differenceOf('order line', orderLines, orderLineText, company, (last) =>
        orderLinesAfter(db, last ?? { productId, orderNumber: '', orderLine: 0, source: '' }, chunk, company),
      )),
  )
}

/** Entries have the positions that their documents have now. */
function atPlace(entry: JournalEntry, renumbered: ReadonlyMap<bigint, bigint>): JournalEntry {
  const position = entry.document === null ? undefined : renumbered.get(entry.input)
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

/** Compares what was rebuilt with all that is kept, which is read page by page. */
async function differenceOf<One>(
  what: string,
  rebuilt: Iterable<One>,
  textOf: (one: One, company: Company) => string,
  company: Company,
  pageAfter: (last: One | undefined) => Promise<readonly One[]>,
): Promise<string | null> {
  const kept: string[] = []
  for (let some = await pageAfter(undefined); some.length > 0; some = await pageAfter(some.at(-1)))
    for (const one of some) kept.push(textOf(one, company))
  return firstDifference(what, Array.from(rebuilt, (one) => textOf(one, company)).sort(), kept.sort())
}

function firstDifference(what: string, rebuilt: readonly string[], kept: readonly string[]): string | null {
  const length = Math.max(rebuilt.length, kept.length)
  for (let at = 0; at < length; at += 1)
    if (rebuilt[at] !== kept[at]) return `${what}: rebuilt ${rebuilt[at] ?? 'nothing'}, kept ${kept[at] ?? 'nothing'}`
  return null
}
