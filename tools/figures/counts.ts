/** Figures of a tree: repetition, and the number of files that a change or a reader touches. */
import ts from 'typescript'
import { filesToFollow } from './follow.ts'
import { codeLines, isProduction, isRules, parsed, type Tree } from './tree.ts'

/** A figure: what it is, and its number as it is shown. */
export type Figure = readonly [what: string, shown: string]

/** All figures of a tree. */
export function figuresOf(tree: Tree): readonly Figure[] {
  const production = [...tree].filter(([path]) => isProduction(path))
  const twins = twinsOf(tree)
  const names = twoMeanings(production)
  const route = (kind: string) => new RegExp(`^/v1/${kind}/:id/validate$`)
  return [
    ['Same lines of receipts and deliveries, names made equal, rules left out', percent(twins.same, twins.all)],
    ['… lines of deliveries that stand in receipts, too', String(twins.same / 2)],
    ['Files of deliveries besides rules and tests', String(twins.files)],
    [
      'Files with code that runs from "a receipt is validated" on',
      String(filesToFollow(tree, route('receipts')).length),
    ],
    ['… from "a delivery is validated" on', String(filesToFollow(tree, route('deliveries')).length)],
    ['Files that name a field of deliveries (priority), order event to answer and list', String(filesNaming(tree))],
    ...laterKinds.map((slice): Figure => [
      `Lines of ${slice} to those of receipts, rules and all`,
      ratio(linesOfSlice(tree, slice), linesOfSlice(tree, 'picking/src/receipts')),
    ]),
    ['Named types for a line', String(lineTypes(production).length)],
    ['Places where a quantity is parsed, formatted or marked', String(conversions(production))],
    ['Exported names with two meanings', String(names.length)],
    ['… of them within one service or package', String(names.filter(({ within }) => within).length)],
    ['Files of production code', String(production.length)],
    ['Lines of production code', String(production.reduce((sum, [, text]) => sum + codeLines(text).length, 0))],
    [
      'Lines of rules, of them',
      String([...tree].reduce((sum, [path, text]) => sum + (isRules(path) ? codeLines(text).length : 0), 0)),
    ],
  ]
}

/** Slices of the kinds of documents that came after receipts, in their order. A slice has what is its own besides documents, too: limits, reasons. */
const laterKinds = [
  'picking/src/deliveries',
  'picking/src/transfers',
  'stock/src/adjustments',
  'stock/src/dispositions',
  'stock/src/counts',
  'picking/src/packages',
] as const

function linesOfSlice(tree: Tree, slice: string): number {
  const own = [...tree].filter(([path]) => path.startsWith(`services/${slice}/`) && isProduction(path))
  return own.reduce((sum, [, text]) => sum + codeLines(text).filter(saysSomething).length, 0)
}

/** Nothing where one of them is not there. */
function ratio(part: number, whole: number): string {
  return part === 0 || whole === 0 ? '' : (part / whole).toFixed(2)
}

/** Lines of both slices, as if both were called the same. */
function twinsOf(tree: Tree): { readonly same: number; readonly all: number; readonly files: number } {
  const linesOf = (slice: string) => {
    const own = [...tree].filter(([path]) => path.startsWith(`services/picking/src/${slice}/`) && isProduction(path))
    const counted = own.filter(([path]) => !isRules(path))
    return {
      files: counted.length,
      lines: counted.flatMap(([, text]) => codeLines(nameless(text))).filter(saysSomething),
    }
  }
  const [receipts, deliveries] = [linesOf('receipts'), linesOf('deliveries')]
  const left = new Map<string, number>()
  for (const line of receipts.lines) left.set(line, (left.get(line) ?? 0) + 1)
  let same = 0
  for (const line of deliveries.lines) {
    const more = left.get(line) ?? 0
    if (more > 0) same += 1
    left.set(line, more - 1)
  }
  return { same: 2 * same, all: receipts.lines.length + deliveries.lines.length, files: deliveries.files }
}

