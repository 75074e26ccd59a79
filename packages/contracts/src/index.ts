/** The published language: events by owner, and who may do what. */
export * from './access.ts'
export * from './catalog.ts'
export * from './identity.ts'
export {
  listedOrderDetails,
  orderDetails,
  saleDetails,
  toldLineDetails,
  toldOrderDetails,
  type LineDetails,
  type OrderDetails,
} from './order-details.ts'
export { modelOwners } from './models.ts'
export * from './picking.ts'
export * from './picking.floor.ts'
export * from './picking.packages.ts'
export * from './picking.transfers.ts'
export * from './purchasing.ts'
export { type RemainingLife } from './remaining-life.ts'
export * from './sales.ts'
export * from './stock.ts'
export * from './stock.counts.ts'
export * from './valuation.ts'
export * as values from './values.ts'
export { longerNow, lowestBeside, refusedBefore } from './releases.ts'
export { contracts, topics } from './topics.ts'
