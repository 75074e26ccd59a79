/** What a scanned code is: GS1 element string, Digital Link, number of a trade item, or text. Pure. */
import { companionProblems } from './companions.ts'
import { dictionary } from './dictionary.ts'
import { linkedElements } from './digital-link.ts'
import {
  type Element,
  type ElementString,
  groupSeparator,
  printedElements,
  type CodeProblem,
  sentElements,
  valueProblem,
} from './elements.ts'
import { goodsOf, type Goods } from './goods.ts'
import { gtinsOf, hasTradeNumberLength } from './trade-numbers.ts'

/** A code that was read. */
export interface ReadCode {
  readonly kind: 'gs1' | 'digital-link' | 'trade-number' | 'text'
  /** The code without the symbology identifier (`]C1`) that the scanner put in front of it. */
  readonly text: string
  /** Application identifiers and values, in their order; those too that `problems` are about. */
  readonly elements: readonly Element[]
  /** Empty: it is right. With any other problem than a missing companion it says nothing of goods, and is known by its text alone. */
  readonly problems: readonly CodeProblem[]
  /** The goods that the elements or the number describe. */
  readonly goods: Goods
}

/** Symbologies whose first character marks GS1 elements. */
const elementCarriers: ReadonlySet<string> = new Set([']C1', ']e0', ']d2', ']Q3', ']J1'])
/** EAN-13 and UPC (A, E); the same with an addition of two or five digits; EAN-8; ITF. */
const numberCarriers: Readonly<Record<string, RegExp>> = {
  ']E0': /^\d+$/,
  ']E3': /^\d{13}(?=\d{2}(?:\d{3})?$)/,
  ']E4': /^\d{8}$/,
  ']I0': /^\d{14}$/,
  ']I1': /^\d{14}$/,
}
/** Keys with which an element string without symbology identifier shows that it is one, even where it has faults. */
const sureKeys: ReadonlySet<string> = new Set(['00', '01', '02', '03', '8006', '8026'])

/**
 * Reads a code as a scanner sends it or as a label prints it.
 *
 * @param year the present year, from which the century of dates follows
 */
export function readCode(code: string, year: number): ReadCode {
  const symbology = /^\][A-Za-z][0-9A-Z]/.exec(code)?.[0]
  const text = symbology === undefined ? code : code.slice(symbology.length)
  if (symbology === undefined) return unmarked(text, year)
  if (elementCarriers.has(symbology)) return judged('gs1', text, sentElements(text), year)
  const number = numberCarriers[symbology]?.exec(text)?.[0]
  if (number !== undefined) return tradeNumber(text, number) ?? plain(text)
  return linked(text, year) ?? plain(text)
}

/**
 * From a scanner that sends no symbology identifier, or from a keyboard. Digits in the number of an EAN, UPC or ITF-14 are one: some
 * begin like an application identifier (400, order number), and no label has that alone.
 */
function unmarked(text: string, year: number): ReadCode {
  if (text.startsWith('(')) return judged('gs1', text, printedElements(text), year)
  return linked(text, year) ?? tradeNumber(text, text) ?? sent(text, year) ?? plain(text)
}

function linked(text: string, year: number): ReadCode | undefined {
  const read = linkedElements(text)
  return read === undefined ? undefined : judged('digital-link', text, read, year)
}

/** An element string, if it shows that it is one. */
function sent(text: string, year: number): ReadCode | undefined {
  const read = judged('gs1', text, sentElements(text), year)
  const isRight = read.elements.length > 0 && read.problems.every(({ kind }) => kind === 'companion')
  const [first] = read.elements
  const isSure =
    text.includes(groupSeparator) ||
    (first !== undefined && sureKeys.has(first[0]) && (valueProblem(first) === undefined || isWholeNumber(first)))
  return isRight || isSure ? read : undefined
}

/** Digits in the length of the key: misread or misprinted, where they are not right. */
function isWholeNumber([identifier, value]: Element): boolean {
  return /^\d+$/.test(value) && value.length === dictionary.get(identifier)?.length
}

function judged(
  kind: 'gs1' | 'digital-link',
  text: string,
  { elements, problems }: ElementString,
  year: number,
): ReadCode {
  const all = [...problems, ...elements.map(valueProblem).filter((one) => one !== undefined)]
  if (elements.length === 0 && all.length === 0) all.push(nothing)
  // What stands together is looked at where each stands right.
  if (all.length === 0) all.push(...companionProblems(elements))
  return { kind, text, elements, problems: all, goods: goodsOf(all.every(isMere) ? elements : [], year) }
}

const nothing: CodeProblem = { kind: 'structure', message: 'The code has no application identifier.' }
const isMere = ({ kind }: CodeProblem): boolean => kind === 'companion'

function tradeNumber(text: string, digits: string): ReadCode | undefined {
  if (!hasTradeNumberLength(digits)) return undefined
  const gtins = gtinsOf(digits)
  const message = `If ${digits} is the number of a trade item, it was misread or misprinted: its check digit is wrong.`
  const problems: CodeProblem[] = gtins.length === 0 ? [{ kind: 'value', message }] : []
  return { kind: 'trade-number', text, elements: [], problems, goods: { gtins } }
}

function plain(text: string): ReadCode {
  return { kind: 'text', text, elements: [], problems: [], goods: { gtins: [] } }
}
