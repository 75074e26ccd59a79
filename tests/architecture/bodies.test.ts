/**
 * Every field of a body is taken by a decision. A field is added to each shape of a body, in memory alone, and the compiler must say of
 * each that it is left. See `nothingLeft`.
 */
import { beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const root = join(import.meta.dirname, '../..')
const slices = ['receipts', 'deliveries']
const shapes = new Map(
  ts.sys
    .readDirectory(join(root, 'services/picking/src'), ['.shapes.api.ts'])
    .filter((path) => slices.some((slice) => path.includes(`/${slice}/`)))
    .map((path) => [path, planted(path)]),
)
const fields = [...shapes.values()].flatMap(({ added }) => added)

describe('a field that is added to a body and that no decision takes does not compile', () => {
  let messages: readonly string[]
  beforeAll(() => {
    messages = compiled()
  })

  test('of all bodies', () => expect(fields.length).toBeGreaterThanOrEqual(15))

  test.each(fields)('%s', (field) => expect(messages.filter((message) => message.includes(field))).not.toEqual([]))
})

/** The shapes with one field more in each object of a body, named after the body. */
function planted(path: string): { readonly text: string; readonly added: readonly string[] } {
  const text = readFileSync(path, 'utf8')
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const places: { readonly at: number; readonly name: string }[] = []
  const visit = (node: ts.Node, body: string): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const [shape] = node.arguments
      if (
        /^(object|extend)$/.test(node.expression.name.text) &&
        shape !== undefined &&
        ts.isObjectLiteralExpression(shape)
      )
        places.push({ at: shape.getStart() + 1, name: `planted_${body}_${String(places.length)}` })
    }
    node.forEachChild((child) => visit(child, body))
  }
  file.forEachChild((node) => {
    if (!ts.isVariableStatement(node)) return
    for (const { name, initializer } of node.declarationList.declarations)
      if (initializer !== undefined && name.getText().endsWith('Body')) visit(initializer, name.getText())
  })
  const changed = places
    .toSorted((a, b) => b.at - a.at)
    .reduce((now, { at, name }) => `${now.slice(0, at)} ${name}: z.string().optional(),${now.slice(at)}`, text)
  return { text: changed, added: places.map(({ name }) => name) }
}

/** What the compiler says of who takes them: rules, and actions that read a body themselves. */
function compiled(): readonly string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: object
  }
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const readFile = host.readFile.bind(host)
  host.readFile = (path) => shapes.get(path)?.text ?? readFile(path)
  const files = [...shapes.keys()]
    .flatMap((path) => ts.sys.readDirectory(join(path, '..'), ['.ts']))
    .filter((path) => !/\.(test|store|api)\.ts$/.test(path))
  const program = ts.createProgram(files, options, host)
  return files.flatMap((path) =>
    program
      .getSemanticDiagnostics(program.getSourceFile(path))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  )
}
