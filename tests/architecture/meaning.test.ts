/** In every body and every event: `null` is absent, and a decimal is read by its value. */
import { describe, expect, test } from '@jest/globals'
import { contracts, values } from '@stockline/contracts'
import type { DecimalKind } from '@stockline/contracts/envelope'
import { reaction } from '@stockline/service-kit'
import { z } from 'zod'
import { shapeCheck } from '../../packages/service-kit/src/values/shape.ts'
import { readerFor } from '../../packages/service-kit/src/messaging/inbox.read.ts'
import { messagingRoutes } from '../../packages/service-kit/src/messaging/messaging.api.ts'
import { declaredBy } from '../../tools/generate/routes.ts'
import { serviceNames } from '../../tools/start/settings.ts'
import { placesIn, sampleOf, withValue, type Path } from '@stockline/test-kit/shapes'

/** What became of a value: what is gone on with, or the places that are wrong. */
type Taken = { readonly value: unknown } | { readonly wrong: readonly string[] }

interface Subject {
  readonly name: string
  readonly schema: z.ZodType
  readonly pointerTo: string
  readonly take: (value: unknown) => Taken
}

const bodies = (
  await Promise.all(
    serviceNames.map(async (service) => {
      const { wiring, parts } = await declaredBy(service)
      return [...wiring.routes(parts), ...messagingRoutes].flatMap(({ body, method, path }) =>
        body === undefined ? [] : [bodyOf(`${service}: ${method} ${path}`, body)],
      )
    }),
  )
).flat()

function bodyOf(name: string, schema: z.ZodType): Subject {
  const check = shapeCheck(schema)
  const take = (value: unknown): Taken => {
    const checked = check(value)
    return 'faults' in checked ? { wrong: checked.faults.map(({ pointer }) => pointer) } : { value: checked.value }
  }
  return { name, schema, pointerTo: '', take }
}

const events = contracts.map((contract): Subject => {
  const reader = readerFor([reaction(contract, { react: () => Promise.resolve() })])
  const source = contract.subjectField === undefined ? '/stockline/test' : '/erp'
  const take = (data: unknown): Taken => {
    const event = { specversion: '1.0', id: '1', source, type: contract.type, subject: 's', data }
    const [topic] = contract.topics
    const value = Buffer.from(JSON.stringify(event))
    const read = reader.message({ topic, partition: 0, offset: 0n, key: null, value, headers: {} })
    if (read.kind === 'event') return { value: read.event.data }
    return { wrong: read.kind === 'unreadable' ? read.faults.map(({ pointer }) => pointer) : ['not read'] }
  }
  return { name: contract.type, schema: contract.data, pointerTo: '/data', take }
})

const subjects = [...bodies, ...events]
const places = subjects.flatMap((subject) =>
  placesIn(subject.schema).map((place) => ({ subject, place, name: `${subject.name} ${place.path.join('/')}` })),
)
const optional = places.flatMap((one) => (one.place.is === 'optional' ? [{ ...one, path: one.place.path }] : []))
const decimals = places.flatMap((one) =>
  one.place.is === 'decimal' ? [{ ...one, path: one.place.path, kind: one.place.kind }] : [],
)

test('the sample of each is taken', () => {
  expect(subjects.filter(({ schema, take }) => 'wrong' in take(sampleOf(schema))).map(({ name }) => name)).toEqual([])
})

test('the walk finds what there is', () => {
  const least = { bodies: 40, events: 24, optional: 50, decimals: 25 }
  const found = { bodies: bodies.length, events: events.length, optional: optional.length, decimals: decimals.length }
  expect(Object.entries(least).filter(([what, many]) => found[what as keyof typeof found] < many)).toEqual([])
})

describe('an optional field that is null is absent', () => {
  test.each(optional.map((one) => [one.name, one] as const))('%s', (_name, { subject, path }) => {
    const sample = sampleOf(subject.schema)
    const absent = subject.take(withValue(sample, path, undefined))
    expect(subject.take(withValue(sample, path, null))).toEqual(absent)
    expect(absent).toHaveProperty('value')
  })
})

/** One value in the notations of other languages. */
const hundred = ['100.0000', '0100', '1E+2', '1e2', '1.0E2', '10000E-2', '000100.0', '0.0001e+0000006', 100]
const twoAndAHalf = ['2.50', '02.5', '25E-1', '0.25e1', '2.5000000000000000']

describe('a decimal is read by its value', () => {
  test.each(decimals.map((one) => [one.name, one] as const))('%s', (_name, { subject, path, kind }) => {
    const taken = (value: unknown) => subject.take(withValue(sampleOf(subject.schema), path, value))
    for (const notation of hundred) expect([notation, taken(notation)]).toEqual([notation, taken('100')])
    if (kind.decimals > 0)
      for (const notation of twoAndAHalf) expect([notation, taken(notation)]).toEqual([notation, taken('2.5')])
    if (kind.sign !== 'positive')
      for (const zero of ['0.0', '-0', '0E+1000000', '00', 0]) expect([zero, taken(zero)]).toEqual([zero, taken('0')])
  })
})

const noNumbers = ['NaN', '', ' 100', '100 ', '1,5', '+1', '.5', '1.', '0x10', 'Infinity', '١٠٠', '1e', 'e3', '1_000']
const noAmounts = [2.5, 2 ** 53, true, {}, ['1']]

function refusedOf({ sign, integerDigits, decimals: digits }: DecimalKind): readonly unknown[] {
  return [
    ...[...noNumbers, ...noAmounts, '1E+1000000', '1E-1000000', '1E+99999999999999999999'],
    ...[`1${'0'.repeat(integerDigits)}`, `1E${String(integerDigits)}`],
    ...[`0.${'0'.repeat(digits)}1`, `1E-${String(digits + 1)}`],
    ...(sign === 'any' ? [] : ['-1', -1, '-1E-1']),
    ...(sign === 'positive' ? ['0', '0.00', '0E5', '-0', 0] : []),
  ]
}

describe('what is no amount of the kind is refused by name', () => {
  test.each(decimals.map((one) => [one.name, one] as const))('%s', (_name, { subject, path, kind }) => {
    for (const value of refusedOf(kind))
      expect([value, subject.take(withValue(sampleOf(subject.schema), path, value))]).toEqual([
        value,
        { wrong: [pointerOf(subject, path)] },
      ])
  })
})

test.each([
  [2.5, 'must be text, in quotes: "2.5"'],
  // It has become another number before anybody can tell.
  [9_007_199_254_740_992, 'must be text, in quotes'],
  [100_000_000_000_000, 'is too large: at most 14 digits before the point are taken'],
  [0, 'must be above zero'],
])('the number %d is refused with what to do', (value, message) => {
  const checked = shapeCheck(z.object({ quantity: values.positiveQuantity }))({ quantity: value })
  expect(checked).toEqual({ faults: [{ pointer: '/quantity', message }] })
})

function pointerOf({ pointerTo }: Subject, path: Path): string {
  return [pointerTo, ...path].join('/')
}
