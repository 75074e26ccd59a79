/** What a recipe may say, and what is said where it cannot be followed. */
import { describe, expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blocksOf, changed, follow } from './recipe.ts'

const block = (info: string, ...lines: readonly string[]) => ['```' + info, ...lines, '```'].join('\n')
const recipe = (...blocks: readonly string[]) => `# Title\n\n## Add\n\n${blocks.join('\n\n')}\n\n## Other\n`

describe('blocks of a recipe', () => {
  test('name a file that they make or change; commands are left out; a list indents them', () => {
    const document = recipe(
      block('bash', 'pnpm x'),
      block('ts a/b.ts', 'x', '', 'y'),
      '   ```diff c.ts\n    x\n   +y\n   ```',
    )
    expect(blocksOf(document, 'Add')).toEqual([
      { path: 'a/b.ts', line: 9, makes: true, text: 'x\n\ny\n' },
      { path: 'c.ts', line: 15, makes: false, text: ' x\n+y\n' },
    ])
  })

  test.each([
    ['no heading', '# Title', 'There is no heading "## Add".'],
    ['nothing to do', recipe(block('sh', 'x')), '"## Add" has no block that names a file.'],
    ['no file', recipe(block('ts', 'x')), 'Line 5: name the file behind "ts", from the root.'],
    ['a file elsewhere', recipe(block('ts ../x.ts', 'x')), 'Line 5: name the file'],
    ['an absolute file', recipe(block('ts /x.ts', 'x')), 'Line 5: name the file'],
    ['no end', '## Add\n```ts x.ts\nx', 'Line 2: this block has no end.'],
  ])('%s', (_title, document, message) => expect(() => blocksOf(document, 'Add')).toThrow(message))
})

describe('a diff', () => {
  test.each([
    ['adds', 'a\nb\n', ' a\n+x\n', 'a\nx\nb\n'],
    ['exchanges', 'a\nb\nc\n', ' a\n-b\n+x\n+y\n', 'a\nx\ny\nc\n'],
    ['takes an empty line for one that stands there', 'a\n\nb\nb\n', ' a\n\n-b\n', 'a\n\nb\n'],
    ['changes several places', 'a\nb\nc\n', ' a\n+x\n@@\n-c\n', 'a\nx\nb\n'],
  ])('%s', (_title, before, diff, after) => expect(changed(before, diff, 'Line 1: f')).toBe(after))

  test.each([
    ['a place that is not there', ' z\n+x\n', 'Line 1: f has no such place any more. It had:\nz'],
    ['one that is there twice', ' a\n+x\n', 'Line 1: f has 2 such places: add lines around.'],
    ['no place', '+x\n', 'Line 1: f: say where'],
    ['no change', ' b\n', 'Line 1: f: say where'],
    ['another line', 'b\n+x\n', 'Line 1: f: "b" begins with none of'],
  ])('%s is refused', (_title, diff, message) => expect(() => changed('a\nb\na\n', diff, 'Line 1: f')).toThrow(message))
})

test('files that are there, or are not, are not made or changed by mistake', () => {
  const root = mkdtempSync(join(tmpdir(), 'stockline-recipe-'))
  try {
    writeFileSync(join(root, 'a.ts'), 'a\n')
    const of = (path: string, makes: boolean) => [{ path, line: 7, makes, text: ' a\n+b\n' }]
    expect(() => follow(root, of('a.ts', true))).toThrow('Line 7: a.ts is there already: change it by a diff.')
    expect(() => follow(root, of('none.ts', false))).toThrow('Line 7: none.ts is not there.')
    follow(root, of('a.ts', false))
    follow(root, of('new/b.ts', true))
    expect([readFileSync(join(root, 'a.ts'), 'utf8'), readFileSync(join(root, 'new/b.ts'), 'utf8')]).toEqual([
      'a\nb\n',
      ' a\n+b\n',
    ])
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
