/** The one date of a moment: in the company's time zone. */

const formats = new Map<string, Intl.DateTimeFormat>()

/**
 * The calendar date of a moment where the company is, `YYYY-MM-DD`.
 *
 * @param timeZone by its IANA name
 */
export function companyDate(timeZone: string, moment: Date): string {
  if (timeZone === 'UTC') return moment.toISOString().slice(0, 10)
  let format = formats.get(timeZone)
  if (format === undefined) {
    // Canada writes dates as ISO 8601 does.
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
    formats.set(timeZone, format)
  }
  return format.format(moment)
}
