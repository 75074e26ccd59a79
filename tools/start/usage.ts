/** The usage of `start`, which takes no arguments. */
import { CannotStart } from './settings.ts'

/** What can be set, as README.md has it. */
export const usage = `npx -y pnpm@10 start takes no arguments. It is told by variables, such as PORT=9000 npx -y pnpm@10 start:

  PORT                  the origin's port, 8080; the services take the four after it, PostgreSQL the fifth
  HOST                  where the origin listens, 127.0.0.1; 0.0.0.0 for everywhere
  POSTGRES_PORT         PostgreSQL's port alone
  DATA_DIR              the data folder, .data
  SEED=none             begins without demo data; the data folder remembers it
  DEMO_PASSWORD         password of the demo users, before the first start
  DEMO_CLIENT_SECRET    secret of the demo client erp, before the first start
  GS1_COMPANY_PREFIX    with which SSCCs of packages begin; the demo has 9520000, a prefix for demonstrations
  KAFKA_BROKERS         real Kafka in place of the built-in bus; KAFKA_REPLICATION, KAFKA_TLS… and KAFKA_SASL… as in
                        deploy/README.md
  IDENTITY_DATABASE_URL, STOCK_DATABASE_URL, PICKING_DATABASE_URL, VALUATION_DATABASE_URL, BUS_DATABASE_URL
                        databases of your own in place of the built-in ones; or each by file, STOCK_DATABASE_URL_FILE=/a/file
  KEY_ENCRYPTION_SECRET seals identity's signing keys, in place of the one in the data folder
  DRAIN=1               takes no requests, lets everything on the bus arrive, and ends`

/** Is only the usage wanted? Any other argument is refused. */
export function asksForUsage(given: readonly string[]): boolean {
  if (given.length === 0) return false
  if (given.every((word) => word === '--help' || word === '-h')) return true
  throw new CannotStart(`There is no argument ${given.join(' ')}.\n\n${usage}`)
}
