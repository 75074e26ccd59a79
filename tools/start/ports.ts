/** Checks that the ports are free before anything is started, so that the fault is a sentence. */
import { createServer } from 'node:net'
import { faultCode } from './fault-code.ts'
import { CannotStart, serviceNames, type Settings } from './settings.ts'

/** A port, who wants it, and how to choose another. */
interface Wanted {
  readonly port: number
  readonly host: string
  readonly by: string
  readonly variable: 'PORT' | 'POSTGRES_PORT'
}

/** Every port of an installation. */
function portsWanted(settings: Settings, withPostgres: boolean): Wanted[] {
  const { ports, host } = settings
  const services = serviceNames.map((name): Wanted => ({
    port: ports.services[name],
    host: '127.0.0.1',
    by: `the service ${name}`,
    variable: 'PORT',
  }))
  const postgres: Wanted = { port: ports.postgres, host: '127.0.0.1', by: 'PostgreSQL', variable: 'POSTGRES_PORT' }
  return [
    { port: ports.origin, host, by: 'the origin', variable: 'PORT' },
    ...services,
    ...(withPostgres ? [postgres] : []),
  ]
}

/** Refuses with a sentence for every port that is taken. */
export async function checkPorts(settings: Settings, withPostgres: boolean): Promise<void> {
  const wanted = portsWanted(settings, withPostgres)
  const faults = await Promise.all(wanted.map(async (one) => sentence(one, await faultOf(one.port, one.host))))
  const found = faults.filter((fault) => fault !== undefined)
  if (found.length === 0) return
  const other = settings.ports.origin + 1_000
  found.push(
    `PORT chooses the origin's port, and with it the four after it for the services and the fifth for PostgreSQL ` +
      `(POSTGRES_PORT chooses that one alone): PORT=${other} npx -y pnpm@10 start`,
  )
  throw new CannotStart(found.join('\n'))
}

function sentence(wanted: Wanted, code: string | undefined): string | undefined {
  if (code === undefined) return undefined
  const port = `Port ${wanted.port}, which ${wanted.by} needs,`
  if (code === 'EADDRINUSE') return `${port} is in use by another program. ${wanted.variable} chooses another.`
  if (code === 'EACCES') return `${port} may not be used by this account. ${wanted.variable} chooses another.`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `This machine has no address ${wanted.host}: set HOST to one of its own.`
  return `${port} cannot be used (${code}). ${wanted.variable} chooses another.`
}

function faultOf(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve(faultCode(error) ?? error.message))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}
