/**
 * The recipes of CONTRIBUTING.md, followed by machine in a copy of the tree: what they make compiles, and does what they say. A test in the
 * copy walks the whole way, on a real PostgreSQL.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeLines, readTree } from '../../tools/figures/tree.ts'
import { copyOfTree, type Copy } from './copy.ts'
import { blocksOf, follow, type Block } from './recipe.ts'

const root = join(import.meta.dirname, '../..')
const contributing = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
const [field, kind] = [blocksOf(contributing, 'Add a field'), blocksOf(contributing, 'Add a document kind')]
/** Of one program. Alone each takes seconds; on a machine that does other work, much longer. */
const patienceMs = 280_000

let copy: Copy | undefined
const run = async (program: string, ...args: readonly string[]): Promise<string> =>
  copy === undefined ? 'There is no copy.' : copy.run(program, args, patienceMs)
/** Runs these tests of the copy, on the PostgreSQL of this run. */
const jest = (...paths: readonly string[]) => {
  const matched = ['--testMatch', '**/*.test.ts', '--testMatch', '**/*.journey.ts']
  return run('node_modules/jest/bin/jest.js', ...matched, '--silent', '--runTestsByPath', ...paths)
}

beforeAll(async () => {
  copy = copyOfTree()
  follow(copy.root, [...field, ...kind])
  const concerned = { extends: './tsconfig.json', include: ['packages/**/*.ts', 'services/picking/**/*.ts'] }
  writeFileSync(join(copy.root, 'tsconfig.recipes.json'), JSON.stringify(concerned))
  expect(await run('tools/generate/main.ts')).toBe('')
}, 2 * patienceMs)
afterAll(() => copy?.remove())

test(
  'what they make compiles',
  async () => expect(await run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.recipes.json')).toBe(''),
  2 * patienceMs,
)

describe('a field', () => {
  test('costs few files', () => expect(new Set(field.map(({ path }) => path)).size).toBeLessThanOrEqual(5))

  test(
    'goes from the order to the delivery, its answer, its list and its demand',
    async () =>
      expect(await jest('tests/recipes/field.journey.ts', 'services/picking/test/conformance.test.ts')).toBe(''),
    2 * patienceMs,
  )
})

describe('a kind of document', () => {
  const own = kind.filter(({ makes }) => makes)

  test('needs few files of its own', () => expect(own.length).toBeLessThanOrEqual(8))

  test('copies no lines of another kind', () => expect(own.flatMap(copiedIn)).toEqual([]))

  test(
    'is made, changed, listed and shown, and does what every document does',
    async () => {
      const tests = own.map(({ path }) => path).filter((path) => path.endsWith('.test.ts'))
      expect(await jest('tests/recipes/kind.journey.ts', 'tests/architecture/prisma.test.ts', ...tests)).toBe('')
    },
    2 * patienceMs,
  )
})

/** Four lines of code one after another that stand in another kind, too, whatever the kinds are called. Imports are no copies. */
function copiedIn({ path, text }: Block): readonly string[] {
  if (!path.endsWith('.ts')) return []
  const lines = substanceOf(text)
  return lines.flatMap((line, at) =>
    at > 2 && elsewhere().has(lines.slice(at - 3, at + 1).join('\n')) ? [`${path}: ${line}`] : [],
  )
}

let known: ReadonlySet<string> | undefined
function elsewhere(): ReadonlySet<string> {
  known ??= new Set(
    [...readTree()].flatMap(([path, text]) => {
      if (!/^services\/picking\/(src\/(receipts|deliveries)|test)\//.test(path)) return []
      const lines = substanceOf(text)
      return lines.map((_line, at) => lines.slice(at, at + 4).join('\n'))
    }),
  )
  return known
}

function substanceOf(text: string): readonly string[] {
  return codeLines(text)
    .filter((line) => /\w{3}/.test(line) && !/^import |^\} from |^type \w+,$|^\w+,$/.test(line))
    .map((line) =>
      line.replaceAll(/inspection|receipt|delivery/gi, 'x').replaceAll(/inspections|receipts|deliveries/gi, 'xs'),
    )
}
