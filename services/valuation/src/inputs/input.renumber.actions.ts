/**
 * A ledger that fell back has given positions a second time, and was put right by documents: the first of two has another position
 * now. What is valued stays valued; the log and the entries get the positions that count.
 */
import type { Tx } from '../database.ts'
import { newInput, type LockedBooks, type NewInput } from './input.ts'
import { movePlaces, placesFrom, type PlacedDocument } from './input.store.ts'

/** The inputs as the log takes them. Costs nothing where each document has the next position, as ever. */
export async function inTheirPlaces(
  tx: Tx,
  { lastPosition, displaced }: LockedBooks,
  inputs: readonly NewInput[],
): Promise<readonly NewInput[]> {
  const positions = inputs.flatMap(({ document }) => (document === null ? [] : [document.position]))
  if (positions.length === 0) return inputs
  const lowest = positions.reduce((low, position) => (position < low ? position : low))
  if (!displaced && lowest > lastPosition) return inputs
  const { taken, moved } = judged(inputs, await placesFrom(tx, lowest), lastPosition)
  await movePlaces(tx, moved)
  return taken
}

interface Step {
  readonly documentId: string
  readonly attempt?: number | null | undefined
}

/** A document is posted once, a transfer by each of its attempts. */
export function attemptKey({ documentId, attempt }: Step): string {
  return `${documentId} ${String(attempt ?? '')}`
}

/** Which documents are new, late or renumbered, and which have lost their position to another. Pure. */
function judged(
  inputs: readonly NewInput[],
  known: readonly PlacedDocument[],
  lastPosition: bigint,
): { readonly taken: readonly NewInput[]; readonly moved: readonly PlacedDocument[] } {
  const byStep = new Map(known.map((one) => [attemptKey(one), one]))
  const byPosition = new Map(known.map((one) => [one.position, attemptKey(one)]))
  const moved = new Map<string, PlacedDocument>()
  const move = (one: PlacedDocument, position: bigint, clashes = false): void => {
    if (byPosition.get(one.position) === attemptKey(one)) byPosition.delete(one.position)
    byPosition.set(position, attemptKey(one))
    const after = { ...one, position, clashes }
    byStep.set(attemptKey(one), after)
    moved.set(attemptKey(one), after)
  }
  const taken = inputs.flatMap((input): readonly NewInput[] => {
    const { document, data, recordedAt } = input
    if (document === null || data.kind !== 'document') return [input]
    const { id: documentId, position } = document
    const own = byStep.get(attemptKey(data.document))
    if (own?.position === position) return []
    const occupant = byStep.get(byPosition.get(position) ?? '')
    if (occupant !== undefined) move(occupant, -position, occupant.documentId === documentId)
    if (own === undefined) return position > lastPosition ? [input] : [newInput({ ...data, late: true }, recordedAt)]
    const [from, to] = [own.position < 0n ? -own.position : own.position, position]
    move(own, position)
    return [newInput({ kind: 'document-renumbered', documentId, from: String(from), to: String(to) }, recordedAt)]
  })
  return { taken, moved: [...moved.values()] }
}
