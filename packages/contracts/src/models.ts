/** The models of the source document, and the service that owns each: there it is read, as `GET /v1/models/{model}`. */

/** By model. The rights are those of the table of rights. */
export const modelOwners = {
  stockpicking: 'picking',
  stockmove: 'stock',
  stockquant: 'stock',
  stocklocation: 'stock',
  stockadjustment: 'stock',
} as const
