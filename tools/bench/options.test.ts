import { expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkoutOf } from './checkout.ts'
import { readOptions, UsageError } from './options.ts'

const root = join(import.meta.dirname, '../..')
const read = (text: string) => readOptions(text === '' ? [] : text.split(' '), '/repo')

test('without options everything is measured', () => {
  expect(read('')).toEqual({
    ...{ kind: 'measure', parts: ['ledger', 'path', 'hot', 'transfers', 'growth'], buses: ['embedded', 'kafka'] },
    ...{ clients: [1, 4, 16], seconds: 8, rounds: 3, json: '/repo/.data/bench.json' },
  })
})

test.each([
  ['--part path,hot --bus kafka --clients 2', { parts: ['path', 'hot'], buses: ['kafka'], clients: [2] }],
  ['--against ../before', { kind: 'compare', against: '../before', pairs: 9, seconds: 8, warmUpDocuments: 2500 }],
  ['--against b8bcaaa --quick', { kind: 'compare', seconds: 4, warmUpDocuments: 2500, budgetSeconds: 570 }],
  ['--against b8bcaaa --quick --seconds 6 --pairs 12 --clients 4 --warm-up 100', { seconds: 6, pairs: 12, clients: 4 }],
  ['--help', { kind: 'help' }],
])('%s', (text, expected) => {
  expect(read(text)).toMatchObject(expected)
})

test.each([
  ['--agianst b8bcaaa', /Unknown option '--agianst'/],
  ['b8bcaaa', /Unexpected argument 'b8bcaaa'/],
  ['--against', /--against/],
  ['--against=', /--against needs a folder or a git revision/],
  ['--quick', /--quick belongs to --against/],
  ['--pairs 9', /--pairs belongs to --against/],
  ['--against b8bcaaa --part path', /--part cannot be given with --against/],
  ['--against b8bcaaa --bus kafka', /--bus cannot be given with --against/],
  ['--against b8bcaaa --pairs 2', /--pairs is a whole number from 3 to 999; it is "2"/],
  ['--against b8bcaaa --clients 1,4', /--clients is a whole number from 1 to 256; it is "1,4"/],
  ['--against b8bcaaa --against main', /--against is given twice/],
  ['--seconds 1.5', /--seconds is a whole number/],
  ['--rounds 0', /--rounds is a whole number/],
  ['--clients 4,,8', /--clients is a whole number/],
  ['--part path,memory', /--part is of ledger, path, hot, transfers, growth; "memory" is none of them/],
  ['--quick=yes --against main', /--quick/],
  ['--json=', /--json needs/],
])('%s is refused', (text, why) => {
  expect(() => read(text)).toThrow(UsageError)
  expect(() => read(text)).toThrow(why)
})

test('what is wrong is said with the usage, and the exit code is 2', () => {
  const command = [join(root, 'tools/bench/main.ts'), '--against', 'no such revision']
  const done = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' })
  expect(done.status).toBe(2)
  expect(done.stderr).toMatch(/neither a folder with tools\/start\/main\.ts in it, nor a git revision here/)
  expect(done.stderr).toMatch(/--against PATH\|REV/)
})

test('a folder is taken where a checkout is in it, and only when it is installed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stockline-checkout-'))
  try {
    mkdirSync(join(folder, 'other/tools/start'), { recursive: true })
    writeFileSync(join(folder, 'other/tools/start/main.ts'), '')
    expect(() => checkoutOf('other', root, folder)).toThrow(/dependencies are not installed/)
    mkdirSync(join(folder, 'other/node_modules/.bin'), { recursive: true })
    expect(checkoutOf('other', root, folder)).toEqual({ root: join(folder, 'other'), name: 'other' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
