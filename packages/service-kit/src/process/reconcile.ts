/** `pnpm reconcile` for one service, as a program of its own: from a checkout or an image. */
import type { z } from 'zod'
import { buildOf } from '../runtime/build.ts'
import type { Environment } from '../runtime/config.files.ts'
import { serviceConfig, type ServiceConfig } from './config.ts'
import { reconcile, type Restore } from '../messaging/history/reconcile.ts'
import { createLogger } from '../runtime/logging.ts'
import { createMetrics } from './metrics.ts'
import { openBusNow, openServiceDatabase, prepareDatabase } from './open.ts'
import type { ServiceOptions } from './service.ts'

/** What only a running service needs. */
const unused = { PORT: '0', IDENTITY_URL: 'http://127.0.0.1:1' }

/**
 * Reconciles the service of this environment (its database's address, and that of the bus) and prints what was done, one line each.
 * The process ends with 0, or with 1 where something is left for a person, printed on standard error.
 *
 * @param restoreFor how the service restores its state from its lost events
 * @param ownNumbers topics whose numbers the service gives itself
 */
export async function reconcileService<P, Own extends z.core.$ZodLooseShape>(
  options: ServiceOptions<P, Own>,
  restoreFor: (config: ServiceConfig) => Restore<P>,
  ownNumbers: readonly string[] = [],
  environment: Environment = process.env,
): Promise<void> {
  const { name, publishes = [], topics } = options
  const config = serviceConfig(name, {}, { ...unused, ...environment }, false)
  const log = createLogger(name, 'error')
  await prepareDatabase(config, options, log)
  const db = openServiceDatabase(options, { ...config, poolSize: 2 }, log)
  const bus = await openBusNow(config, topics, log)
  try {
    // No reaction reads the service's own variables, which only a running service has.
    const parts = { db, config, log, metrics: createMetrics(name, buildOf(environment)) }
    const reactions = options.reactions?.(parts as never) ?? []
    const restore = restoreFor(config)
    const { done, open } = await reconcile({ db, bus, group: name, publishes, reactions, restore, ownNumbers, log })
    for (const line of done) process.stdout.write(`${name}: ${line}\n`)
    for (const line of open) process.stderr.write(`${name}: LEFT TO DO: ${line}\n`)
    if (done.length + open.length === 0) process.stdout.write(`${name}: nothing to reconcile.\n`)
    process.exitCode = open.length === 0 ? 0 : 1
  } finally {
    await bus.close()
    await db.close()
  }
}
