/** Every route of every service, wired as the service wires it, without starting anything. */
import { createLogger, serviceConfig, type ServiceOptions } from '@stockline/service-kit'
import { messagingRoutes } from '../../packages/service-kit/src/messaging/messaging.api.ts'
import { serviceNames, type ServiceName } from '../start/settings.ts'

/** What a service's wiring is given. */
type WiringParts = Parameters<ServiceOptions<unknown>['routes']>[0]

/** What of a route the reference and the matrix of rights need. */
export interface RouteLine {
  readonly service: ServiceName
  readonly method: string
  readonly path: string
  readonly right: string
  readonly summary: string
  /** Whether a repeat is recognized by `Idempotency-Key`. */
  readonly keyed: boolean
}

/** The wiring of a service: what its `app.ts` exports under the service's name. */
export async function wiringOf(name: ServiceName): Promise<ServiceOptions<unknown>> {
  const module = (await import(`../../services/${name}/src/app.ts`)) as Record<string, unknown>
  const wiring = module[name]
  if (wiring === undefined) throw new Error(`services/${name}/src/app.ts exports no "${name}".`)
  return wiring as ServiceOptions<unknown>
}

/** A service's wiring with a configuration, and with nothing behind it: good for reading what it declares. */
export async function declaredBy(
  name: ServiceName,
): Promise<{ readonly wiring: ServiceOptions<unknown>; readonly parts: WiringParts }> {
  const wiring = await wiringOf(name)
  const nowhere = 'postgresql://nobody@localhost/nowhere'
  const environment = {
    [`${name.toUpperCase()}_DATABASE_URL`]: nowhere,
    BUS_DATABASE_URL: nowhere,
    IDENTITY_URL: 'http://localhost',
    PORT: '0',
  }
  const config = serviceConfig(name, wiring.config ?? {}, environment, wiring.keys === undefined)
  const log = createLogger(name, 'silent')
  // Routes and reactions are declared without using either; one that did would fail here.
  return { wiring, parts: { config, log } as unknown as WiringParts }
}

/** All routes, those of the kit included, in the order of the services. */
export async function allRoutes(): Promise<readonly RouteLine[]> {
  const lines = serviceNames.map(async (service) => {
    const { wiring, parts } = await declaredBy(service)
    return [...wiring.routes(parts), ...messagingRoutes].map(({ method, path, right, summary, idempotency }) => {
      return { service, method, path, right, summary, keyed: idempotency === 'required' }
    })
  })
  return (await Promise.all(lines)).flat()
}
