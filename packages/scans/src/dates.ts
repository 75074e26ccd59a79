/** Dates and times as labels print them. Pure. */

/**
 * Is it a date of eight digits?
 *
 * @param precision `month`: the day may be 00, which means the last of the month
 */
export function isDate(digits: string, precision: 'day' | 'month'): boolean {
  const [year, month, day] = [Number(digits.slice(0, 4)), Number(digits.slice(4, 6)), Number(digits.slice(6))]
  if (month < 1 || month > 12) return false
  return day >= (precision === 'month' ? 0 : 1) && day <= daysOf(year, month)
}

/** Hours to 23, minutes and seconds to 59. */
export function isTime(hours: string, minutes: string): boolean {
  return Number(hours) <= 23 && Number(minutes) <= 59
}

/**
 * The date of `YYMMDD`, as `YYYY-MM-DD`: the century is that which brings the year nearest to today, from 49 years back to 50 ahead.
 * Day 00 is the last of the month.
 *
 * @param today the present year
 * @see https://ref.gs1.org/standards/genspecs/ section 7.12
 */
export function dateOf(value: string, today: number): string {
  const ahead = Number(value.slice(0, 2)) - (today % 100)
  const century = Math.floor(today / 100) + (ahead >= 51 ? -1 : ahead <= -50 ? 1 : 0)
  const year = century * 100 + Number(value.slice(0, 2))
  const month = Number(value.slice(2, 4))
  const day = Number(value.slice(4, 6))
  return [
    String(year).padStart(4, '0'),
    value.slice(2, 4),
    String(day === 0 ? daysOf(year, month) : day).padStart(2, '0'),
  ].join('-')
}

function daysOf(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}
