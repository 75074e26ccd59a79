import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { meaningOfCode } from './unit.codes.ts'

const migration = join(
  import.meta.dirname,
  '../../../picking/prisma/migrations/20261130083000_partner_codes/migration.sql',
)

test('codes mean the same for products as for orders', () => {
  const shipped = [...readFileSync(migration, 'utf8').matchAll(/\('', '([^']+)', '([^']+)'\)/g)]
  expect(shipped.length).toBeGreaterThan(80)
  expect(shipped.map(([, code]) => [code, meaningOfCode(code ?? '')])).toEqual(
    shipped.map(([, code, unit]) => [code, unit]),
  )
})

test.each(['unit', 'kg', 'KOLLI', ''])('%s is no code', (code) => {
  expect(meaningOfCode(code)).toBeUndefined()
})
