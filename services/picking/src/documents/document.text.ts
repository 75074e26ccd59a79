/** Several things in one sentence, for people. Pure. */

/**
 * The first of several texts, and how many more there are.
 *
 * @param most so many are shown
 * @param between stands between two
 * @param rest how the number of the others is shown
 */
export function listed(
  texts: readonly string[],
  most: number,
  between = ', ',
  rest = (more: number): string => ` and ${more} more`,
): string {
  const more = texts.length - most
  return texts.slice(0, most).join(between) + (more > 0 ? rest(more) : '')
}
