/** The glossary has the words that the code is made of, and a name has one meaning. */
import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportsOf, twoMeanings } from '../../tools/figures/counts.ts'
import { isProduction, parsed, readTree, root } from '../../tools/figures/tree.ts'
import { coreTypes } from '../../tools/figures/words.ts'

const tree = readTree()
const production = [...tree].filter(([path]) => isProduction(path))

const rows = readFileSync(join(root, 'docs/glossary.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .filter((line) => !line.startsWith('| -'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
const words = rows.map(([, word = '']) => word)
const inCode = rows.flatMap(([, , , names = '']) => [...names.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? ''))

describe('the glossary', () => {
  test('has every type of the domain that many files use', () => {
    const core = coreTypes(tree)
    expect(core.length).toBeGreaterThan(30)
    const missing = core.filter(({ name }) => !inCode.includes(name))
    expect(missing.map(({ name, path, usedBy }) => `${name} of ${path}, used by ${String(usedBy)}`)).toEqual([])
  })

  test('names no type that is not there, and each once', () => {
    const exported = new Set(production.flatMap(([path, text]) => exportsOf(parsed(path, text)).map(([name]) => name)))
    expect(inCode.filter((name) => !exported.has(name))).toEqual([])
    expect(inCode.filter((name, at) => inCode.indexOf(name) !== at)).toEqual([])
  })

  test('has each word once, in order, with a meaning', () => {
    const byAlphabet = [...words].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    expect(words).toEqual(byAlphabet)
    expect(words.filter((word, at) => words.indexOf(word) !== at)).toEqual([])
    expect(rows.filter(([, , meaning = '']) => meaning.length < 10).map(([, word]) => word)).toEqual([])
  })
})

/** Names that stand for two things today, by why that is let be. No other may join them. */
const excused: Readonly<Record<string, readonly string[]>> = {
  'Each service wires the kit with its own types and lists.': names(`
    busTopics Database invariants listensTo publishes Reaction reactions Reader Route takenByHttp Tx`),
  'Stock keeps the whole of it, picking and valuation a copy of what they need: one thing, by the name of the field.':
    names(`
    findUnits loadEpoch Location OutOfReach PickFault Product ReferenceData scopeOf Shortage Unit unitKey Warehouse`),
  'A document of picking, and what the ledger keeps of it: one thing, by the name of the field.': names(`
    Transfer TransferLine`),
  'A word of the kit or of documents, and a word of the domain: no file imports both.': names(`
    DocumentKind isFault`),
}

function names(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}

describe('a name', () => {
  const found = twoMeanings(production)

  test('has one meaning, but for those that are excused', () => {
    const known = new Set(Object.values(excused).flat())
    const joining = found.filter(({ name }) => !known.has(name))
    expect(joining.map(({ name, files }) => `${name}: ${files.join(', ')}`)).toEqual([])
  })

  test('is excused once', () => {
    const all = Object.values(excused).flat()
    expect(all.filter((name, at) => all.indexOf(name) !== at)).toEqual([])
  })
})
