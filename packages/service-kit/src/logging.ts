/** Logs are JSON lines on standard output. Secrets are blanked wherever they stand. */
import { pino, type Logger as PinoLogger, type DestinationStream } from 'pino'
import type { LogLevel } from './config.ts'

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
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}
