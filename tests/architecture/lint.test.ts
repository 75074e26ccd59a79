/** The lint rules that keep rules pure and functions short: each fires on its planted violation, and on nothing else there. */
import { afterAll, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const linter = join(root, 'node_modules/eslint/bin/eslint.js')
const longer = (name: string, lines: number) =>
  `export function ${name}(given: number): number {\n  let sum = given\n${'  sum += given\n'.repeat(lines - 4)}  return sum\n}\n`

/** What a rule may do with times that it is given, an action with all, and a test with as many lines as it likes. */
const innocent: Readonly<Record<string, string>> = {
  'services/stock/src/lots/lot.ts': `export const dayOf = (at: Date): string => new Date(at.getTime()).toISOString()\n`,
  'services/stock/src/lots/lot.actions.ts': `export async function act(): Promise<number> {
  const at = new Date()
  await new Promise((done) => setTimeout(done, Math.random()))
  return at.getTime() - Date.now() - performance.now()
}
`,
  'services/stock/src/lots/lot.test.ts': longer('tested', 90),
  'services/stock/src/lots/long.ts': longer('justShort', 70),
  'services/stock/src/main.ts': `export const port = process.env['PORT']\n`,
  'packages/service-kit/src/clock.ts': `export const now = (): number => Date.now()\n`,
}

/** By file that breaks it: the rule of ESLint that must fire, once, and what it has to say. */
const planted: Readonly<Record<string, readonly [text: string, rule: string, says: RegExp]>> = {
  'services/stock/src/units/now.ts': [
    `export const now = (): number => Date.now()\n`,
    'no-restricted-properties',
    /No clock/,
  ],
  'services/stock/src/units/destructured.ts': [
    `const { now } = Date\nexport const at = (): number => now()\n`,
    'no-restricted-properties',
    /No clock/,
  ],
  'services/stock/src/units/today.ts': [
    `export const today = (): Date => new Date()\n`,
    'no-restricted-syntax',
    /No clock/,
  ],
  'services/stock/src/units/text.ts': [`export const at = (): string => Date()\n`, 'no-restricted-syntax', /No clock/],
  'services/picking/src/orders/order.chance.ts': [
    `export const chance = (): number => Math.random()\n`,
    'no-restricted-properties',
    /No chance/,
  ],
  'services/picking/src/orders/order.id.ts': [
    `export const id = (): string => crypto.randomUUID()\n`,
    'no-restricted-globals',
    /pure/,
  ],
  'services/valuation/src/costing/costing.env.ts': [
    `export const home = (): string | undefined => process.env['HOME']\n`,
    'no-restricted-globals',
    /pure/,
  ],
  'services/valuation/src/costing/costing.timer.ts': [
    `export const later = (act: () => void): void => void setTimeout(act, 1)\n`,
    'no-restricted-globals',
    /pure/,
  ],
  'services/valuation/src/costing/costing.fetch.ts': [
    `export const ask = (): Promise<Response> => fetch('http://127.0.0.1')\n`,
    'no-restricted-globals',
    /pure/,
  ],
  'services/identity/src/users/user.wait.ts': [
    `export async function wait(until: Promise<number>): Promise<number> {\n  return (await until) + 1\n}\n`,
    'no-restricted-syntax',
    /wait/,
  ],
  'services/identity/src/users/user.load.ts': [
    `export const load = (): Promise<unknown> => import('node:fs')\n`,
    'no-restricted-syntax',
    /wait/,
  ],
  'packages/amounts/src/now.ts': [
    `export const now = (): number => performance.now()\n`,
    'no-restricted-globals',
    /pure/,
  ],
  'packages/scans/src/now.ts': [`export const now = (): number => Date.now()\n`, 'no-restricted-properties', /clock/],
  'services/stock/src/units/long.ts': [longer('tooLong', 71), 'max-lines-per-function', /71/],
  'services/stock/src/units/long.actions.ts': [longer('tooLong', 71), 'max-lines-per-function', /71/],
  'tools/start/long.ts': [longer('tooLong', 71), 'max-lines-per-function', /71/],
}

const made: string[] = []
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

describe('the lint rules', () => {
  test('let no function be longer in a file that is not there', () => {
    const excused = [...readFileSync(join(root, 'eslint.config.js'), 'utf8').matchAll(/^ {4}'([^'*]+\.ts)': \d+,$/gm)]
    expect(excused.map(([, path = '']) => path).filter((path) => !existsSync(join(root, path)))).toEqual([])
    expect(excused.length).toBeGreaterThan(0)
  })

  test('each fires on its planted violation, once, and on nothing else there', async () => {
    const broken = Object.fromEntries(Object.entries(planted).map(([path, [text]]) => [path, text]))
    const found = await lint({ ...innocent, ...broken })
    const fired = found.map(({ path, rule }) => `${path}: ${String(rule)}`)
    expect(fired.sort()).toEqual(
      Object.entries(planted)
        .map(([path, [, rule]]) => `${path}: ${rule}`)
        .sort(),
    )
    for (const { path, message } of found) expect(message).toMatch(planted[path]![2])
  })
})

interface Finding {
  readonly path: string
  readonly rule: string | null
  readonly message: string
}

/** Lints a tree of these files outside of the repository, with the repository's own rules. */
async function lint(files: Readonly<Record<string, string>>): Promise<readonly Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lint-rules-'))
  made.push(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  for (const name of ['eslint.config.js', 'tsconfig.json', 'package.json']) cpSync(join(root, name), join(folder, name))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const output = await new Promise<string>((resolve, reject) => {
    const args = [linter, '--format', 'json', '.']
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      // It exits with 1 where it has found something.
      if (stdout === '') reject(new Error(stderr, { cause: error ?? undefined }))
      else resolve(stdout)
    })
  })
  const results = JSON.parse(output) as {
    readonly filePath: string
    readonly messages: readonly { readonly ruleId: string | null; readonly message: string }[]
  }[]
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId: rule, message }) => ({ path: filePath.slice(folder.length + 1), rule, message })),
  )
}
