import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { pointer } from './pointer.ts'
import { HttpProblem, problemBody } from '../http/problem.ts'
import { boundedDetail, cut, errorsInWords, maxProblemBytes } from './bounds.ts'
import type { FieldError } from '../refusal.ts'

const bytesOf = (problem: HttpProblem) => Buffer.byteLength(JSON.stringify(problemBody(problem, 'c'.repeat(128))))

/** Texts that grow in JSON: six bytes for one, three for one, four for two. */
const growing = ['a', '\u0001', '€', '😀', '\ud800', '"\\']

describe('an error answer has at most 64 KB', () => {
  test.each(growing)('of %j, in detail, pointer and message', (unit) => {
    const long = unit.repeat(500_000)
    const errors = Array.from({ length: 2_000 }, () => ({ pointer: `/${long}`, message: long }))
    const problem = new HttpProblem(422, 'fields-wrong', long, { errors })
    expect(bytesOf(problem)).toBeLessThanOrEqual(maxProblemBytes)
    expect(problem.errors?.length).toBeGreaterThan(5)
    expect((problem.errors?.length ?? 0) + problem.moreErrors).toBe(2_000)
  })

  test('of any faults at all', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3_000 }),
      fc.tuple(fc.constantFrom(...growing), fc.nat(9_000)).map(([unit, times]) => unit.repeat(times)),
    )
    const fault = fc.record({ pointer: text, message: text })
    fc.assert(
      fc.property(text, fc.array(fault, { maxLength: 60 }), fc.nat(2_000), (detail, some, times) => {
        const errors = Array.from({ length: times }, () => some).flat()
        const problem = new HttpProblem(422, 'fields-wrong', detail, { errors })
        expect(bytesOf(problem)).toBeLessThanOrEqual(maxProblemBytes)
        expect((problem.errors?.length ?? 0) + problem.moreErrors).toBe(errors.length)
      }),
      { numRuns: 60 },
    )
  })

  test('a thousand wrong lines of usual length lose none of the first three hundred', () => {
    const errors = Array.from({ length: 1_000 }, (_, index) => ({
      pointer: `/lines/${index}/quantity`,
      message: 'must be a plain decimal above zero, as text, with at most 14 digits before and 6 after the point',
    }))
    expect(new HttpProblem(422, 'x', 'x', { errors }).errors?.length).toBeGreaterThan(300)
  })

  test('what fits is as it was, and says of no more', () => {
    const errors = [{ pointer: '/name', message: 'is missing' }]
    expect(problemBody(new HttpProblem(422, 'fields-wrong', 'Wrong.', { errors }), 'c')).toEqual({
      ...{ type: 'fields-wrong', title: 'Fields wrong', status: 422, detail: 'Wrong.', errors, correlationId: 'c' },
    })
  })
})

const fault = (at: string, message: string): FieldError => ({ pointer: at, message })

test.each<[readonly FieldError[], string]>([
  [[fault('', 'must be an object')], 'the body must be an object'],
  [[fault('/a', 'is missing'), fault('?b', 'is missing')], '/a is missing; ?b is missing'],
  [Array.from({ length: 7 }, () => fault('/a', 'x')), '/a x; /a x; /a x; /a x; /a x and 2 more'],
  [[fault(`/${'n'.repeat(1_000)}`, 'is not a known field')], `/${'n'.repeat(198)}…`],
])('faults in words %#', (faults, words) => {
  expect(errorsInWords(faults)).toBe(words)
})

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['a😀b😀', 3, 'a…'],
  ['', 3, ''],
])('%j cut at %i is %j', (text, length, expected) => {
  expect(cut(text, length)).toBe(expected)
})

test('a name in a pointer is cut, and a detail keeps its beginning', () => {
  expect(pointer(['lines', 0, 'x'.repeat(1_000_000)])).toHaveLength('/lines/0/'.length + 128)
  expect(boundedDetail(`Begin ${'x'.repeat(9_000)}`)).toMatch(/^Begin x{1493}…$/)
})
