/** What can be changed in a file of rules, each change so small that a test of the rules should notice it. */
import ts from 'typescript'
import { parsed } from './tree.ts'

/** One change of one file. */
export interface Mutant {
  readonly path: string
  /** Counted from 1. */
  readonly line: number
  readonly start: number
  readonly end: number
  readonly was: string
  readonly becomes: string
}

const comparisons: Readonly<Partial<Record<ts.SyntaxKind, string>>> = {
  [ts.SyntaxKind.LessThanToken]: '<=',
  [ts.SyntaxKind.LessThanEqualsToken]: '<',
  [ts.SyntaxKind.GreaterThanToken]: '>=',
  [ts.SyntaxKind.GreaterThanEqualsToken]: '>',
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: '!==',
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: '===',
}
const arithmetic: Readonly<Partial<Record<ts.SyntaxKind, string>>> = {
  [ts.SyntaxKind.PlusToken]: '-',
  [ts.SyntaxKind.MinusToken]: '+',
  [ts.SyntaxKind.AsteriskToken]: '/',
  [ts.SyntaxKind.SlashToken]: '*',
  [ts.SyntaxKind.PercentToken]: '*',
  [ts.SyntaxKind.PlusEqualsToken]: '-=',
  [ts.SyntaxKind.MinusEqualsToken]: '+=',
}
const logic: Readonly<Partial<Record<ts.SyntaxKind, string>>> = {
  [ts.SyntaxKind.AmpersandAmpersandToken]: '||',
  [ts.SyntaxKind.BarBarToken]: '&&',
}

/** Every mutant of a file: comparisons, arithmetic, logic, constants, defaults, choices, and statements that are left out. */
export function mutantsOf(path: string, text: string): readonly Mutant[] {
  const file = parsed(path, text)
  const found: Mutant[] = []
  const visit = (node: ts.Node): void => {
    // Types are erased before it runs, and the text of a bug's error is not covered by rule tests.
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return
    if (ts.isImportDeclaration(node) || ts.isThrowStatement(node)) return
    const change = changeOf(node, file)
    if (change !== undefined) {
      const [changed, becomes] = change
      const start = changed.getStart(file)
      const line = file.getLineAndCharacterOfPosition(start).line + 1
      found.push({ path, line, start, end: changed.end, was: text.slice(start, changed.end), becomes })
    }
    node.forEachChild(visit)
  }
  visit(file)
  return found
}

/** Which node is changed, and into what. */
type Change = readonly [node: ts.Node, becomes: string]

function changeOf(node: ts.Node, file: ts.SourceFile): Change | undefined {
  if (ts.isBinaryExpression(node)) return changeOfBinary(node, file)
  const isNegated = ts.isPrefixUnaryExpression(node) && /^[!-]/.test(node.getText(file))
  if (isNegated) return [node, node.operand.getText(file)]
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [node, 'false']
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [node, 'true']
  if (ts.isNumericLiteral(node)) return [node, String(Number(node.text.replaceAll('_', '')) + 1)]
  if (ts.isBigIntLiteral(node))
    return [node, `${String(BigInt(node.text.replaceAll('_', '').replace(/n$/, '')) + 1n)}n`]
  if (ts.isConditionalExpression(node)) {
    const [yes, no] = [node.whenTrue.getText(file), node.whenFalse.getText(file)]
    return [node, `${node.condition.getText(file)} ? ${no} : ${yes}`]
  }
  return isLeftOut(node) ? [node, ';'] : undefined
}

function changeOfBinary(node: ts.BinaryExpression, file: ts.SourceFile): Change | undefined {
  const { operatorToken: operator, left, right } = node
  if (operator.kind === ts.SyntaxKind.QuestionQuestionToken) return [node, left.getText(file)]
  const isText = [left, right].some((side) => ts.isStringLiteralLike(side) || ts.isTemplateExpression(side))
  const becomes = comparisons[operator.kind] ?? logic[operator.kind] ?? (isText ? undefined : arithmetic[operator.kind])
  return becomes === undefined ? undefined : [operator, becomes]
}

/** A statement without which the rest still runs. */
function isLeftOut(node: ts.Node): boolean {
  if (ts.isIfStatement(node)) return node.elseStatement === undefined
  if (ts.isContinueStatement(node) || ts.isBreakStatement(node)) return !ts.isCaseClause(node.parent)
  // That a request is taken whole is seen by the types: `nothingLeft` does nothing, and what it is given is not used otherwise.
  return ts.isExpressionStatement(node) && !/^nothingLeft\(/.test(node.getText())
}

/**
 * So many mutants, drawn by a seed: the same seed draws the same ones from the same files. No two are of one line, unless as many
 * are wanted as there are: then it is all of them, in their order.
 */
export function drawn(all: readonly Mutant[], count: number, seed: number): readonly Mutant[] {
  if (count >= all.length) return all
  const chance = randomFrom(seed)
  const shuffled = all.map((mutant) => ({ mutant, place: chance() })).sort((a, b) => a.place - b.place)
  const lines = new Set<string>()
  const picked: Mutant[] = []
  for (const { mutant } of shuffled) {
    const key = `${mutant.path}:${String(mutant.line)}`
    if (picked.length >= count) break
    if (lines.has(key)) continue
    lines.add(key)
    picked.push(mutant)
  }
  return picked
}

/** Numbers from 0 to 1 that a seed determines (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
