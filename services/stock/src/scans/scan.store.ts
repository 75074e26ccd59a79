import { parseRatio } from '@stockline/amounts'
import { sql } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'
import { ratiosOf, type CodedProduct, type FamilyUnit, type KnownCodes, type KnownLot } from './scan.ts'

const selectProducts = sql(`
  with found as (
    select sku as text, id, null as unit from products where sku = any($1::text[])
    union all
    select code, product_id, unit from product_barcodes where code = any($1::text[]))
  select found.text, found.unit as "packUnit", p.sku, p.name, p.unit, u.decimals,
    coalesce((select json_agg(json_build_object('unit', own.unit, 'numerator', own.numerator::text, 'denominator', own.denominator::text))
      from product_units own where own.product_id = p.id), '[]') as units
  from found join products p on p.id = found.id join units u on u.code = p.unit`)
const selectLots = sql(`
  select l.code as text, l.expires_on::text as "expiresOn", null as "packUnit", p.sku, p.name, p.unit, u.decimals, '[]'::json as units
  from lots l join products p on p.id = l.product_id join units u on u.code = p.unit
  where l.code = any($1::text[]) order by p.sku limit 5000`)
const selectLocations = sql(`
  select code as text, code from locations where code = any($1::text[])
  union all
  select barcode, code from locations where barcode = any($1::text[])`)
const selectUnits = sql(`
  select code, coalesce(reference, code) as reference, coalesce(numerator, 1)::text as numerator,
    coalesce(denominator, 1)::text as denominator from units`)

type Fraction = Parameters<typeof parseRatio>[0]

interface ProductRow {
  readonly text: string
  readonly packUnit: string | null
  readonly sku: string
  readonly name: string
  readonly unit: string
  readonly decimals: number
  readonly units: readonly (Fraction & { readonly unit: string })[]
}

/** All that is known by any of the texts: four statements, however many there are. */
export async function findKnownByText(
  db: Database | Tx,
  texts: readonly string[],
): Promise<Omit<KnownCodes, 'packages'>> {
  const products = await db.query<ProductRow>(selectProducts, [texts])
  const lots = await db.query<ProductRow & { expiresOn: string | null }>(selectLots, [texts])
  const locations = await db.query<{ text: string; code: string }>(selectLocations, [texts])
  const units = (await db.query<Fraction & { code: string; reference: string }>(selectUnits)).map(
    ({ code, reference, ...fraction }): FamilyUnit => ({ code, reference, ratio: parseRatio(fraction) }),
  )
  const byCode = new Map<string, KnownLot[]>()
  for (const row of lots) {
    const lot = { product: productOf(row, units), code: row.text, expiresOn: row.expiresOn }
    byCode.set(row.text, [...(byCode.get(row.text) ?? []), lot])
  }
  return {
    products: new Map(products.map((row) => [row.text, { product: productOf(row, units), unit: row.packUnit }])),
    locations: new Map(locations.map(({ text, code }) => [text, code])),
    lots: byCode,
  }
}

function productOf({ sku, name, unit, decimals, units: own }: ProductRow, units: readonly FamilyUnit[]): CodedProduct {
  const ratios = ratiosOf(
    unit,
    units,
    own.map((each) => ({ unit: each.unit, ratio: parseRatio(each) })),
  )
  return { sku, name, unit, unitDecimals: decimals, ratios }
}
