/** The process of the one origin. `start` begins it; deployed apart, it is a container of its own. */
import http from 'node:http'
import { type GatewayOptions, openGateway } from './gateway.ts'
import { buildOf, createObserver, type Observer } from './gateway.observer.ts'
import { type ServiceName, serviceNames } from './settings.ts'

interface Config extends Omit<GatewayOptions, 'isOpen' | 'observer'> {
  readonly logLevel: string
  /** Where metrics are read; undefined: nowhere. Never at the origin's own port, which is for everybody. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined
}

/** Reads the environment by hand: this process runs in an image without any package. */
function readConfig(environment: Readonly<Record<string, string | undefined>>): Config | string[] {
  const faults: string[] = []
  const port = Number(environment['PORT'] ?? '8080')
  if (!Number.isInteger(port) || port < 1 || port > 65_535) faults.push('PORT is a port from 1 to 65535')
  const metricsPort = environment['METRICS_PORT'] ?? ''
  if (
    metricsPort !== '' &&
    !(/^\d{1,5}$/.test(metricsPort) && Number(metricsPort) >= 1 && Number(metricsPort) <= 65_535)
  )
    faults.push('METRICS_PORT is a port from 1 to 65535, or empty')
  else if (metricsPort !== '' && Number(metricsPort) === port) faults.push('METRICS_PORT is another port than PORT')
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
    logLevel: environment['LOG_LEVEL'] ?? 'info',
    metrics:
      metricsPort === '' ? undefined : { host: environment['METRICS_HOST'] ?? '127.0.0.1', port: Number(metricsPort) },
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
  const build = buildOf(process.env)
  const observer = createObserver(build, config.logLevel, (line) => process.stdout.write(line))
  observer.log('info', 'starting', { ...build, node: process.version })
  const gateway = await openGateway({ ...config, isOpen: () => open, observer })
  const metrics = config.metrics === undefined ? undefined : await serveMetrics(observer, config.metrics)
  observer.log('info', 'ready', { url: gateway.url })
  const stop = (): void => {
    observer.log('info', 'stopping')
    metrics?.close()
    void gateway.stop(stopPatienceMs).then(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  // `start` was killed: nothing would restart the services behind us.
  process.once('disconnect', stop)
}

function serveMetrics(observer: Observer, { host, port }: { host: string; port: number }): Promise<http.Server> {
  const server = http.createServer((request, answer) => {
    const found = request.method === 'GET' && request.url?.split('?')[0] === '/metrics'
    answer.writeHead(found ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
    answer.end(found ? observer.metrics() : 'GET /metrics\n')
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      resolve(server)
    })
  })
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(1)
})
