/** The life of a service's process: start, signals, end. */
import type { z } from 'zod'
import { CannotStart } from '../runtime/cannot-start.ts'
import { ConfigError, serviceConfig } from './config.ts'
import type { NoFields } from '../http/endpoint.declarations.ts'
import { bufferedOutput, createLogger } from '../runtime/logging.ts'
import { startService, type RunningService, type ServiceOptions } from './service.ts'

const exitUnusable = 2
const exitBroken = 1

/**
 * Runs a service until SIGTERM, SIGINT, or, when `SUPERVISED=1`, the end of its parent process.
 * It never goes on half alive: an uncaught error ends the process, and its supervisor starts it anew.
 */
export async function runService<P, Own extends z.core.$ZodLooseShape = NoFields>(
  options: ServiceOptions<P, Own>,
): Promise<void> {
  const output = bufferedOutput()
  const leave = (code: number): never => {
    // Not ready before the first line: then there is nothing to flush.
    quietly(() => {
      output.flushSync()
    })
    process.exit(code)
  }
  checkConfig(options, leave)
  const log = createLogger(options.name, 'info', output)
  const crash = (error: unknown, message: string): never => {
    log.fatal({ err: error }, message)
    return leave(exitBroken)
  }
  process.on('uncaughtException', (error) => crash(error, 'an error that nobody caught'))
  process.on('unhandledRejection', (reason) => crash(reason, 'a promise that nobody caught'))

  let running: RunningService<P> | undefined
  let ending = false
  const end = (reason: string): void => {
    // A second signal, or one before it runs: there is nothing to wait for.
    if (ending || running === undefined) leave(ending ? exitBroken : 0)
    ending = true
    log.info({ reason }, 'stopping')
    void running?.stop().then(() => leave(0))
  }
  process.on('SIGTERM', () => {
    end('SIGTERM')
  })
  process.on('SIGINT', () => {
    end('SIGINT')
  })
  if (process.env['SUPERVISED'] === '1') watchParent(end)
  try {
    running = await startService(options, process.env, {
      logTo: output,
      onFatal: (error) => leave(error instanceof CannotStart ? error.exitCode : exitBroken),
    })
    process.send?.({ ready: true, url: running.url })
  } catch (error) {
    if (!(error instanceof CannotStart)) return crash(error, 'the service could not start')
    log.fatal(error.message)
    leave(error.exitCode)
  }
}

/** A wrong configuration is for a person to read: no stack, no JSON. */
function checkConfig<P, Own extends z.core.$ZodLooseShape>(
  options: ServiceOptions<P, Own>,
  leave: (code: number) => never,
): void {
  try {
    serviceConfig(options.name, options.config ?? ({} as Own), process.env, options.keys === undefined)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${options.name}: ${error.message}\n`)
    leave(exitUnusable)
  }
}

/** Ends the service with its supervisor, however that ended: a `kill -9` sends no signal on. */
function watchParent(end: (reason: string) => void): void {
  const parent = process.ppid
  let gone = false
  const onGone = (): void => {
    if (gone) return
    gone = true
    end('the supervisor is gone')
  }
  process.on('disconnect', onGone)
  setInterval(() => {
    if (process.ppid !== parent) onGone()
  }, 500).unref()
}

function quietly(effect: () => void): void {
  try {
    effect()
  } catch {
    // Nothing can be logged any more.
  }
}
