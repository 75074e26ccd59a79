/** The services behind the origin, in the order in which their ports follow the origin's. */
export const serviceNames = ['identity', 'stock', 'picking', 'valuation'] as const
/** One of them: the first part of each path. */
export type ServiceName = (typeof serviceNames)[number]
