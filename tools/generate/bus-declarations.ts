/** What the services' `bus.ts` declare, read from the files themselves. */
import { serviceNames } from '../start/settings.ts'
import type { BusDeclaration } from './diagram.ts'

/** By service. A service whose `bus.ts` names nothing that it listens to listens to nobody. */
export async function busDeclarations(): Promise<Readonly<Record<string, BusDeclaration>>> {
  const declared = serviceNames.map(async (name) => {
    const bus = (await import(`../../services/${name}/src/bus.ts`)) as Partial<BusDeclaration>
    return [name, { publishes: bus.publishes ?? [], listensTo: bus.listensTo ?? [] }] as const
  })
  return Object.fromEntries(await Promise.all(declared))
}
