/** Steps of tests on packages. */
import type { Client } from '@stockline/test-kit'
import { readied, take, type ShownDelivery } from './deliveries-steps.ts'
import type { Harness } from './harness.ts'
import type { Problem } from './steps.ts'

/** A package as it is answered. */
export interface ShownPackage {
  readonly id: string
  readonly number: string
  readonly sscc: string
  readonly status: string
  readonly version: number
  readonly problem: string | null
  readonly weight: string | null
  readonly lines: readonly { readonly documentLine: number; readonly sku: string; readonly lot: string | null; readonly quantity: string }[] // prettier-ignore
  readonly history: readonly { readonly what: string; readonly why: string | null }[]
}

/** The company prefix of these tests. */
export const prefix = { GS1_COMPANY_PREFIX: '9506000' }

/** Asks for a package of a delivery. */
export const make = (who: Client, delivery: string, over: object = {}) =>
  who.send<ShownPackage & Problem>('POST', '/v1/packages', { body: { delivery, ...over } })
/** A step on a package. */
export const on = (
  who: Client,
  one: Pick<ShownPackage, 'id' | 'version'>,
  step: string,
  body: object = {},
  method = 'POST',
) => who.send<ShownPackage & Problem>(method, `/v1/packages/${one.id}/${step}`, { body, version: one.version })
/** Says all that is in it. */
export const contents = (who: Client, one: ShownPackage, lines: readonly object[]) =>
  on(who, one, 'contents', { lines }, 'PUT')
/** The package as it is now. */
export const now = async (at: Harness, { id }: Pick<ShownPackage, 'id'>) =>
  (await at.manager.get<ShownPackage>(`/v1/packages/${id}`)).body
/** What a refusal names. */
export const errorsOf = ({ errors = [] }: Problem) => errors.map(({ pointer, message }) => `${pointer} ${message}`)
/** Its lines in short. */
export const goods = ({ lines }: ShownPackage) =>
  lines.map((one) => `${String(one.documentLine)} ${one.sku} ${one.quantity}`)
/** Its version. */
export const version = ({ version: read }: { version: number }) => read

/** A delivery of 10 PX and 5 kg of RM-A, all of it picked. */
export async function picked(at: Harness, order: string): Promise<ShownDelivery> {
  return take(at, await readied(at, order), { 1: '10', 2: '5' })
}

/** A package that was made, with these lines in it. */
export async function made(at: Harness, delivery: ShownDelivery, lines: readonly object[] = []): Promise<ShownPackage> {
  const { status, body } = await make(at.user, delivery.id)
  if (status !== 201) throw new Error(JSON.stringify(body))
  return lines.length === 0 ? body : (await contents(at.user, body, lines)).body
}

/** Its serial number. */
export function serial({ sscc }: Pick<ShownPackage, 'sscc'>): number {
  return Number(sscc.slice(8, 17))
}
