/**
 * What a scanner read: a GS1 code (GTIN, lot, expiry, serial), or a text that may be a barcode, a sku or a lot. Pure.
 *
 * @see https://ref.gs1.org/standards/genspecs/ application identifiers 01, 10, 17, 21
 */
import { parseBarcode } from 'gs1-barcode-parser-mod'

export interface Scan {
  /** As it was read. */
  readonly text: string
  readonly isGs1: boolean
  /** 14 digits. */
  readonly gtin: string | undefined
  /** Lot or serial; of a plain text, the text itself. */
  readonly lot: string | undefined
  readonly expiresOn: string | undefined
  /** Barcodes under which its product may be known: a GTIN stands for its shorter forms. */
  readonly barcodes: readonly string[]
}

/** ISO 15424 symbology identifiers that say "GS1": Code 128, DataMatrix, QR, DataBar. */
const gs1Prefixes = [']C1', ']d2', ']Q3', ']e0']
const groupSeparator = '\u001d'

/** Reads a scanned text. Whatever is no GS1 code is a plain one. */
export function readScan(code: string): Scan {
  const text = code.trim()
  const prefixed = gs1Prefixes.some((prefix) => text.startsWith(prefix))
  const looksGs1 = prefixed || text.includes(groupSeparator) || /^(01\d{14}|\(01\)\d{14})/.test(text)
  return (looksGs1 ? readGs1(text) : undefined) ?? plain(text)
}

function plain(text: string): Scan {
  const gtin = /^\d{8}$|^\d{12,14}$/.test(text) ? text.padStart(14, '0') : undefined
  const barcodes = gtin === undefined ? [text] : [...new Set([text, ...formsOf(gtin)])]
  return { text, isGs1: false, gtin: undefined, lot: text, expiresOn: undefined, barcodes }
}

function readGs1(text: string): Scan | undefined {
  const items = elementsOf(text)
  const gtin = items?.get('01')
  if (items === undefined || gtin === undefined) return undefined
  return {
    text,
    isGs1: true,
    gtin,
    lot: items.get('21') ?? items.get('10'),
    expiresOn: items.get('17'),
    barcodes: formsOf(gtin),
  }
}

/** Element strings by application identifier; undefined when it is no GS1 code, or its check digit is wrong. */
function elementsOf(text: string): ReadonlyMap<string, string> | undefined {
  try {
    const bare = text.replaceAll('(', '').replaceAll(')', '')
    const parsed = parseBarcode(text.startsWith('(') ? bare : text)
    const items = new Map(parsed.parsedCodeItems.map((item) => [item.ai, valueOf(item.data)]))
    const gtin = items.get('01')
    return gtin !== undefined && hasRightCheckDigit(gtin) ? items : undefined
  } catch {
    return undefined
  }
}

function valueOf(data: unknown): string {
  if (!(data instanceof Date)) return String(data)
  const pad = (value: number) => String(value).padStart(2, '0')
  return `${data.getFullYear()}-${pad(data.getMonth() + 1)}-${pad(data.getDate())}`
}

/** The GTIN-14, and its GTIN-13, UPC-12 and GTIN-8 where the leading digits are zeros. */
function formsOf(gtin: string): readonly string[] {
  return [14, 13, 12, 8]
    .filter((length) => /^0*$/.test(gtin.slice(0, 14 - length)))
    .map((length) => gtin.slice(14 - length))
}

function hasRightCheckDigit(gtin: string): boolean {
  const sum = [...gtin].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1), 0)
  return sum % 10 === 0
}
