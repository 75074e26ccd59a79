/** What the bus adapters say to the log. A pino logger fits. */
export interface BusLogger {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}