/** Both kinds under one name, and their partners and orders, too. */
function nameless(text: string): string {
  return text
    .replaceAll(/receipts|deliveries/g, 'documents')
    .replaceAll(/Receipts|Deliveries/g, 'Documents')
    .replaceAll(/receipt|delivery/g, 'document')
    .replaceAll(/Receipt|Delivery/g, 'Document')
    .replaceAll(/vendor|customer/g, 'partner')
    .replaceAll(/Vendor|Customer/g, 'Partner')
    .replaceAll(/purchasing|sales/g, 'orders')
    .replaceAll(/purchase|sale\b/g, 'order')
}

/** Lines of brackets only are not counted. */
function saysSomething(line: string): boolean {
  return /\w/.test(line)
}

const nameOfLine = /^\w*(Line|Lines|Pick|Entry|Part|Move|Claim|Allocation|Wanted)(Json|Row|Shape|Data)?$/

/** Types that are named as a line of an order or a document, or as a part of one. The kit and scans know none. */
export function lineTypes(production: Iterable<readonly [string, string]>): readonly string[] {
  const found: string[] = []
  for (const [path, text] of production) {
    if (/^packages\/(service-kit|scans)\//.test(path)) continue
    parsed(path, text).forEachChild((node) => {
      const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)
      if (isType && nameOfLine.test(node.name.text)) found.push(`${path}: ${node.name.text}`)
    })
  }
  return found
}

/** Calls that turn a quantity from one form into another. */
const converting = new Set(['parseQuantity', 'formatQuantity', 'quantity', 'asQuantity', 'toBaseQuantity', 'convert'])

function conversions(production: Iterable<readonly [string, string]>): number {
  let count = 0
  for (const [path, text] of production) {
    if (!path.startsWith('services/')) continue
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && converting.has(node.expression.text))
        count += 1
      node.forEachChild(visit)
    }
    visit(parsed(path, text))
  }
  return count
}

/** Files between the order's event and the delivery's list in which one of its fields is named. */
function filesNaming(tree: Tree): number {
  const concerned = /^(services\/picking\/src\/|packages\/documents\/|packages\/contracts\/src\/(sales|picking)\.ts$)/
  return [...tree].filter(
    ([path, text]) =>
      isProduction(path) && concerned.test(path) && codeLines(text).some((line) => /\bpriority\b/.test(line)),
  ).length
}

/** An exported name that is declared in several files, each time as something else. */
export interface TwoMeanings {
  readonly name: string
  readonly files: readonly string[]
  /** Are two of the files in one service or package? */
  readonly within: boolean
}

/** Exported types and values whose name stands for different things. Equal declarations count as one thing. */
export function twoMeanings(production: Iterable<readonly [string, string]>): readonly TwoMeanings[] {
  const declared = new Map<string, { path: string; text: string }[]>()
  for (const [path, text] of production) {
    const file = parsed(path, text)
    for (const [name, node] of exportsOf(file))
      declared.set(name, [...(declared.get(name) ?? []), { path, text: node.getText(file) }])
  }
  const said = ({ text }: { readonly text: string }) => codeLines(text).join(' ')
  return [...declared]
    .filter(([, each]) => each.length > 1 && new Set(each.map(said)).size > 1)
    .map(([name, each]) => {
      const homes = each.map(({ path }) => path.split('/').slice(0, 2).join('/'))
      return { name, files: each.map(({ path }) => path), within: new Set(homes).size < homes.length }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** What a file exports by declaring it, each name once. */
export function exportsOf(file: ts.SourceFile): readonly (readonly [name: string, node: ts.Node])[] {
  const found = new Map<string, ts.Node>()
  file.forEachChild((node) => {
    if (!ts.canHaveModifiers(node)) return
    if (ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) !== true) return
    if (ts.isVariableStatement(node)) {
      for (const { name } of node.declarationList.declarations) if (ts.isIdentifier(name)) found.set(name.text, node)
    } else if (
      (ts.isFunctionDeclaration(node) ||
        ts.isInterfaceDeclaration(node) ||
        ts.isTypeAliasDeclaration(node) ||
        ts.isClassDeclaration(node)) &&
      node.name !== undefined
    )
      found.set(node.name.text, node)
  })
  return [...found]
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${((100 * part) / whole).toFixed(1)} %`
}
