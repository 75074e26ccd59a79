/** Packing by scanner: a scan puts one pack of what is picked into a package. Codes are read as where goods are picked. */
import { parseQuantity } from '@stockline/amounts'
import { isRefusal } from '@stockline/service-kit'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import { goodsRead } from '../deliveries/delivery.scan.actions.ts'
import { goodsScanned } from '../deliveries/delivery.scan.ts'
import { nothingLeft, type Decided } from '../documents/document.decide.ts'
import type { scanBody } from '../documents/document.shapes.actions.ts'
import { addToPackage, fillable, type KnownOfPackage } from './package.contents.ts'
import { goodsLeft, lineLeft, type Package } from './package.ts'

/** Puts one pack of the scanned goods into the package, or `quantity` of them in the base unit. */
export async function scanIntoPackage(
  tx: Tx,
  one: Package,
  { code, quantity, ...rest }: z.output<typeof scanBody>,
  known: KnownOfPackage,
): Promise<Decided<Package>> {
  nothingLeft(rest)
  const early = fillable(one, known)
  if (early !== undefined) return early
  const left = goodsLeft(known.delivery, [...known.others, one])
  const lines = known.delivery.lines.map((line) => lineLeft(line, left))
  // What is picked and in no package stands where, on a delivery, stands what is still to be picked.
  const toPack = { ...known.delivery, status: 'in_progress' as const, scanLocation: null, lines }
  const goods = await goodsRead(tx, toPack, { code, quantity }, known.referenceData)
  const picks = goodsScanned(toPack, { ...goods, done: 'packed' })
  if (isRefusal(picks)) return picks
  const skus = new Map(lines.map(({ line, sku }) => [line, sku]))
  const added = picks.map(({ line, lot = null, picked }) => ({
    ...{ documentLine: line, sku: skus.get(line) ?? '', lot, quantity: parseQuantity(picked) },
  }))
  return addToPackage(one, added, goods.scan.text.replaceAll('\u001d', '<GS>'), known)
}
