/** Files to read to follow a route: those whose code it calls, by names, from file to file. */
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { isProduction, parsed, type Tree } from './tree.ts'

interface Module {
  readonly file: ts.SourceFile
  /** Local name → what it is imported as, and from where. */
  readonly imports: ReadonlyMap<string, { readonly from: string; readonly name: string }>
  readonly declarations: ReadonlyMap<string, ts.Node>
}

/** Files of services and of packages/documents, the route's own one first. The kit is not followed: it is the same for all. */
export function filesToFollow(tree: Tree, route: RegExp): readonly string[] {
  const modules = new Map<string, Module>()
  const moduleOf = (path: string): Module | undefined => {
    const known = modules.get(path)
    const text = tree.get(path)
    if (known !== undefined || text === undefined || !isFollowed(path)) return known
    const made = readModule(path, text)
    modules.set(path, made)
    return made
  }
  const seen = new Set<ts.Node>()
  const files: string[] = []
  const follow = (path: string, node: ts.Node): void => {
    if (seen.has(node)) return
    seen.add(node)
    if (!files.includes(path)) files.push(path)
    for (const name of namesIn(node)) lookUp(path, name)
  }
  const lookUp = (path: string, name: string): void => {
    const module = moduleOf(path)
    const own = module?.declarations.get(name)
    if (own !== undefined) follow(path, own)
    const imported = module?.imports.get(name)
    if (imported !== undefined && moduleOf(imported.from) !== undefined) lookUp(imported.from, imported.name)
  }
  for (const [path, text] of tree)
    if (isFollowed(path) && /\.(api|commands)\.ts$/.test(path))
      for (const node of routesIn(parsed(path, text), route)) {
        for (const name of namesIn(node)) lookUp(path, name)
        if (!files.includes(path)) files.unshift(path)
      }
  return files
}

function isFollowed(path: string): boolean {
  return isProduction(path) && /^(services|packages\/documents)\//.test(path)
}

/** Object literals with the `path` of this route, and the functions that they are passed to. */
function routesIn(file: ts.SourceFile, route: RegExp): readonly ts.Node[] {
  const found: ts.Node[] = []
  const visit = (node: ts.Node): void => {
    const isRoute =
      ts.isPropertyAssignment(node) &&
      node.name.getText(file) === 'path' &&
      ts.isStringLiteral(node.initializer) &&
      route.test(node.initializer.text)
    if (isRoute) found.push(ts.isCallExpression(node.parent.parent) ? node.parent.parent : node.parent)
    node.forEachChild(visit)
  }
  visit(file)
  return found
}

function readModule(path: string, text: string): Module {
  const file = parsed(path, text)
  const imports = new Map<string, { from: string; name: string }>()
  const declarations = new Map<string, ts.Node>()
  file.forEachChild((node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const from = resolved(path, node.moduleSpecifier.text)
      const names = node.importClause?.namedBindings
      if (node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword || names === undefined) return
      if (ts.isNamedImports(names))
        for (const { name, propertyName, isTypeOnly } of names.elements)
          if (!isTypeOnly) imports.set(name.text, { from, name: (propertyName ?? name).text })
    } else if (ts.isFunctionDeclaration(node) && node.name !== undefined) declarations.set(node.name.text, node)
    else if (ts.isVariableStatement(node))
      for (const one of node.declarationList.declarations)
        for (const name of namesDeclared(one.name)) declarations.set(name, one)
  })
  return { file, imports, declarations }
}

function namesDeclared(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text]
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : namesDeclared(element.name)))
}

/** The file that an import leads to, by path from the root; as it is said where it leads out of the workspace. */
export function resolved(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return join(dirname(path), specifier)
  const inWorkspace = /^@stockline\/([^/]+)(?:\/(.+))?$/.exec(specifier)
  return inWorkspace === null ? specifier : `packages/${inWorkspace[1] ?? ''}/src/${inWorkspace[2] ?? 'index'}.ts`
}

/** Names of values that are used in a node: no types, no properties. */
function namesIn(node: ts.Node): ReadonlySet<string> {
  const names = new Set<string>()
  const visit = (one: ts.Node): void => {
    if (ts.isTypeNode(one)) return
    if (ts.isPropertyAccessExpression(one)) {
      visit(one.expression)
      return
    }
    if (ts.isPropertyAssignment(one)) {
      visit(one.initializer)
      return
    }
    if (ts.isIdentifier(one)) names.add(one.text)
    else one.forEachChild(visit)
  }
  node.forEachChild(visit)
  return names
}
