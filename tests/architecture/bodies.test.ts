/**
 * Every field of a body is taken by each decision that takes the body. A field is added to each shape of a body, in memory alone, and the
 * compiler must say of each decision that it is left. See `nothingLeft`.
 */
import { beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const root = join(import.meta.dirname, '../..')
/** The slices, and what they share. */
const shared = 'documents'
const slices = ['receipts', 'deliveries', 'transfers', shared]
const files = slices.flatMap((slice) => ts.sys.readDirectory(join(root, 'services/picking/src', slice), ['.ts']))
const shapes = new Map(
  files.filter((path) => /\.shapes\.(api|actions)\.ts$/.test(path)).map((path) => [path, planted(path)]),
)

/** The functions of each slice, and the names in them. */
const functions = new Map(
  files.flatMap((path) =>
    parsed(path).statements.flatMap((one) =>
      ts.isFunctionDeclaration(one) && one.name !== undefined
        ? [[`${sliceOf(path)} ${one.name.text}`, namesIn(one)] as const]
        : [],
    ),
  ),
)

/** Of each body that an endpoint declares, its fields, and the function that decides on it or looks something up first. */
const cases = files
  .filter((path) => path.endsWith('.api.ts'))
  .flatMap((path) =>
    declaredIn(path).flatMap(({ body, by, names }) => {
      const slice = sliceOf(path)
      return [...shapes].flatMap(([shape, { added }]) => {
        const home = sliceOf(shape)
        if (home !== slice && home !== shared) return []
        const of = [body, ...(shapes.get(shapesOf(slice))?.groups.get(body) ?? [])]
        const fields = added.filter((field) => of.some((name) => field.startsWith(`planted_${name}_`)))
        return fields.map((field) => ({ slice, home, field, by, names }))
      })
    }),
  )

describe('a field that is added to a body and that a decision does not take does not compile', () => {
  let left: readonly Left[]
  beforeAll(() => {
    left = compiled()
  })

  test('of all bodies', () => {
    const fields = [...shapes].flatMap(([path, { added }]) => added.map((field) => `${sliceOf(path)} ${field}`))
    expect(fields.length).toBeGreaterThanOrEqual(15)
    expect(new Set(cases.map(({ home, field }) => `${home} ${field}`))).toEqual(new Set(fields))
  })

  test.each(cases)('$slice: $field, by $by', ({ slice, field, names }) => {
    const reached = reachedFrom(slice, names)
    const found = left.filter((one) => one.slice === slice && one.message.includes(field))
    expect(found.filter(({ within }) => reached.has(within))).not.toEqual([])
  })
})

function sliceOf(path: string): string {
  return slices.find((slice) => path.includes(`/src/${slice}/`)) ?? ''
}

function shapesOf(slice: string): string {
  return files.find((path) => sliceOf(path) === slice && path.endsWith('.shapes.api.ts')) ?? ''
}

function parsed(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
}

/** The shapes with one field more in each object of a body, and in each group of fields of bodies; named after it. */
function planted(path: string) {
  const text = readFileSync(path, 'utf8')
  const places: { readonly at: number; readonly name: string }[] = []
  const groups = new Map<string, readonly string[]>()
  const plantIn = (shape: ts.ObjectLiteralExpression, name: string) =>
    places.push({ at: shape.getStart() + 1, name: `planted_${name}_${String(places.length)}` })
  const visit = (node: ts.Node, body: string): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const [shape] = node.arguments
      if (
        /^(object|extend)$/.test(node.expression.name.text) &&
        shape !== undefined &&
        ts.isObjectLiteralExpression(shape)
      )
        plantIn(shape, body)
    }
    node.forEachChild((child) => visit(child, body))
  }
  parsed(path).forEachChild((node) => {
    if (!ts.isVariableStatement(node)) return
    for (const { name, initializer } of node.declarationList.declarations) {
      if (initializer === undefined) continue
      if (name.getText().endsWith('Body')) {
        visit(initializer, name.getText())
        groups.set(
          name.getText(),
          [...namesIn(initializer)].filter((one) => one.endsWith('ByHand')),
        )
      } else if (name.getText().endsWith('ByHand') && ts.isObjectLiteralExpression(initializer))
        plantIn(initializer, name.getText())
    }
  })
  const changed = places
    .toSorted((a, b) => b.at - a.at)
    .reduce((now, { at, name }) => `${now.slice(0, at)} ${name}: z.string().optional(),${now.slice(at)}`, text)
  return { text: changed, added: places.map(({ name }) => name), groups }
}

/** An endpoint's body, and who takes it: as it is written, and the names in that. */
interface Declared {
  readonly body: string
  readonly by: string
  readonly names: ReadonlySet<string>
}

/** Declarations with `body` and `decide`, or `run` or `draft`; and `cancel`, whose body is the same for all. */
function declaredIn(path: string): readonly Declared[] {
  const found: Declared[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node)) {
      const given = new Map(
        node.properties.flatMap((one) =>
          ts.isPropertyAssignment(one) ? [[one.name.getText(), one.initializer] as const] : [],
        ),
      )
      const [body, by] = [given.get('body'), given.get('decide') ?? given.get('run') ?? given.get('draft')]
      if (body !== undefined && ts.isIdentifier(body) && by !== undefined)
        found.push({ body: body.text, by: by.getText().replaceAll(/\s+/g, ' '), names: namesIn(by) })
    }
    if (ts.isCallExpression(node) && node.expression.getText() === 'cancel') {
      const [, by] = node.arguments
      if (by !== undefined) found.push({ body: 'reasonBody', by: by.getText(), names: namesIn(by) })
    }
    node.forEachChild(visit)
  }
  visit(parsed(path))
  return found
}

function namesIn(node: ts.Node): ReadonlySet<string> {
  const names = new Set<string>()
  const visit = (one: ts.Node): void => {
    if (ts.isIdentifier(one)) names.add(one.text)
    one.forEachChild(visit)
  }
  visit(node)
  return names
}

/** The functions of a slice that these names lead to, directly or by others. */
function reachedFrom(slice: string, names: ReadonlySet<string>): ReadonlySet<string> {
  const reached = new Set<string>()
  const open = [...names]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const more = functions.get(`${slice} ${name}`)
    if (more === undefined || reached.has(name)) continue
    reached.add(name)
    open.push(...more)
  }
  return reached
}

/** A field that the compiler says is left, and in which function. */
interface Left {
  readonly slice: string
  readonly within: string
  readonly message: string
}

/** What the compiler says of who takes bodies: rules, and actions that read a body themselves. */
function compiled(): readonly Left[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: object
  }
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const readFile = host.readFile.bind(host)
  host.readFile = (path) => shapes.get(path)?.text ?? readFile(path)
  const takers = files.filter((path) => !/\.(test|store|api)\.ts$/.test(path))
  const program = ts.createProgram(takers, options, host)
  return takers.flatMap((path) =>
    program.getSemanticDiagnostics(program.getSourceFile(path)).map(({ file, start = 0, messageText }) => ({
      slice: sliceOf(path),
      within: functionAt(file, start),
      message: ts.flattenDiagnosticMessageText(messageText, '\n'),
    })),
  )
}

function functionAt(file: ts.SourceFile | undefined, at: number): string {
  const found = file?.statements.find((one) => one.pos <= at && at < one.end)
  return found !== undefined && ts.isFunctionDeclaration(found) ? (found.name?.text ?? '') : ''
}
