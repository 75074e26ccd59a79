/** What the services' `bus.ts` declare. */
import * as identity from '../../services/identity/src/bus.ts'
import * as picking from '../../services/picking/src/bus.ts'
import * as stock from '../../services/stock/src/bus.ts'
import * as valuation from '../../services/valuation/src/bus.ts'
import type { BusDeclaration } from './diagram.ts'

/** By service, in the order of the diagram. A service whose `bus.ts` has no `listensTo` reacts to nothing. */
export const busDeclarations: Readonly<Record<string, BusDeclaration>> = {
  identity: declared(identity),
  stock: declared(stock),
  picking: declared(picking),
  valuation: declared(valuation),
}

function declared({ publishes, listensTo }: Partial<BusDeclaration>): BusDeclaration {
  return { publishes: publishes ?? [], listensTo: listensTo ?? [] }
}
