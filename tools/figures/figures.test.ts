import { afterAll, describe, expect, test } from '@jest/globals'
import { join, matchesGlob } from 'node:path'
import { pathToFileURL } from 'node:url'
import { figuresOf, lineTypes, twoMeanings } from './counts.ts'
import { filesToFollow } from './follow.ts'
import { drawn, mutantsOf } from './mutants.ts'
import { importersOf, relatedTo } from './related.ts'
import { makeRuns } from './runs.ts'
import { codeLines, isRuleTest, readTree, root } from './tree.ts'

const picking = 'services/picking/src'
const tree = new Map([
  [
    `${picking}/receipts/receipt.store.ts`,
    `/** Receipts. */\nexport const find = (receipt: string) => receipt\nexport const vendorOf = 1\n`,
  ],
  [
    `${picking}/deliveries/delivery.store.ts`,
    `// Deliveries.\nexport const find = (delivery: string) => delivery\nexport const other = 2\n`,
  ],
  [`${picking}/receipts/receipt.ts`, `export interface ReceiptLine { readonly sku: string }\nexport const rule = 1\n`],
  [
    `${picking}/deliveries/delivery.ts`,
    `export interface DeliveryLine { readonly sku: string }\nexport const rule = 1\n`,
  ],
  [
    `${picking}/receipts/receipt.api.ts`,
    `import { act as done } from './receipt.actions.ts'\nimport { makes } from '../documents/document.routes.actions.ts'\nconst { step } = makes()\nexport const routes = [step({ path: '/v1/receipts/:id/validate', run: () => done() })]\n`,
  ],
  [
    `${picking}/receipts/receipt.actions.ts`,
    `import { find } from './receipt.store.ts'\nimport { rule } from './receipt.ts'\nimport type { ReceiptLine } from './receipt.ts'\nconst helper = (line?: ReceiptLine) => find(String(line))\nexport const act = () => helper()\nexport const otherAct = () => rule\n`,
  ],
  [
    `${picking}/documents/document.routes.actions.ts`,
    `export const makes = () => ({ step: (route: object) => route })\n`,
  ],
  [`${picking}/receipts/receipt.test.ts`, `export interface TestLine {}\n`],
])

test('tests of rules are those that `jest.rules.config.js` has, whoever runs them', async () => {
  const { default: config } = (await import(pathToFileURL(join(root, 'jest.rules.config.js')).href)) as {
    readonly default: { readonly testMatch: readonly string[]; readonly testPathIgnorePatterns: readonly string[] }
  }
  const isOfJest = (path: string) =>
    config.testMatch.some((glob) => matchesGlob(path, glob.replace('<rootDir>/', ''))) &&
    !config.testPathIgnorePatterns.some((pattern) => new RegExp(pattern).test(`/${path}`))
  const tests = [...readTree().keys()].filter((path) => path.endsWith('.test.ts'))
  expect(tests.filter(isOfJest).length).toBeGreaterThan(80)
  expect(tests.filter(isRuleTest)).toEqual(tests.filter(isOfJest))
})

describe('what is counted', () => {
  test('lines that both slices have, under one name, and without rules, tests and comments', () => {
    const shown = new Map(figuresOf(tree))
    expect(shown.get('… lines of deliveries that stand in receipts, too')).toBe('1')
    // Two of fourteen: four of the stores, four of the api, six of the actions.
    expect(shown.get('Same lines of receipts and deliveries, names made equal, rules left out')).toBe('14.3 %')
    expect(shown.get('Files of production code')).toBe('7')
    // Four to fourteen; there are no transfers.
    expect(shown.get('Lines of picking/src/deliveries to those of receipts, rules and all')).toBe('0.29')
    expect(shown.get('Lines of picking/src/transfers to those of receipts, rules and all')).toBe('')
  })

  test('files whose code a route calls, and no file of which only a type, or nothing that runs, is named', () => {
    expect(filesToFollow(tree, /^\/v1\/receipts\/:id\/validate$/)).toEqual([
      `${picking}/receipts/receipt.api.ts`,
      `${picking}/documents/document.routes.actions.ts`,
      `${picking}/receipts/receipt.actions.ts`,
      `${picking}/receipts/receipt.store.ts`,
    ])
    expect(filesToFollow(tree, /^\/v1\/nothing$/)).toEqual([])
  })

  test('names that mean two things, and none that is the same thing twice', () => {
    expect(twoMeanings(tree)).toMatchObject([{ name: 'find', within: true }])
  })

  test('types for a line', () => {
    expect(
      lineTypes([['services/stock/src/a/b.ts', 'export interface NeedLine {}\ntype Online = 1\ntype PickJson = 2\n']]),
    ).toEqual(['services/stock/src/a/b.ts: NeedLine', 'services/stock/src/a/b.ts: PickJson'])
  })

  test('lines with code on them', () => {
    expect(codeLines(`// one\n\n/** two\n * three */\nconst a = 'x' // four\nconst b = \`// no\`\n`)).toEqual([
      `const a = 'x'`,
      'const b = `// no`',
    ])
  })
})

