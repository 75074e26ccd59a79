/** Logs are JSON lines on standard output. Secrets are blanked wherever they stand. */
import { pino, type DestinationStream, type Logger as PinoLogger, type LoggerOptions } from 'pino'
import type { LogLevel } from '../process/config.ts'

export type Logger = PinoLogger

const secrets = [
  'authorization',
  'password',
  'newPassword',
  'currentPassword',
  'secret',
  'clientSecret',
  'client_secret',
  'token',
  'accessToken',
  'refreshToken',
  'access_token',
  'databaseUrl',
]

/** A logger for one service. Every line carries its name. */
export function createLogger(service: string, level: LogLevel = 'info', destination?: DestinationStream): Logger {
  const redact = { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' }
  return loggerTo({ ...shape(service, level), redact }, destination)
}

/** A logger for one line per request: fixed fields that hold no secret, so that none has to be searched for. */
export function createRequestLogger(service: string, level: LogLevel, destination?: DestinationStream): Logger {
  return loggerTo(shape(service, level), destination)
}

function shape(service: string, level: LogLevel): LoggerOptions {
  return {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
}

function loggerTo(options: LoggerOptions, destination: DestinationStream | undefined): Logger {
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** Standard output, written in blocks: a system call for each line would cost more than the line. */
export function bufferedOutput(): DestinationStream & { flushSync(): void } {
  return pino.destination({ dest: 1, sync: false, minLength: 4_096, periodicFlush: 100 })
}
