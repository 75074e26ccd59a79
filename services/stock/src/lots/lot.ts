/** Lots and serial numbers. The ledger makes one when it first arrives; here it is read, and its expiry corrected. */

export interface Lot {
  readonly id: string
  readonly sku: string
  readonly code: string
  /** `YYYY-MM-DD`; null where it does not expire or no expiry was entered. */
  readonly expiresOn: string | null
  readonly version: number
}
