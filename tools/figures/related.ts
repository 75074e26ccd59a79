/** Which tests of rules run a file, found by following imports. */
import ts from 'typescript'
import { resolved } from './follow.ts'
import { parsed, type Tree } from './tree.ts'

/** What a change of one file reaches. */
export interface Related {
  /** Tests that run the file, the nearest first: whose way of imports to it is short. */
  readonly tests: readonly { readonly path: string; readonly distance: number }[]
  /** All files that run it, itself and the tests included: what was loaded of them is out of date once it changes. */
  readonly files: readonly string[]
}

/** By file: the files that import it when they run. Only what the tests reach is looked at. */
export type Importers = ReadonlyMap<string, ReadonlySet<string>>

/** Follows the imports of tests. Throws where an import leads nowhere. */
export function importersOf(tree: Tree, tests: readonly string[]): Importers {
  const importers = new Map<string, Set<string>>(tests.map((test) => [test, new Set()]))
  const left = [...tests]
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    for (const imported of importsOf(path, tree.get(path) ?? '')) {
      if (!tree.has(imported)) throw new Error(`${path} imports ${imported}, which is not there.`)
      const known = importers.get(imported)
      if (known === undefined) left.push(imported)
      importers.set(imported, (known ?? new Set<string>()).add(path))
    }
  }
  return importers
}

/** What runs a file. */
export function relatedTo(path: string, importers: Importers): Related {
  const distances = new Map([[path, 0]])
  for (const [file, distance] of distances)
    for (const importer of importers.get(file) ?? [])
      if (!distances.has(importer)) distances.set(importer, distance + 1)
  const tests = [...distances]
    .filter(([file]) => file.endsWith('.test.ts'))
    .map(([file, distance]) => ({ path: file, distance }))
  return { tests, files: [...distances.keys()] }
}

/** Files of the tree that a file loads. Types alone load nothing. */
function importsOf(path: string, text: string): readonly string[] {
  const found = new Set<string>()
  const add = (specifier: ts.Node | undefined): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return
    const to = resolved(path, specifier.text)
    if (to.endsWith('.ts')) found.add(to)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      if (node.importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword) add(node.moduleSpecifier)
    } else if (ts.isExportDeclaration(node)) {
      if (!node.isTypeOnly) add(node.moduleSpecifier)
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0])
    else node.forEachChild(visit)
  }
  visit(parsed(path, text))
  return [...found]
}
