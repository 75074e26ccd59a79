/** What other slices ask of the local copies of products and units. */
import type { Reader, Tx } from '../database.ts'
import type { CountingChange } from './product.changes.ts'
import { waitOf, type ReferenceData, type Product } from './product.ts'
import { loadReferenceData, loadEpoch, productsByBarcode, waitOutArrivals } from './product.store.ts'

/** What a document, or whoever enters something, names: products, units, or both. */
export interface Named {
  readonly sku?: string | undefined
  readonly unit?: string | undefined
}

/** A document slice, which looks at its documents when more is known of products and units. */
export interface ReferenceDataListener {
  /** Documents that wait for one of the keys of `productKey` and `unitKey`. */
  readonly becameKnown: (tx: Tx, keys: readonly string[]) => Promise<void>
  /** Open documents that name what is counted otherwise by now. */
  readonly countedOtherwise: (tx: Tx, change: CountingChange) => Promise<void>
  /** Open documents of a source's orders whose lines name a unit that converts to nothing, and whose name the source has now. */
  readonly unitNamed: (tx: Tx, naming: UnitNaming) => Promise<void>
}

/** What one source calls one of our units. */
export interface UnitNaming {
  readonly source: string
  readonly alias: string
  readonly unit: string
}

/** Until this transaction ends, nobody who waits for the key can miss what it brings; and the other side of it. */
export { lockArrival, waitOutArrivals } from './product.store.ts'

/** Those of the units that are kept, or are a product's base unit or a unit of a product alone. */
export { findUnits } from './product.store.ts'

/** Stands for products and units as they are now; see {@link referenceDataAt}. */
export { loadEpoch } from './product.store.ts'

/** What is known of the products and units that these name. */
export async function referenceDataOf(db: Reader, named: readonly Named[]): Promise<ReferenceData> {
  return referenceDataAt(db, await loadEpoch(db), named)
}

/** The same, at an epoch that was read in this transaction together with something else. */
export async function referenceDataAt(db: Reader, epoch: string, named: readonly Named[]): Promise<ReferenceData> {
  const skus = new Set(named.flatMap(({ sku }) => sku ?? []))
  const units = new Set(named.flatMap(({ unit }) => unit ?? []))
  return loadReferenceData(db, epoch, skus, units)
}

/**
 * What is known, for a document that will wait for what is not. Whoever is just bringing one of them is waited out, and
 * whoever comes later finds the document: an arrival and a wait that miss each other would leave it waiting for ever. A product that
 * has come may show that its unit is not known either, which is waited out then.
 */
export async function referenceDataForWaiting(tx: Tx, lines: readonly Named[]): Promise<ReferenceData> {
  const named = lines.flatMap(({ sku, unit }) => (sku === undefined || unit === undefined ? [] : [{ sku, unit }]))
  const waitedOut = new Set<string>()
  for (;;) {
    const known = await referenceDataOf(tx, lines)
    const keys = waitOf(named, known).waitsFor.filter((key) => !waitedOut.has(key))
    if (keys.length === 0) return known
    await waitOutArrivals(tx, keys)
    for (const key of keys) waitedOut.add(key)
  }
}

/** Active products that carry one of these barcodes: more than one where a code was given twice. */
export async function productsOfBarcode(db: Reader, codes: readonly string[]): Promise<readonly Product[]> {
  return productsByBarcode(db, codes)
}
