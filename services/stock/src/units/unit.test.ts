import { describe, expect, test } from '@jest/globals'
import { changedUnit, referenceRefusal, type Unit } from './unit.ts'

const kg: Unit = { code: 'kg', name: 'Kilogram', decimals: 3, reference: null, version: 1 }
const g: Unit = { ...kg, code: 'g', reference: { unit: 'kg', numerator: 1n, denominator: 1000n } }
const toKg = { unit: 'kg', numerator: 1n, denominator: 1000n }

describe('X6: a reference unit', () => {
  test.each([
    ['is another unit that refers to none', 'g', toKg, { found: kg, isReference: false }, undefined],
    ['is not the unit itself', 'kg', toKg, { found: kg, isReference: false }, 'is the same unit'],
    ['is known', 'g', toKg, { found: null, isReference: false }, 'is not known'],
    ['does not refer further', 'mg', { ...toKg, unit: 'g' }, { found: g, isReference: false }, 'itself refers to kg'],
    ['makes no chain', 'g', toKg, { found: kg, isReference: true }, 'would make a chain'],
  ])('%s', (_, code, reference, facts, message) => {
    const refusal = referenceRefusal(code, reference, facts)
    if (message === undefined) expect(refusal).toBeUndefined()
    else expect(refusal?.errors?.[0]?.message).toContain(message)
  })
})

describe('X6: a changed unit', () => {
  test('may be counted more finely, never less', () => {
    expect(changedUnit(kg, { decimals: 4 })).toMatchObject({ decimals: 4, version: 2 })
    expect(changedUnit(kg, { decimals: 2 })).toMatchObject({ refused: 'unit-decimals-lowered', kind: 'state' })
  })

  test('may get another factor, or none', () => {
    expect(changedUnit(g, { reference: { ...toKg, denominator: 999n } })).toMatchObject({
      reference: { denominator: 999n },
    })
    expect(changedUnit(g, { reference: null })).toMatchObject({ reference: null })
    expect(changedUnit(g, { name: 'Gram' })).toMatchObject({ name: 'Gram', reference: toKg })
  })
})
