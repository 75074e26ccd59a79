/** The files of a revision, or of the working tree, as texts. Nothing is checked out. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

export const root = join(import.meta.dirname, '../..')

/** Texts of TypeScript files by their path from the root. */
export type Tree = ReadonlyMap<string, string>

/** Reads the TypeScript files of a revision; without one, those of the working tree that git does not ignore. Throws when there is no such revision. */
export function readTree(revision?: string): Tree {
  if (revision === undefined) {
    const paths = git('ls-files', '--cached', '--others', '--exclude-standard', '--', '*.ts')
      .toString()
      .split('\n')
      .filter(Boolean)
    return new Map(paths.flatMap((path) => entryOf(path)))
  }
  const listed = git('ls-tree', '-r', '-z', '--name-only', commitOf(revision)).toString().split('\0')
  const paths = listed.filter((path) => path.endsWith('.ts'))
  const input = paths.map((path) => `${revision}:${path}\n`).join('')
  const output = execFileSync('git', ['cat-file', '--batch'], { cwd: root, input, maxBuffer: 256 * 1024 * 1024 })
  const tree = new Map<string, string>()
  let at = 0
  for (const path of paths) {
    const headEnd = output.indexOf(10, at)
    const size = Number(output.subarray(at, headEnd).toString().split(' ')[2])
    tree.set(path, output.subarray(headEnd + 1, headEnd + 1 + size).toString())
    at = headEnd + size + 2
  }
  return tree
}

function entryOf(path: string): [string, string][] {
  try {
    return [[path, readFileSync(join(root, path), 'utf8')]]
  } catch {
    // Deleted, and not committed yet.
    return []
  }
}

/** The commit that a revision names. Throws when it names none. */
export function commitOf(revision: string): string {
  try {
    return git('rev-parse', '--verify', '--quiet', `${revision}^{commit}`).toString().trim()
  } catch {
    throw new Error(`There is no revision "${revision}" in this repository.`)
  }
}

function git(...args: readonly string[]): Buffer {
  return execFileSync('git', args, { cwd: root, maxBuffer: 64 * 1024 * 1024 })
}

/** Is it code that runs in production? Generated code is not counted, nor is the test kit. */
export function isProduction(path: string): boolean {
  return (
    /^(services|packages)\/[^/]+\/src\//.test(path) &&
    !path.startsWith('packages/test-kit/') &&
    !/\.test\.ts$|\.d\.ts$|\/generated\//.test(path)
  )
}

/** Is it a file of pure rules: of a slice, without a suffix, or of the amounts? What documents are made of is no rule. */
export function isRules(path: string): boolean {
  if (!isProduction(path)) return false
  if (path.startsWith('packages/amounts/')) return true
  return (
    /^services\/[^/]+\/src\/[^/]+\/[^/]+\.ts$/.test(path) && !/\.(actions|store|api|reactions|fields)\.ts$/.test(path)
  )
}

/** Is it a test of rules, as `jest.rules.config.js` has them? */
export function isRuleTest(path: string): boolean {
  return (
    /^(services\/[^/]+\/src\/[^/]+|packages\/amounts\/src)\/[^/]+\.test\.ts$/.test(path) &&
    !path.endsWith('/password.actions.test.ts')
  )
}

/** The file parsed. */
export function parsed(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
}

/** Its lines with code on them: trimmed, without comments and blank lines. */
export function codeLines(text: string): string[] {
  const ranges: [from: number, to: number][] = []
  const file = parsed('code.ts', text)
  const visit = (node: ts.Node): void => {
    for (const range of ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []) ranges.push([range.pos, range.end])
    for (const range of ts.getTrailingCommentRanges(text, node.end) ?? []) ranges.push([range.pos, range.end])
    node.getChildren(file).forEach(visit)
  }
  visit(file)
  let bare = text
  for (const [from, to] of ranges)
    bare = bare.slice(0, from) + bare.slice(from, to).replaceAll(/[^\n]/g, ' ') + bare.slice(to)
  return bare
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
