/** Advisory locks: every key is in the register, no key is there twice, and each is used in one place. */
import { describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { busLocks, kitLocks, serviceLocks } from '../../packages/service-kit/src/database/locks.ts'

const root = join(import.meta.dirname, '../..')
const register = 'packages/service-kit/src/database/locks.ts'
const sources = execFileSync('git', ['ls-files', '*.ts', '*.sql'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => /^(packages|services|tools)\/.*\/src\/|^tools\/|migration/.test(file) && !file.endsWith('.test.ts'))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))

/** What makes a key: a hash, a number or a text in the call that locks. */
function makesKeys(text: string): boolean {
  if (/\bhashtext(extended)?\(/.test(text)) return true
  const calls = text.matchAll(/pg_(?:try_)?advisory_(?:xact_)?(?:un)?lock(?:_shared)?\(([^)\n]*)/g)
  return [...calls].some(([, given = '']) => /'|(?<!\$)\b\d/.test(given.replaceAll(/\$\{[^}]*\}?/g, '')))
}

type Key = string | number | ((name: string) => string)
const keysOf = (name: string, keys: Readonly<Record<string, Key>>) =>
  Object.entries(keys).map(([key, value]) => ({
    name: `${name}.${key}`,
    key: String(typeof value === 'function' ? value('name') : value),
  }))
const all = [
  ...keysOf('kitLocks', kitLocks),
  ...keysOf('busLocks', busLocks),
  ...Object.entries(serviceLocks).flatMap(([service, keys]) => keysOf(`serviceLocks.${service}`, keys)),
]

/** Used by two: a code belongs to one product or location, whichever comes first. */
const shared = new Set(['serviceLocks.stock.barcodes'])

describe('the keys of advisory locks', () => {
  test('are made in the register alone', () => {
    const makers = sources.filter(({ file, text }) => file !== register && makesKeys(text)).map(({ file }) => file)
    expect(makers).toEqual([])
  })

  test.each([
    ["select pg_advisory_xact_lock(hashtext('mine'))", true],
    ['select pg_advisory_lock(4711)', true],
    ["select pg_try_advisory_lock('5'::bigint)", true],
    ['select pg_advisory_lock($1, 7)', true],
    ['select pg_advisory_xact_lock(${kitLocks.relay})', false],
    ['select pg_try_advisory_lock($1, id) from unnest($2::int[]) as id', false],
    ['select count(pg_advisory_xact_lock(lock)) from locks', false],
  ])('%s makes a key: %s', (text, makes) => expect(makesKeys(text)).toBe(makes))

  test('are each another one', () => {
    const twice = Map.groupBy(all, ({ key }) => key)
    expect([...twice.values()].filter(({ length }) => length > 1)).toEqual([])
  })

  test.each(all.map(({ name }) => name))('%s is used, and for one thing', (name) => {
    const users = sources.filter(({ text }) => text.includes(name)).map(({ file }) => file)
    expect(users).toHaveLength(shared.has(name) ? 2 : 1)
  })
})
