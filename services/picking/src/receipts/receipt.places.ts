/** Where a receipt's goods go: what is wrong with those locations is in its problem until it is right again. Pure. */
import { locationKey, locationOfKey, locationFault, type ReceiptPlace } from '../locations/location.ts'
import type { PlaceRules } from '../documents/document.reaction.actions.ts'
import { ownedIn } from './receipt.rejected.ts'
import { isOpenReceipt, type Receipt } from './receipt.ts'

/** What is read and written here of a receipt. */
type Placed = Pick<Receipt, 'warehouse' | 'destination' | 'lines' | 'problem' | 'waitsFor'>

const begin = 'Cannot be received: '

/** Locations of its entries, and the receipt's own while an entry names none or a line is not counted. */
export function placesUsed({ destination, lines }: Pick<Receipt, 'destination' | 'lines'>): readonly string[] {
  return [
    ...new Set(
      lines.flatMap(({ entries }) =>
        entries === null
          ? [destination]
          : ownedIn(entries).flatMap((entry) => (entry.quantity > 0n ? [entry.destination ?? destination] : [])),
      ),
    ),
  ]
}

/** The receipt with what is wrong with its locations now. Other parts of its problem stay. */
export function withPlaces<R extends Placed>(receipt: R, locations: ReadonlyMap<string, ReceiptPlace>): R {
  const faults = new Map<string, string>()
  for (const code of placesUsed(receipt)) {
    const fault = locationFault(receipt.warehouse, code, locations.get(code))
    if (fault !== undefined) faults.set(code, fault)
  }
  return withFaults(receipt, faults)
}

/** The rules of open receipts about locations that change. */
export const receiptPlaces: PlaceRules<Receipt> = {
  placesUsed: (receipt) => (isOpenReceipt(receipt) ? placesUsed(receipt) : []),
  decide: (receipt, _change, locations) => {
    const document = isOpenReceipt(receipt) ? withPlaces(receipt, locations) : receipt
    if (document.problem === receipt.problem) return 'already'
    const what = wrongPlaces(document).length > 0 ? 'place-wrong' : 'place-right'
    return { document, notes: [{ what, why: document.problem }] }
  },
}

/** Locations that the receipt waits for. */
export function wrongPlaces({ waitsFor }: Pick<Receipt, 'waitsFor'>): readonly string[] {
  return waitsFor.flatMap((key) => locationOfKey(key) ?? [])
}

/** What is wrong with its locations by its problem, by code. */
export function placeFaults(receipt: Pick<Receipt, 'problem' | 'waitsFor'>): ReadonlyMap<string, string> {
  const { problem } = receipt
  if (problem === null) return new Map()
  const [, sentence = ''] = problem.split(begin)
  const faults = sentence.replace(/\.$/, '').split('; ')
  return new Map(
    wrongPlaces(receipt).map((code) => [
      code,
      faults.find((each) => each.includes(`"${code}"`)) ?? `location "${code}"`,
    ]),
  )
}

/** The receipt without what is wrong with its locations. */
export function withoutPlaces<R extends Placed>(receipt: R): R {
  return withFaults(receipt, new Map())
}

/** A changed receipt with what was wrong before with those locations that it still uses. */
export function keepingPlaces<R extends Placed>(before: Placed, after: R): R {
  const used = new Set(placesUsed(after))
  return withFaults(after, new Map([...placeFaults(before)].filter(([code]) => used.has(code))))
}

function withFaults<R extends Placed>(receipt: R, faults: ReadonlyMap<string, string>): R {
  const others = receipt.waitsFor.filter((key) => locationOfKey(key) === undefined)
  if (faults.size === 0 && others.length === receipt.waitsFor.length) return receipt
  const [other = ''] = (receipt.problem ?? '').split(begin)
  const sentence = faults.size === 0 ? '' : `${begin}${[...faults.values()].join('; ')}.`
  return {
    ...receipt,
    problem: [other.trimEnd(), sentence].filter(Boolean).join(' ') || null,
    waitsFor: [...others, ...[...faults.keys()].map(locationKey)],
  }
}
