/** The process of the one origin. `start` begins it; deployed apart, it is a container of its own. */
import { type GatewayOptions, openGateway } from './gateway.ts'
import { type ServiceName, serviceNames } from './settings.ts'

type Config = Omit<GatewayOptions, 'isOpen'>

/** Reads the environment by hand: this process runs in an image without any package. */
function readConfig(environment: Readonly<Record<string, string | undefined>>): Config | string[] {
  const faults: string[] = []
  const port = Number(environment['PORT'] ?? '8080')
  if (!Number.isInteger(port) || port < 1 || port > 65_535) faults.push('PORT is a port from 1 to 65535')
  const url = (name: ServiceName): string => {
    const variable = `${name.toUpperCase()}_URL`
    const value = environment[variable] ?? ''
    if (!/^http:\/\/[^\s/]+$/.test(value))
      faults.push(`${variable} is an address such as http://${name}:8080, without a path`)
    return value
  }
  const services = Object.fromEntries(serviceNames.map((name) => [name, url(name)])) as Record<ServiceName, string>
  const trusted = (environment['TRUSTED_FORWARDERS'] ?? '').split(',').map((address) => address.trim())
  if (faults.length > 0) return faults
  return {
    host: environment['HOST'] ?? '127.0.0.1',
    port,
    services,
    seeds: environment['SEED'] === 'demo',
    trustedForwarders: trusted.filter((address) => address !== ''),
  }
}

const stopPatienceMs = 7_000

async function main(): Promise<void> {
  const config = readConfig(process.env)
  if (Array.isArray(config)) {
    console.error(`The configuration is not usable:\n  ${config.join('\n  ')}`)
    process.exit(2)
  }
  // Below `start` the origin opens when told to; alone, nobody seeds and it is open from the beginning.
  let open = process.send === undefined
  process.on('message', (message) => {
    open = message === 'open'
  })
  const gateway = await openGateway({ ...config, isOpen: () => open })
  const stop = (): void => {
    void gateway.stop(stopPatienceMs).then(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  // `start` was killed: nothing would restart the services behind us.
  process.once('disconnect', stop)
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(1)
})
