/**
 * `pnpm reconcile`: puts services right whose databases fell back. For the installation in DATA_DIR (default `.data`), or for the
 * services whose databases are named (`STOCK_DATABASE_URL` …, or `STOCK_DATABASE_URL_FILE` …, with KAFKA_BROKERS or
 * BUS_DATABASE_URL); with the accounts that own them. Services may run meanwhile. Ends with 1 where something is left for a person.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

type Addresses = Readonly<Record<string, string | undefined>>

// Writers before their readers: a reader takes what its writer has put right.
const services = ['identity', 'stock', 'picking', 'valuation'] as const
const repository = join(import.meta.dirname, '../..')

const variableOf = (name: string) => `${name.toUpperCase()}_DATABASE_URL`

/** The service itself reads the file. */
const isNamed = (name: string, given: Addresses) =>
  [variableOf(name), `${variableOf(name)}_FILE`].some((variable) => (given[variable] ?? '').trim() !== '')

function addresses(): Addresses {
  const { env } = process
  if (services.some((name) => isNamed(name, env))) return env
  const file = join(resolve(env['DATA_DIR'] ?? '.data'), 'databases.json')
  try {
    const { owners } = JSON.parse(readFileSync(file, 'utf8')) as { owners: Addresses }
    const own = Object.fromEntries(Object.entries(owners).map(([name, url]) => [variableOf(name), url]))
    // The folder's own bus is not that of an installation on Kafka.
    return env['KAFKA_BROKERS'] === undefined ? own : { ...own, BUS_DATABASE_URL: undefined }
  } catch {
    console.error(
      `There is no ${file}. Set DATA_DIR to the data folder of a running installation, or name each service's database ` +
        '(STOCK_DATABASE_URL …, or STOCK_DATABASE_URL_FILE …) and the bus (KAFKA_BROKERS or BUS_DATABASE_URL).',
    )
    process.exit(2)
  }
}

const named = addresses()
let worst = 0
for (const name of services) {
  if (!isNamed(name, named)) continue
  const program = join(repository, 'services', name, 'src', 'reconcile.ts')
  const { status } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program], {
    env: { ...process.env, ...named },
    stdio: 'inherit',
  })
  worst = Math.max(worst, status ?? 1)
}
console.log('Now ask `pnpm invariants` whether the services agree.')
process.exitCode = worst