describe('mutants', () => {
  const changed = (text: string) =>
    mutantsOf('rule.ts', text).map(({ start, end, becomes }) => text.slice(0, start) + becomes + text.slice(end))

  test.each([
    ['a < b', ['a <= b']],
    ['a === b', ['a !== b']],
    ['a + b', ['a - b']],
    ["'a' + b", []],
    ['a && b', ['a || b']],
    ['!a', ['a']],
    ['-a', ['a']],
    ['true', [';', 'false']],
    ['a ?? b', ['a']],
    ['a ? b : c', ['a ? c : b']],
    ['1_000n', ['1001n']],
    ['9', ['10']],
    ['throw new Error(9)', []],
    ['nothingLeft(rest)', []],
  ])('of %s', (text, expected) => {
    expect(changed(text)).toEqual(text === 'true' || /^(throw|nothingLeft)/.test(text) ? expected : [';', ...expected])
  })

  test('of statements that may be left out, and of no type', () => {
    expect(changed('if (a) return')).toEqual([';'])
    expect(changed('if (a) b; else c')).toEqual(['if (a) ; else c', 'if (a) b; else ;'])
    expect(changed('type A = 1 | true\ninterface B { c: 2 }\nconst d: 3 = 4')).toEqual([
      'type A = 1 | true\ninterface B { c: 2 }\nconst d: 3 = 5',
    ])
  })

  test('are drawn by the seed, no two of one line', () => {
    const all = mutantsOf('rule.ts', 'a < b || c\n'.repeat(50))
    const lines = (seed: number) => drawn(all, 20, seed).map(({ line }) => line)
    expect(new Set(lines(1)).size).toBe(20)
    expect(lines(1)).toEqual(lines(1))
    expect(lines(1)).not.toEqual(lines(2))
    expect(drawn(all, 99, 1)).toHaveLength(50)
    expect(drawn(all, all.length, 1)).toEqual(all)
  })
})

describe('what a change reaches', () => {
  const a = 'services/stock/src/a/a'
  const sources = new Map([
    [`${a}.ts`, `export const a = 1\n`],
    ['packages/amounts/src/index.ts', `export * from './zero.ts'\nexport type { One } from './one.ts'\n`],
    ['packages/amounts/src/zero.ts', `export const zero = 0\n`],
    ['services/stock/src/a/b.ts', `import { zero } from '@stockline/amounts'\nimport type { A } from './a.ts'\n`],
    [`${a}.test.ts`, `import fc from 'fast-check'\nconst { a } = await import('./a.ts')\n`],
    ['services/stock/src/a/b.test.ts', `import './b.ts'\nimport { a } from '../../test/builders.ts'\n`],
    ['services/stock/test/builders.ts', `import { a } from '../src/a/a.ts'\n`],
  ])
  const tests = [`${a}.test.ts`, 'services/stock/src/a/b.test.ts']

  test.each([
    [`${a}.ts`, ['a.test.ts 1', 'b.test.ts 2']],
    ['packages/amounts/src/zero.ts', ['b.test.ts 3']],
    ['packages/amounts/src/one.ts', []],
  ])('the tests that run %s', (path, expected) => {
    const { tests: found } = relatedTo(path, importersOf(sources, tests))
    expect(found.map((one) => `${one.path.split('/').at(-1) ?? ''} ${String(one.distance)}`)).toEqual(expected)
  })

  test('an import that leads nowhere is told, so that no test is left out', () => {
    const broken = new Map([...sources, [`${a}.ts`, `import './gone.ts'\n`]])
    expect(() => importersOf(broken, tests)).toThrow(
      `${a}.ts imports services/stock/src/a/gone.ts, which is not there.`,
    )
  })
})

describe('a run of tests on a change', () => {
  const path = 'packages/amounts/src/arithmetic.ts'
  const oneTest = 'packages/amounts/src/arithmetic.test.ts'
  const sources = readTree()
  const text = sources.get(path) ?? ''
  const runs = makeRuns({ root, tree: [...sources] })
  afterAll(runs.end)

  test.each([
    ['nothing is changed', text, { outcome: 'passed' }],
    ['a comment is', `${text}// More.\n`, { outcome: 'passed' }],
    ['a rule is', text.replace('a < b', 'a > b'), { outcome: 'failed', test: oneTest }],
    ['it does not load', `${text}throw new Error('no')\n`, { outcome: 'failed', test: oneTest }],
    ['it ends the process', `${text}process.exit(0)\n`, { outcome: 'crashed', test: oneTest }],
    ['nothing is changed any more', text, { outcome: 'passed' }],
  ])('%s', async (_what, changed, expected) => {
    const { files } = relatedTo(path, importersOf(sources, [oneTest]))
    expect(await runs.run({ changed: { path, text: changed }, files, tests: [oneTest] })).toEqual(expected)
  })
})
