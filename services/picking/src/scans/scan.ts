/** What a scanner read: a GS1 code, or a text that may be a place, a barcode, a sku or a lot. Pure. */
import { groupSeparator, hasRightCheckDigit, readElements, type Gs1Elements, type ScanFault } from './scan.gs1.ts'

export interface Scan {
  /** As it was read, without what the scanner says of the symbology. */
  readonly text: string
  /** What a GS1 code says; undefined of a plain text. */
  readonly gs1: Gs1Elements | undefined
  /** Barcodes under which its product may be known: a GTIN stands for its shorter and longer forms. */
  readonly barcodes: readonly string[]
  /** Why it may have been misread, should nothing be known by it. */
  readonly doubt: string | undefined
}

/** ISO/IEC 15424 symbology identifiers that say "GS1": Code 128, DataMatrix, QR, DataBar, DotCode. */
const gs1Symbologies = [']C1', ']d2', ']Q3', ']e0', ']J1']
const symbology = /^\][A-Za-z][0-9A-Za-z]/

/**
 * Reads a scanned text. What says that it is GS1 must be; what only begins like it may be something else.
 */
export function readScan(code: string): Scan | ScanFault {
  const trimmed = code.trim()
  const text = trimmed.replace(symbology, '')
  const saysGs1 = gs1Symbologies.some((each) => trimmed.startsWith(each)) || text.includes(groupSeparator)
  const isPrinted = /^\(\d{2,4}\)/.test(text)
  if (!saysGs1 && !isPrinted && !/^01\d{14}/.test(text)) return plainScan(text)
  const elements = readElements(text)
  if (!('fault' in elements)) return gs1Scan(text, elements)
  return saysGs1 || isPrinted ? elements : { ...plainScan(text), doubt: `if it is a GS1 code, ${elements.fault}` }
}

/** Is it a fault rather than a scan? */
export function isScanFault(scan: Scan | ScanFault): scan is ScanFault {
  return 'fault' in scan
}

function gs1Scan(text: string, gs1: Gs1Elements): Scan {
  return { text, gs1, barcodes: gs1.gtin === undefined ? [] : formsOf(gs1.gtin), doubt: undefined }
}

function plainScan(text: string): Scan {
  if (!/^(\d{8}|\d{12,14})$/.test(text)) return { text, gs1: undefined, barcodes: [text], doubt: undefined }
  const barcodes = [...new Set([text, ...formsOf(text.padStart(14, '0'))])]
  const doubt = hasRightCheckDigit(text) ? undefined : 'its check digit is wrong, so it may have been misread'
  return { text, gs1: undefined, barcodes, doubt }
}

/** The GTIN-14, and its GTIN-13, GTIN-12 and GTIN-8 where the digits before are zeros. */
function formsOf(gtin: string): readonly string[] {
  return [14, 13, 12, 8]
    .filter((length) => /^0*$/.test(gtin.slice(0, 14 - length)))
    .map((length) => gtin.slice(14 - length))
}
