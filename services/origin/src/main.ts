/** The process of the one origin. `start` begins it; deployed apart, it is a container of its own. */
import http from 'node:http'
import { readConfig } from './config.ts'
import { originBuild, createObserver, type Observer } from './observer.ts'
import { openOrigin } from './origin.ts'

const stopPatienceMs = 7_000

async function main(): Promise<void> {
  const config = readConfig(process.env)
  if (Array.isArray(config)) {
    process.stderr.write(`The configuration is not usable:\n  ${config.join('\n  ')}\n`)
    process.exit(2)
  }
  // As a child of `start` the origin opens on its message; by itself it is open from the beginning, since there is no seed.
  let open = process.send === undefined
  process.on('message', (message) => {
    open = message === 'open'
  })
  const build = originBuild(process.env)
  const observer = createObserver(build, config.logLevel)
  observer.log.info({ ...build, node: process.version }, 'starting')
  const origin = await openOrigin({ ...config, isOpen: () => open, observer })
  const metrics = config.metrics === undefined ? undefined : await serveMetrics(observer, config.metrics)
  observer.log.info({ url: origin.url }, 'ready')
  const stop = (): void => {
    observer.log.info('stopping')
    metrics?.close()
    void origin.stop(stopPatienceMs).then(() => process.exit(0))
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
    if (!found) answer.end('GET /metrics\n')
    else void observer.metrics().then((text) => answer.end(text))
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      resolve(server)
    })
  })
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
