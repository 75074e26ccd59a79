/**
 * Recipes of CONTRIBUTING.md as a program follows them. A block of code whose fence names a file makes that file; with `diff` it
 * changes the file, at the one place where its lines stand that are not new.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A block of a recipe. */
export interface Block {
  /** Of the file, from the root. */
  readonly path: string
  /** Of the block's fence in the document. */
  readonly line: number
  readonly makes: boolean
  readonly text: string
}

/** A recipe cannot be followed: where, and what to do. */
class BrokenRecipe extends Error {}

/** Blocks of commands: nothing is written for them. */
const commands = new Set(['bash', 'sh'])

/**
 * The blocks below a heading of the second level, in their order.
 *
 * @throws BrokenRecipe where there is no such heading, or a block names no file
 */
export function blocksOf(document: string, heading: string): readonly Block[] {
  const lines = document.split('\n')
  const first = lines.indexOf(`## ${heading}`) + 1
  if (first === 0) throw new BrokenRecipe(`There is no heading "## ${heading}".`)
  const blocks: Block[] = []
  for (let at = first; at < lines.length && !(lines[at] ?? '').startsWith('## '); at += 1) {
    const [, indent = '', fence, language = '', path = ''] = /^( *)(`{3,})(\S*) *(.*)$/.exec(lines[at] ?? '') ?? []
    if (fence === undefined) continue
    const end = lines.indexOf(indent + fence, at + 1)
    if (end < 0) throw new BrokenRecipe(`Line ${String(at + 1)}: this block has no end.`)
    if (!commands.has(language)) {
      if (!/^[\w.-]+(\/[\w.-]+)*$/.test(path) || path.split('/').includes('..'))
        throw new BrokenRecipe(`Line ${String(at + 1)}: name the file behind "${language}", from the root.`)
      const text = lines.slice(at + 1, end).map((line) => line.slice(indent.length))
      blocks.push({ path, line: at + 1, makes: language !== 'diff', text: `${text.join('\n')}\n` })
    }
    at = end
  }
  if (blocks.length === 0) throw new BrokenRecipe(`"## ${heading}" has no block that names a file.`)
  return blocks
}

/**
 * Makes or changes the files in a copy of the tree.
 *
 * @throws BrokenRecipe where a file is there already or is not, or where its place is not found, or is found more than once
 */
export function follow(root: string, blocks: readonly Block[]): void {
  for (const { path, line, makes, text } of blocks) {
    const file = join(root, path)
    const where = `Line ${String(line)}: ${path}`
    if (makes) {
      if (existsSync(file)) throw new BrokenRecipe(`${where} is there already: change it by a diff.`)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    } else {
      if (!existsSync(file)) throw new BrokenRecipe(`${where} is not there.`)
      writeFileSync(file, changed(readFileSync(file, 'utf8'), text, where))
    }
  }
}

/** A text after a diff: lines behind `-` go, lines behind `+` come, all others say where. `@@` begins another place. */
export function changed(text: string, diff: string, where: string): string {
  return diff
    .replace(/\n$/, '')
    .split(/^@@.*\n/m)
    .filter((hunk) => hunk !== '')
    .reduce((now, hunk) => changedOnce(now, hunk.replace(/\n$/, '').split('\n'), where), text)
}

function changedOnce(text: string, hunk: readonly string[], where: string): string {
  const wrong = hunk.find((line) => !/^([ +-]|$)/.test(line))
  if (wrong !== undefined) throw new BrokenRecipe(`${where}: "${wrong}" begins with none of " ", "+" and "-".`)
  const side = (other: string) => hunk.filter((line) => !line.startsWith(other)).map((line) => line.slice(1))
  const [before, after] = [side('+'), side('-')]
  if (before.length === 0 || before.join('\n') === after.join('\n'))
    throw new BrokenRecipe(`${where}: say where by a line that stands there, and what changes by "+" or "-".`)
  const lines = text.split('\n')
  const places = lines.flatMap((_line, at) => (before.every((line, index) => lines[at + index] === line) ? [at] : []))
  const [at] = places
  if (at === undefined) throw new BrokenRecipe(`${where} has no such place any more. It had:\n${before.join('\n')}`)
  if (places.length > 1)
    throw new BrokenRecipe(`${where} has ${String(places.length)} such places: add lines around.\n${before.join('\n')}`)
  return lines.toSpliced(at, before.length, ...after).join('\n')
}
