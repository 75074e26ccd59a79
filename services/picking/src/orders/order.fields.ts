/** The fields of orders that their documents keep, by name: from the contracts, so that one that is added there is taken. */
import {
  defaultDemand,
  demandFields,
  toldLineDetails,
  toldOrderDetails,
  type LineDetails,
  type OrderDetails,
} from '@stockline/contracts'

type Values = typeof defaultDemand

/** What a sales order says of the whole, as its deliveries keep it: null where nothing is said and nothing holds by default. */
export type DemandFields = {
  readonly [Name in keyof Values]-?: undefined extends Values[Name]
    ? Exclude<Values[Name], undefined> | null
    : Values[Name]
}

const demandNames = Object.keys(demandFields)

/** The fields of what was said; of what says nothing of them what holds by default. */
export function demandFieldsOf(said: { readonly [Name in keyof DemandFields]?: Values[Name] | null }): DemandFields {
  const given: Readonly<Record<string, unknown>> = said
  const defaults: Readonly<Record<string, unknown>> = defaultDemand
  const fields: Record<string, unknown> = {}
  for (const name of demandNames) fields[name] = given[name] ?? defaults[name] ?? null
  return fields as DemandFields
}

/** The same request for the compiler without these fields, once they are taken: see `nothingLeft`. Nothing happens when it runs. */
export function withoutDemandFields<Given extends object>(given: Given): Omit<Given, keyof DemandFields> {
  return given
}

/** The fields as events tell them: those that say nothing are left out. */
export function publishedDemandFields(kept: DemandFields): Values {
  const held: Readonly<Record<string, unknown>> = kept
  const fields: Record<string, unknown> = {}
  for (const name of demandNames) if (held[name] !== null) fields[name] = held[name]
  return fields as Values
}

/** What an order says besides. */
export const orderDetailNames = Object.keys(toldOrderDetails) as (keyof OrderDetails)[]
/** What an order's line says besides. */
export const lineDetailNames = Object.keys(toldLineDetails) as (keyof LineDetails)[]
