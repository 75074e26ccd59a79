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

/** Which documents are new, late or renumbered, and which have lost their position to another. Pure. */
function judged(
  inputs: readonly NewInput[],
  known: readonly PlacedDocument[],
  lastPosition: bigint,
): { readonly taken: readonly NewInput[]; readonly moved: readonly PlacedDocument[] } {
  const byDocument = new Map(known.map((one) => [one.documentId, one]))
  const byPosition = new Map(known.map((one) => [one.position, one.documentId]))
  const moved = new Map<string, PlacedDocument>()
  const move = (one: PlacedDocument, position: bigint): void => {
    byPosition.delete(one.position)
    byPosition.set(position, one.documentId)
    const after = { ...one, position }
    byDocument.set(one.documentId, after)
    moved.set(one.documentId, after)
  }
  const taken = inputs.flatMap((input): readonly NewInput[] => {
    const { document, data, recordedAt } = input
    if (document === null || data.kind !== 'document') return [input]
    const { id: documentId, position } = document
    const own = byDocument.get(documentId)
    if (own?.position === position) return []
    const occupant = byDocument.get(byPosition.get(position) ?? '')
    if (occupant !== undefined) move(occupant, -position)
    if (own === undefined) return position > lastPosition ? [input] : [newInput({ ...data, late: true }, recordedAt)]
    const [from, to] = [own.position < 0n ? -own.position : own.position, position]
    move(own, position)
    return [newInput({ kind: 'document-renumbered', documentId, from: String(from), to: String(to) }, recordedAt)]
  })
  return { taken, moved: [...moved.values()] }
}
