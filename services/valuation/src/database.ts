/** Valuation's database, with its own models. */
import type { Database as KitDatabase, ServiceOptions, Tx as KitTx } from '@stockline/service-kit'
import { PrismaClient } from './generated/client.ts'

export type Database = KitDatabase<PrismaClient>
export type Tx = KitTx<PrismaClient>
export type { PrismaClient }

/** Makes Prisma's client over the kit's connections. */
export const newPrisma: ServiceOptions<PrismaClient>['prisma'] = (adapter) => new PrismaClient({ adapter })

/**
 * An array for `unnest`, written at once: the driver's own way looks at every element for characters to escape, which
 * costs more than all the valuing. For numbers, ids and words without blanks, quotes and commas.
 */
export function plainArray(values: readonly (string | number | bigint | boolean | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`
}

/** The same for any text. */
export function textArray(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : `"${escaped(value)}"`)).join(',')}}`
}

/** The same for times. */
export function timeArray(values: readonly Date[]): string {
  return `{${values.map((value) => value.toISOString()).join(',')}}`
}

function escaped(text: string): string {
  return text.includes('"') || text.includes('\\') ? text.replaceAll(/["\\]/g, '\\$&') : text
}
