/** ABC classes in the database: their boundaries, what products consumed, and their classes. */
import { parseQuantity, parseUnitPrice, storedQuantity } from '@stockline/amounts'
import type { AbcClass } from '@stockline/contracts'
import { filtered, plainArray, sql, type Queryable } from '@stockline/service-kit'
import type { AbcBoundaries, Classified, Consumption } from './abc.ts'

/** Boundaries, and the days over which consumption is summed. */
export interface AbcSettings extends AbcBoundaries {
  readonly days: number
  /** The company's date when classes were computed last; null: never. */
  readonly computedOn: string | null
  /** 0 until a manager has set them. */
  readonly version: number
}

interface SettingsRow extends Pick<AbcSettings, 'days' | 'computedOn' | 'version'> {
  readonly a: string
  readonly b: string
}

const settings = `select trim_scale(a_percent)::text as a, trim_scale(b_percent)::text as b, period_days as days,
  to_char(computed_on, 'YYYY-MM-DD') as "computedOn", version from abc_settings`
const readSettings = sql(settings)
const lockSettings = sql(`${settings} for update`)
// Where another process computes, this one need not.
const lockStale = sql(`${settings} where computed_on is distinct from $1 for update skip locked`)
const saveSettings = sql(
  'update abc_settings set a_percent = $1, b_percent = $2, period_days = $3, version = $4, computed_on = $5',
)
const saveComputedOn = sql('update abc_settings set computed_on = $1')

// Positions are in the order of time: the period is a range of them.
const consumed = sql(`
  select p.id as "productId", p.sku, coalesce(m.quantity, 0)::text as quantity, trim_scale(coalesce(u.unit_cost, p.standard_cost))::text as "unitCost"
  from products p left join last_unit_costs u on u.sku = p.sku
  left join (
    select m.product_id, sum(case
      when t.type in ('customer', 'production') and f.type in ('internal', 'transit') then m.quantity
      when f.type = 'customer' and t.type in ('internal', 'transit') then -m.quantity end) as quantity
    from moves m join locations f on f.id = m.from_location_id join locations t on t.id = m.to_location_id
    where m.position >= (
      select position from postings where position is not null and recorded_at >= $1 order by recorded_at, position limit 1)
    group by m.product_id
  ) m on m.product_id = p.id
  where p.type <> 'service'`)
const forget = sql('delete from abc_classes')
const saveClasses = sql(`
  insert into abc_classes (product_id, abc_class, quantity, value)
  select * from unnest($1::uuid[], $2::text[], $3::numeric[], $4::numeric[])`)

interface ConsumptionRow {
  readonly productId: string
  readonly sku: string
  readonly quantity: string
  readonly unitCost: string | null
}

/** A product in the list of classes. */
export interface ClassRow {
  readonly sku: string
  readonly abcClass: AbcClass
  /** By the product system; null where it is computed. */
  readonly given: AbcClass | null
  readonly quantity: string
  /** Null where nobody knows what one costs. */
  readonly value: string | null
}

export async function findSettings(db: Queryable): Promise<AbcSettings> {
  return settingsOf(await db.query<SettingsRow>(readSettings))
}

/** The settings, locked: classes are computed by one at a time. */
export async function lockAbcSettings(db: Queryable): Promise<AbcSettings> {
  return settingsOf(await db.query<SettingsRow>(lockSettings))
}

/** The same, where classes were not computed on that day yet and nobody else does; null otherwise. */
export async function lockStaleSettings(db: Queryable, today: string): Promise<AbcSettings | null> {
  const rows = await db.query<SettingsRow>(lockStale, [today])
  return rows.length === 0 ? null : settingsOf(rows)
}

export async function storeSettings(
  db: Queryable,
  {
    a,
    b,
    days,
    version,
    computedOn,
  }: Pick<AbcSettings, 'days' | 'version' | 'computedOn'> & Readonly<Record<'a' | 'b', string>>,
): Promise<void> {
  await db.query(saveSettings, [a, b, days, version, computedOn])
}

export async function storeComputedOn(db: Queryable, today: string): Promise<void> {
  await db.query(saveComputedOn, [today])
}

/** What each product consumed since then, with what one costs. */
export async function findConsumption(db: Queryable, since: Date): Promise<readonly Consumption[]> {
  const rows = await db.query<ConsumptionRow>(consumed, [since])
  return rows.map(({ quantity, unitCost, ...row }) => ({
    ...row,
    quantity: storedQuantity(quantity),
    unitCost: unitCost === null ? null : parseUnitPrice(unitCost),
  }))
}

/** Writes all classes anew. */
export async function replaceClasses(db: Queryable, classes: readonly Classified[]): Promise<void> {
  await db.query(forget)
  await db.query(saveClasses, [
    plainArray(classes.map(({ productId }) => productId)),
    plainArray(classes.map(({ abcClass }) => abcClass)),
    // Quantities are in millionths, values in 10^-16: as text they are exact.
    classes.map(({ quantity }) => decimalText(quantity, 6)),
    classes.map(({ value }) => (value === null ? null : decimalText(value, 16))),
  ])
}

/** Products with their classes, by SKU; one more than the limit. */
export async function findClasses(
  db: Queryable,
  abcClass: AbcClass | undefined,
  after: string | undefined,
  limit: number,
): Promise<ClassRow[]> {
  const { statement, values } = filtered(
    ({ all, value, when }) => `
      select p.sku, coalesce(p.abc_class, c.abc_class, 'C') as "abcClass", p.abc_class as given,
        trim_scale(coalesce(c.quantity, 0))::text as quantity, trim_scale(c.value)::text as value
      from products p left join abc_classes c on c.product_id = p.id
      where p.type <> 'service' and ${all(
        when(abcClass, (given) => `coalesce(p.abc_class, c.abc_class, 'C') = ${given}`),
        when(after, (given) => `p.sku > ${given}`),
      )}
      order by p.sku limit ${value(limit + 1)}`,
  )
  return db.query<ClassRow>(statement, values)
}

function settingsOf([row]: readonly SettingsRow[]): AbcSettings {
  if (row === undefined) throw new Error('The boundaries of ABC classes are gone.')
  return { ...row, a: parseQuantity(row.a), b: parseQuantity(row.b) }
}

/** A whole number of 10^-decimals as PostgreSQL reads it. */
function decimalText(units: bigint, decimals: number): string {
  return `${String(units)}e-${String(decimals)}`
}
