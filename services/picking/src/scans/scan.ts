/** What a scanned text means by itself, without any reference data. Pure. */
import { gtinForms, readCode, type Goods } from '@stockline/scans'

/**
 * A scan. What it literally is comes first: a place, a stored barcode, a sku or a lot that is called exactly so, even where it looks
 * like a GS1 code. Only then what the code says counts.
 */
export interface Scan {
  /** As it was read, without the scanner's symbology identifier. */
  readonly text: string
  /** The goods that a GS1 code or Digital Link identifies; undefined of any other code. */
  readonly goods: Goods | undefined
  /** Barcodes under which its product may be known: the text, and a GTIN in its shorter and longer forms. */
  readonly barcodes: readonly string[]
  /** Why the code is not to be trusted where nothing is literally called so: it must not confirm anything. */
  readonly wrong: string | undefined
  /** Why it may have been misread, should nothing be known by it. */
  readonly doubt: string | undefined
}

/**
 * Reads a scanned text.
 *
 * @param year the present year, from which the century of printed dates follows
 */
export function readScan(code: string, year: number): Scan {
  const { kind, text, problems, goods } = readCode(code.trim(), year)
  const barcodes = [...new Set([text, ...goods.gtins.flatMap(gtinForms)])]
  const [fault] = problems.filter((problem) => problem.kind !== 'companion')
  const plain = { text, goods: undefined, barcodes, wrong: undefined, doubt: fault?.message }
  if (kind === 'text' || kind === 'trade-number') return plain
  const wrong = fault?.message ?? nothingNamed(goods)
  return { text, goods: wrong === undefined ? goods : undefined, barcodes, wrong, doubt: undefined }
}

/** A logistic unit is not known here, and a lot beside its number might be of any product. */
function nothingNamed({ gtins, lot, serial, sscc }: Goods): string | undefined {
  if (gtins.length > 0) return undefined
  if (sscc !== undefined) return `it is the label of logistic unit ${sscc}, and names no product: scan what is on it.`
  return lot === undefined && serial === undefined ? 'it names no product, lot or serial number.' : undefined
}
