import { describe, expect, test } from '@jest/globals'
import { readCode } from '@stockline/scans'
import { companyPrefix, serialOf, ssccOf } from './package.sscc.ts'

describe('an SSCC is extension digit, company prefix, serial reference and check digit', () => {
  test.each([
    // The example of GS1's own general specifications has this prefix.
    ['0614141', 1234567890n, '106141412345678908'],
    ['9506000', 1n, '095060000000000015'],
    ['9506', 1n, '095060000000000015'],
    ['950600012345', 1n, '095060001234500012'],
    ['950600012345', 9999n, '095060001234599993'],
    ['950600012345', 10000n, '195060001234500002'],
    ['950600012345', 99999n, '995060001234599996'],
    ['950600012345', 100000n, undefined],
  ])('%s, the %sth', (prefix, serial, sscc) => {
    expect(ssccOf(prefix, serial)).toBe(sscc)
    if (sscc === undefined) return
    expect(serialOf(prefix, sscc)).toBe(serial)
    const { kind, goods, problems } = readCode(`00${sscc}`, 2026)
    expect([kind, goods.sscc, problems]).toEqual(['gs1', sscc, []])
  })

  test('one of another company has no serial here', () =>
    expect(serialOf('9506001', '095060000000000015')).toBeUndefined())

  test.each([
    ['9506', true],
    ['950600012345', true],
    ['950', false],
    ['9506000123456', false],
    ['95-06', false],
    ['', false],
  ])('%p is a company prefix: %s', (text, is) => expect(companyPrefix.test(text)).toBe(is))
})
