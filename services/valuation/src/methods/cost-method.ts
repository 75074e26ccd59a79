/** How the cost of what leaves is found, by product category. */

/** First in first out, weighted average, or a standard cost. */
export const costMethods = ['fifo', 'average', 'standard'] as const
export type CostMethod = (typeof costMethods)[number]

/** The method of a category until a manager sets one. */
export const defaultMethod: CostMethod = 'average'
