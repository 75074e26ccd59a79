/** What other slices ask of the local copies of products and units. */
import type { Reader } from '../database.ts'
import type { Catalog, Product } from './product.ts'
import { loadCatalog, productsByBarcode } from './product.store.ts'

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

/** Active products that carry one of these barcodes: more than one where a code was given twice. */
export async function productsOfBarcode(db: Reader, codes: readonly string[]): Promise<readonly Product[]> {
  return productsByBarcode(db, codes)
}
