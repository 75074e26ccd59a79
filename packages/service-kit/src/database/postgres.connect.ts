/** Every connection of ours to PostgreSQL is opened here: by the same address, set up by the same means. */
import pg from 'pg'
import { AddressError, addressForm, readAddress, type DatabaseAddress, type ReadAddress } from './postgres.address.ts'
import { checkSessions, commonSettings, settle, type SessionSettings } from './postgres.session.ts'

/** What to connect to, and how. */
export interface ConnectOptions extends Pick<
  pg.ClientConfig,
  'connectionTimeoutMillis' | 'query_timeout' | 'keepAlive' | 'types'
> {
  readonly address: DatabaseAddress
  /** How PostgreSQL's own views name the connection. */
  readonly name: string
  /** What the session is set to beside {@link commonSettings}. Settings in the address override both. */
  readonly settings?: SessionSettings
  /** Sends statements that are not awaited one by one without waiting for each other's answers. */
  readonly pipeline?: true
}

/**
 * A connection is renewed when it is this old, as soon as it rests: so a new password, certificate or CA holds for
 * all within this time.
 */
export const longestLifeMs = 30 * 60_000

/** Opens one connection. Its loss shows in the next query; it never ends the process. */
export async function openClient(options: ConnectOptions): Promise<pg.Client> {
  const { config, settings } = reading(options)()
  const client = new pg.Client(config)
  client.on('error', () => undefined)
  try {
    await client.connect()
    await settle(client, settings)
    return client
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
}

/** Opens a pool. Nothing is connected before the first query; each connection reads the address and its files anew. */
export function openPool(
  options: ConnectOptions & {
    readonly max: number
    readonly longestLifeMs?: number
    /** Checks a new connection before it is used. When it throws, the connection is dropped. */
    readonly admit?: (client: pg.ClientBase) => Promise<void>
    readonly onIdleError?: ((error: Error) => void) | undefined
  },
): pg.Pool {
  const read = reading(options)
  const maxLifetimeSeconds = (options.longestLifeMs ?? longestLifeMs) / 1_000
  const begin = async (client: pg.ClientBase): Promise<void> => {
    // Without a listener, a connection that is lost while checked out and idle would end the process.
    client.on('error', () => undefined)
    await settle(client, read().settings)
    await options.admit?.(client)
  }
  const pool = new pg.Pool({
    ...ownConfig(options),
    max: options.max,
    maxLifetimeSeconds,
    Client: function client() {
      return new pg.Client(read().config)
    } as unknown as new () => pg.Client,
    // The pool waits for it, whatever its type says, and drops the connection when it fails.
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- its type is too narrow
    onConnect: begin,
  })
  pool.on('error', (error) => {
    // The pool hangs the whole connection on it, which belongs in no log.
    Reflect.deleteProperty(error, 'client')
    options.onIdleError?.(error)
  })
  return pool
}

/**
 * Makes sure at the start that the database gives us sessions as we need them.
 *
 * @param what the subject of a sentence: `The database`
 * @throws CannotStart
 */
export function checkDatabase(what: string, options: ConnectOptions): Promise<void> {
  return checkSessions(what, reading(options)().settings, () => openClient(options))
}

function ownConfig(options: ConnectOptions): pg.ClientConfig {
  const { address: _address, name, settings: _settings, ...config } = options
  return { ...config, application_name: name }
}

/**
 * Reads the address for each connection. Files that are just being replaced, and cannot be read for a moment, change
 * nothing: what was read last stands.
 */
function reading(options: ConnectOptions): () => { config: pg.ClientConfig; settings: SessionSettings } {
  let last: ReadAddress | undefined
  const read = (): ReadAddress => {
    try {
      last = readAddress(options.address)
      return last
    } catch (error) {
      if (last === undefined) throw error
      return last
    }
  }
  read()
  return () => {
    const { client, settings } = read()
    return {
      config: { ...ownConfig(options), ...client },
      settings: { ...commonSettings, ...options.settings, ...settings },
    }
  }
}

/** What is wrong with an address, as the rest of a sentence that begins with its variable; undefined when nothing is. */
export function addressError(address: DatabaseAddress): string | undefined {
  try {
    const { client } = readAddress(address)
    return isReadable(client) ? undefined : addressForm
  } catch (error) {
    if (error instanceof AddressError) return error.message
    throw error
  }
}

/** `pg` repeats the address in what it throws, with its password. */
function isReadable(config: pg.ClientConfig): boolean {
  try {
    return new pg.Client(config).host !== ''
  } catch {
    return false
  }
}
