import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { meaningOfCode } from './unit.codes.ts'

const migrations = join(import.meta.dirname, '../../../picking/prisma/migrations')
const textOf = (name: string) => readFileSync(join(migrations, name, 'migration.sql'), 'utf8')

test('codes mean the same for products as for orders', () => {
  const withdrawn = new Set(
    [...textOf('20261201050000_st_is_a_sheet').matchAll(/alias = '([^']+)'/g)].map(([, code]) => code),
  )
  const shipped = [...textOf('20261130083000_partner_codes').matchAll(/\('', '([^']+)', '([^']+)'\)/g)].filter(
    ([, code]) => !withdrawn.has(code),
  )
  expect(shipped.length).toBeGreaterThan(75)
  expect(shipped.map(([, code]) => [code, meaningOfCode(code ?? '')])).toEqual(
    shipped.map(([, code, unit]) => [code, unit]),
  )
})

test.each(['unit', 'kg', 'KOLLI', 'ST', ''])('%s is no code', (code) => {
  expect(meaningOfCode(code)).toBeUndefined()
})
