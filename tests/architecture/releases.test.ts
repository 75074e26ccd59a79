/** Contracts are held to what was released, and each direction to its own rule. */
import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { contracts, lowestBeside } from '@stockline/contracts'
import { breaks, type Direction, directionOf, loosens } from '../../packages/contracts/src/compatibility.ts'
import type { JsonSchema } from '../../packages/contracts/src/json-schema.ts'
import { busDeclarations } from '../../tools/generate/bus-declarations.ts'
import { declaredBy } from '../../tools/generate/routes.ts'
import {
  brokenSince,
  byVersion,
  loosenedSince,
  releasedSchemas,
  releases,
  taggedSchemas,
  tags,
} from '../../tools/generate/releases.ts'
import { serviceNames } from '../../tools/start/settings.ts'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string
}

describe('released schemas', () => {
  test.each(releases())('of %s are those of its tag, where this clone has it', (release) => {
    const tagged = taggedSchemas(release)
    if (tagged !== undefined) expect(releasedSchemas(release)).toEqual(tagged)
    expect(releasedSchemas(release).size).toBeGreaterThan(0)
  })

  test('every tag of a release has its folder', () => {
    expect(tags().filter((tag) => !releases().includes(tag.slice(1)))).toEqual([])
  })

  test.each(releases())('whoever knows the events of %s is not broken by what is now', (release) => {
    expect(brokenSince(releasedSchemas(release))).toEqual([])
  })

  test('the version in package.json is that of the last release, or after it', () => {
    expect(byVersion(version, releases().at(-1) ?? '0.0.0')).toBeGreaterThanOrEqual(0)
  })

  test('no version may run beside this one, or be gone back to, that would put aside what is accepted now', () => {
    const below = releases().filter((release) => byVersion(release, lowestBeside) >= 0)
    expect(below.flatMap((release) => loosenedSince(releasedSchemas(release)))).toEqual([])
    expect(byVersion(lowestBeside, version)).toBeLessThanOrEqual(0)
  })
})

test.each([...serviceNames])('%s names the lowest version that may run beside it in its database', async (name) => {
  const { wiring } = await declaredBy(name)
  expect(wiring.lowestBeside).toBe(lowestBeside)
})

test('events that nobody of us publishes come in, all others go out', () => {
  const ours = new Set(Object.values(busDeclarations).flatMap(({ publishes }) => publishes.map(({ type }) => type)))
  expect(
    contracts.filter((one) => (directionOf(one) === 'out') !== ours.has(one.type)).map(({ type }) => type),
  ).toEqual([])
})

describe('what may change', () => {
  const text = { type: 'string', minLength: 2, maxLength: 9, pattern: '^[a-z]*$' }
  const list = { type: 'array', minItems: 1, items: { type: 'object', properties: { b: text }, required: ['b'] } }
  const published: JsonSchema = {
    type: 'object',
    properties: {
      a: text,
      kind: { type: 'string', enum: ['x', 'y'] },
      list,
      either: { anyOf: [text, { type: 'null' }] },
    },
    required: ['a'],
  }
  const fields = published.properties ?? {}
  const withField = (name: string, schema: JsonSchema): JsonSchema => ({
    ...published,
    properties: { ...fields, [name]: schema },
  })
  const without = (name: string): JsonSchema => {
    const { [name]: _gone, ...others } = fields
    return { ...published, properties: others }
  }

  const table: [change: string, next: JsonSchema, out: string[], into: string[]][] = [
    ['nothing', published, [], []],
    ['an optional field is added', withField('c', text), [], []],
    ['only prose', { ...published, description: 'another' }, [], []],
    ['a field goes', without('list'), ['$.list is gone'], ['$.list is gone']],
    [
      'a field becomes required',
      { ...published, required: ['a', 'list'] },
      ['$.list is required now'],
      ['$.list is required now'],
    ],
    [
      'a required field is added',
      { ...withField('c', text), required: ['a', 'c'] },
      ['$.c is required now'],
      ['$.c is required now'],
    ],
    ['a field becomes optional', { ...published, required: [] }, ['$.a is no longer always there'], []],
    ['a type changes', withField('a', { ...text, type: 'number' }), ['$.a: type changed'], ['$.a: type changed']],
    ['a type gains null', withField('a', { ...text, type: ['string', 'null'] }), ['$.a: type changed'], []],
    ['a text may be longer', withField('a', { ...text, maxLength: 20 }), ['$.a: maxLength changed'], []],
    ['a text may be shorter', withField('a', { ...text, minLength: 1 }), ['$.a: minLength changed'], []],
    [
      'a text must be longer',
      withField('a', { ...text, minLength: 3 }),
      ['$.a: minLength changed'],
      ['$.a: minLength changed'],
    ],
    [
      'a text must be shorter',
      withField('a', { ...text, maxLength: 8 }),
      ['$.a: maxLength changed'],
      ['$.a: maxLength changed'],
    ],
    [
      'a pattern changes',
      withField('a', { ...text, pattern: '^[a-z0-9]*$' }),
      ['$.a: pattern changed'],
      ['$.a: pattern changed'],
    ],
    ['a pattern goes', withField('a', { type: 'string', minLength: 2, maxLength: 9 }), ['$.a: pattern changed'], []],
    [
      'a bound comes',
      withField('kind', { type: 'string', enum: ['x', 'y'], maxLength: 1 }),
      ['$.kind: maxLength changed'],
      ['$.kind: maxLength changed'],
    ],
    ['a value is added', withField('kind', { type: 'string', enum: ['x', 'y', 'z'] }), ['$.kind: enum changed'], []],
    [
      'a value goes',
      withField('kind', { type: 'string', enum: ['x'] }),
      ['$.kind: enum changed'],
      ['$.kind: enum changed'],
    ],
    ['a list may be empty', withField('list', { ...list, minItems: 0 }), ['$.list: minItems changed'], []],
    [
      'a field in a list becomes optional',
      withField('list', { ...list, items: { ...list.items, required: [] } }),
      ['$.list[].b is no longer always there'],
      [],
    ],
    [
      'a field in a list becomes another',
      withField('list', { ...list, items: { ...list.items, properties: { b: { type: 'number' } } } }),
      [
        '$.list[].b: type changed',
        '$.list[].b: minLength changed',
        '$.list[].b: maxLength changed',
        '$.list[].b: pattern changed',
      ],
      ['$.list[].b: type changed'],
    ],
    [
      'a variant is added',
      withField('either', { anyOf: [text, { type: 'null' }, { type: 'number' }] }),
      ['$.either gained a variant'],
      [],
    ],
    [
      'a variant goes',
      withField('either', { anyOf: [text] }),
      ['$.either lost a variant'],
      ['$.either lost a variant'],
    ],
    [
      'one shape becomes several',
      withField('a', { anyOf: [text, { type: 'null' }] }),
      [
        '$.a gained a variant',
        '$.a: type changed',
        '$.a: minLength changed',
        '$.a: maxLength changed',
        '$.a: pattern changed',
      ],
      [],
    ],
  ]

  test.each(table)('%s', (_, next, out, into) => {
    const of = (direction: Direction): string[] => breaks(published, next, direction)
    expect({ out: of('out'), into: of('in') }).toEqual({ out, into })
  })

  test.each(table.filter(([, , out, into]) => out.length > 0 && into.length === 0))(
    '%s: an event in is loosened',
    (_, next) => {
      expect(loosens(published, next)).not.toEqual([])
    },
  )

  test.each(table.slice(0, 3))('%s: nothing is loosened', (_, next) => expect(loosens(published, next)).toEqual([]))
})
