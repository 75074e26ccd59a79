/** Partners' codes for items, and what sources call units: rows in and out. */
import { sql } from '@stockline/service-kit'
import type { Reader, Tx } from '../database.ts'
import type { PartnerKind } from './items.ts'

/** A partner's code and the product that it means. */
export interface ItemReference {
  readonly kind: PartnerKind
  readonly partner: string
  readonly item: string
  readonly sku: string
}

/** What somebody calls one of our units; source '' is everybody. */
export interface UnitAlias {
  readonly source: string
  readonly alias: string
  readonly unit: string
}

/** An order: whose it is, and which units it names. */
export interface NamedUnits {
  readonly source: string
  readonly content: { readonly lines: readonly { readonly unit: string }[] }
}

const aliasesOfSources = sql(`
  select source, alias, unit from unit_aliases
  where source <> '' and source = any($1::text[]) and alias = any($2::text[])`)
const skusKnown = sql('select sku from products where sku = any($1::text[])')
const itemsKnown = sql(`
  select kind, partner, item, sku from item_references join unnest($2::text[], $3::text[]) as named (partner, item) using (partner, item)
  where kind = $1`)
const itemsListed = sql(`
  select kind, partner, item, sku from item_references
  where ($1::text is null or kind = $1) and ($2::text is null or partner = $2) and ($3::text is null or sku = $3)
    and (kind, partner, item) > ($4, $5, $6)
  order by kind, partner, item limit $7`)
const itemSaved = sql(`
  insert into item_references (kind, partner, item, sku) values ($1, $2, $3, $4)
  on conflict (kind, partner, item) do update set sku = excluded.sku`)
const itemRemoved = sql('delete from item_references where (kind, partner, item) = ($1, $2, $3)')
const aliasesListed = sql(`
  select source, alias, unit from unit_aliases
  where ($1::text is null or source = $1) and ($2::text is null or alias = $2) and (source, alias) > ($3, $4)
  order by source, alias limit $5`)
const aliasSaved = sql(`
  insert into unit_aliases (source, alias, unit) values ($1, $2, $3)
  on conflict (source, alias) do update set unit = excluded.unit`)
const aliasRemoved = sql('delete from unit_aliases where (source, alias) = ($1, $2)')

/** What these sources alone call the units that their orders name. */
export function findAliasesOfSources(db: Reader, told: readonly NamedUnits[]): Promise<UnitAlias[]> {
  const units = new Set(told.flatMap(({ content }) => content.lines.map(({ unit }) => unit)))
  return db.query<UnitAlias>(aliasesOfSources, [[...new Set(told.map(({ source }) => source))], [...units]])
}

/** Those of the SKUs that products have. */
export async function findSkus(db: Reader, skus: readonly string[]): Promise<string[]> {
  if (skus.length === 0) return []
  return (await db.query<{ sku: string }>(skusKnown, [skus])).map(({ sku }) => sku)
}

export async function findItems(
  db: Reader,
  kind: PartnerKind,
  named: readonly { readonly partner: string; readonly item: string }[],
): Promise<ItemReference[]> {
  if (named.length === 0) return []
  return db.query<ItemReference>(itemsKnown, [kind, named.map(({ partner }) => partner), named.map(({ item }) => item)])
}

/** By kind, partner and item; behind `after`. */
export function listItems(
  db: Reader,
  { kind, partner, sku }: { readonly [Field in 'kind' | 'partner' | 'sku']?: string | undefined },
  after: readonly [string, string, string],
  most: number,
): Promise<ItemReference[]> {
  return db.query<ItemReference>(itemsListed, [kind ?? null, partner ?? null, sku ?? null, ...after, most])
}

export async function saveItem(tx: Tx, { kind, partner, item, sku }: ItemReference): Promise<void> {
  await tx.query(itemSaved, [kind, partner, item, sku])
}

export async function removeItem(tx: Tx, { kind, partner, item }: Omit<ItemReference, 'sku'>): Promise<void> {
  await tx.query(itemRemoved, [kind, partner, item])
}

/** By source and alias; behind `after`. */
export function listAliases(
  db: Reader,
  { source, alias }: { readonly [Field in 'source' | 'alias']?: string | undefined },
  after: readonly [string, string],
  most: number,
): Promise<UnitAlias[]> {
  return db.query<UnitAlias>(aliasesListed, [source ?? null, alias ?? null, ...after, most])
}

export async function saveAlias(tx: Tx, { source, alias, unit }: UnitAlias): Promise<void> {
  await tx.query(aliasSaved, [source, alias, unit])
}

export async function removeAlias(tx: Tx, { source, alias }: Omit<UnitAlias, 'unit'>): Promise<void> {
  await tx.query(aliasRemoved, [source, alias])
}
