/** The part of the parser that we use; it comes without types. */
declare module 'gs1-barcode-parser-mod' {
  /** Throws on what is no GS1 code. Data is text, a number, or a date in local time. */
  export function parseBarcode(code: string): {
    readonly codeName: string
    readonly parsedCodeItems: readonly { readonly ai: string; readonly data: string | number | Date }[]
  }
}
