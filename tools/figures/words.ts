/** Core types of the domain, whose words a reader must know. */
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { exportsOf } from './counts.ts'
import { isProduction, isRules, parsed, type Tree } from './tree.ts'

/** An exported type of the domain, and how many other files of production code import it. */
export interface CoreType {
  readonly name: string
  readonly path: string
  readonly usedBy: number
}

/** Files that make a type one of the core. */
const manyFiles = 6

/** Types of rules, amounts and contracts that many files import. The kit's own are no words of the domain. */
export function coreTypes(tree: Tree): readonly CoreType[] {
  const production = [...tree].filter(([path]) => isProduction(path)).map(([path, text]) => parsed(path, text))
  const importers = new Map<string, Set<string>>()
  for (const file of production)
    for (const key of importsOf(file)) importers.set(key, (importers.get(key) ?? new Set()).add(file.fileName))
  return production.flatMap((file) => {
    const path = file.fileName
    if (!isRules(path) && !path.startsWith('packages/contracts/')) return []
    const types = exportsOf(file).filter(
      ([, node]) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node),
    )
    const inPackage = /^packages\/([^/]+)\//.exec(path)?.[1]
    return types.flatMap(([name]) => {
      const direct = importers.get(`${path} ${name}`) ?? new Set()
      const byPackage = (inPackage === undefined ? undefined : importers.get(`@stockline/${inPackage} ${name}`)) ?? []
      const usedBy = new Set([...direct, ...byPackage]).size
      return usedBy >= manyFiles ? [{ name, path, usedBy }] : []
    })
  })
}

/** What a file imports, by name: `FILE NAME`, or `@stockline/PACKAGE NAME`. */
function importsOf(file: ts.SourceFile): readonly string[] {
  return file.statements.flatMap((node) => {
    if (!ts.isImportDeclaration(node) || !ts.isStringLiteral(node.moduleSpecifier)) return []
    const specifier = node.moduleSpecifier.text
    const names = node.importClause?.namedBindings
    if (names === undefined || !ts.isNamedImports(names)) return []
    const from = specifier.startsWith('.')
      ? join(dirname(file.fileName), specifier)
      : specifier.split('/').slice(0, 2).join('/')
    return names.elements.map(({ name, propertyName }) => `${from} ${(propertyName ?? name).text}`)
  })
}
