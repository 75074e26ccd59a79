/**
 * Invariants between services. Each compares all that one service has published with what another has made of it, so that a reader
 * that has stopped is found as well as one that is wrong. The reader is read first: what happens meanwhile counts as on its way, and
 * never as a violation.
 */
import { layersAreOnHand, postedIsBooked, postedIsDone, postingIsAnswered } from './across.documents.ts'
import { postedIsMoved } from './across.transfers.ts'
import { publishedIsTaken, streamsAreWhole } from './across.events.ts'
import type { Databases } from './databases.ts'
import type { Difference } from './findings.ts'

/** Something that two services must agree about. */
export interface AcrossInvariant {
  readonly name: string
  readonly check: (databases: Databases) => Promise<readonly Difference[]>
}

/** All of them. */
export const acrossServices: readonly AcrossInvariant[] = [
  {
    name: 'a receipt or delivery is done if and only if the ledger has posted it, at the same position',
    check: postedIsDone,
  },
  {
    name: 'what a transfer has shipped, received, lost and returned is what the ledger posted of it, attempt by attempt',
    check: postedIsMoved,
  },
  { name: 'a document that is posting is answered by the ledger', check: postingIsAnswered },
  { name: 'a posted document has one original journal entry, or is seen waiting for a cost', check: postedIsBooked },
  { name: 'the quantity of the cost layers is the quantity on hand', check: layersAreOnHand },
  { name: 'the numbers of each stream run from 1 to its end, and nobody has heard more', check: streamsAreWhole },
  { name: 'every event that was published was taken, once', check: publishedIsTaken },
]
