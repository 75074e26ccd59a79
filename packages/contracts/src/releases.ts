/** Versions that may run at the same time, on the same bus and the same databases. */

/**
 * The lowest version of the services that may run beside this one, and that may be gone back to. A release that accepts events
 * which that version would put aside names itself here: a test compares the contracts with those that it was released with.
 */
export const lowestBeside = '0.2.0'

/**
 * Fields whose text may be longer, in events that we write too, than in a release before: a reader that keeps them in a column of
 * that length must widen it first. The changelog says so.
 */
export const longerNow: ReadonlySet<string> = new Set(['sku'])

/**
 * Texts that 0.1.0 refused though its published patterns let them pass, by such a pattern: nobody is harmed by a pattern that
 * refuses them now.
 */
export const refusedBefore: ReadonlyMap<string, string> = new Map([
  // A code that begins or ends with what JavaScript trims.
  ['^[^\\u0000-\\u001f\\u007f]*$', '^(?:\\s[^]*|[^]*\\s)$'],
  // The year 0.
  [
    '^(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))$',
    '^0000',
  ],
])
