/** What other slices ask of the local copies of products and units. */
import type { Reader, Tx } from '../database.ts'
import { waitOf, type Catalog, type Product } from './product.ts'
import {
  catalogColumns,
  loadCatalog,
  productsByBarcode,
  readCatalog,
  waitOutArrivals,
  type CatalogRow,
} from './product.store.ts'

export { catalogColumns, readCatalog, type CatalogRow }

/** What is known of the products and units that these lines name. */
export async function catalogOf(
  db: Reader,
  lines: readonly { readonly sku: string; readonly unit?: string | undefined }[],
): Promise<Catalog> {
  return loadCatalog(
    db,
    lines.map((line) => line.sku),
    lines.flatMap((line) => line.unit ?? []),
  )
}

/**
 * What is known, for a document that will wait for what is not. Whoever is just bringing one of them is waited out, and
 * whoever comes later finds the document: an arrival and a wait that miss each other would leave it waiting for ever.
 */
export async function catalogForWaiting(
  tx: Tx,
  lines: readonly { readonly sku: string; readonly unit?: string | undefined }[],
): Promise<Catalog> {
  const known = await catalogOf(tx, lines)
  const named = lines.flatMap(({ sku, unit }) => (unit === undefined ? [] : [{ sku, unit }]))
  const { waitsFor } = waitOf(named, known)
  if (waitsFor.length === 0) return known
  await waitOutArrivals(tx, waitsFor)
  return catalogOf(tx, lines)
}

/** Active products that carry one of these barcodes: more than one where a code was given twice. */
export async function productsOfBarcode(db: Reader, codes: readonly string[]): Promise<readonly Product[]> {
  return productsByBarcode(db, codes)
}
