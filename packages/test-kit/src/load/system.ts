/**
 * The whole system as an operator starts it (`pnpm start`), on ports and a data folder of its own: what journeys,
 * loads and faults run against.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, clientFor, until } from '../client.ts'

const ownRoot = join(import.meta.dirname, '../../../..')
const password = 'correct horse battery'
const clientSecret = 'a secret for the ordering system only'

/** Who is in the demo data. */
export type Person = 'manager' | 'supervisor' | 'user' | 'admin'

export interface System {
  /** `http://127.0.0.1:…`: the one origin. */
  readonly origin: string
  /** The process of `start`, whose children are everything else. */
  readonly pid: number
  readonly dataFolder: string
  readonly bus: 'embedded' | 'kafka'
  /** The password of all demo users. */
  readonly password: string
  /** Brokers of the Kafka in use, if it is one. */
  readonly brokers: string | undefined
  /** Somebody signed in. The token is at most three minutes old and lives for five: ask again in long runs. */
  login(person: Person): Promise<Client>
  /** The ordering system, with a service client's token. */
  erp(): Promise<Client>
  /** Everybody signs in anew: after the clock of the programs was set. */
  forgetTokens(): void
  /** What `start` has said so far. */
  said(): string
  /** Ends `start` with SIGTERM and waits until it is gone. */
  stop(): Promise<void>
  /** Starts again on the same data, after `stop`. */
  start(): Promise<void>
  /** Takes the data away, after `stop`. */
  remove(): Promise<void>
}

/**
 * Starts the system with demo data and waits until it is ready.
 *
 * @param options.brokers `host:port,…` of a Kafka to use instead of the embedded bus
 * @param options.root the installed checkout that is started; this one if absent
 */
export async function startSystem(
  options: { brokers?: string; readyMs?: number; environment?: Record<string, string>; root?: string } = {},
): Promise<System> {
  const root = options.root ?? ownRoot
  const port = await freePorts(8)
  const base = await mkdtemp(join(tmpdir(), 'stockline-'))
  const dataFolder = join(base, 'data')
  const origin = `http://127.0.0.1:${String(port)}`
  const environment = {
    ...process.env,
    PORT: String(port),
    DATA_DIR: dataFolder,
    DEMO_PASSWORD: password,
    DEMO_CLIENT_SECRET: clientSecret,
    LOG_LEVEL: 'warn',
    ...(options.brokers === undefined ? {} : { KAFKA_BROKERS: options.brokers }),
    ...options.environment,
  }
  const anonymous = clientFor(origin)
  let running: ChildProcess | undefined

  const start = async (): Promise<void> => {
    const log = createWriteStream(join(base, 'start.log'), { flags: 'a' })
    const child = spawn(process.execPath, [join(root, 'tools/start/main.ts')], {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.pipe(log)
    child.stderr.pipe(log)
    running = child
    await until(
      `the system on ${origin} (its log: ${base}/start.log)`,
      () => ready(anonymous, child),
      options.readyMs ?? 90_000,
    )
  }

  const tokens = new Map<string, { at: number; client: Promise<Client> }>()
  const remembered = (name: string, fetch: () => Promise<Client>): Promise<Client> => {
    const known = tokens.get(name)
    if (known !== undefined && Date.now() - known.at < 180_000) return known.client
    const client = fetch()
    tokens.set(name, { at: Date.now(), client })
    client.catch(() => tokens.delete(name))
    return client
  }

  try {
    await start()
  } catch (error) {
    // What did not come in time would run on for ever.
    await ended(running)
    throw error
  }
  return {
    origin,
    get pid() {
      return running?.pid ?? 0
    },
    dataFolder,
    password,
    brokers: options.brokers,
    bus: options.brokers === undefined ? 'embedded' : 'kafka',
    login: (person) => remembered(person, () => signIn(anonymous, person)),
    erp: () => remembered('erp', () => serviceToken(anonymous)),
    forgetTokens: () => tokens.clear(),
    said: () => readFileSync(join(base, 'start.log'), 'utf8'),
    start,
    stop: () => ended(running),
    remove: () => rm(base, { recursive: true, force: true }),
  }
}

async function ready(client: Client, child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`start ended with ${String(child.exitCode)}`)
  try {
    return (await client.get('/health/ready', { timeoutMs: 2000 })).status === 200
  } catch {
    return false
  }
}

async function signIn(client: Client, person: Person): Promise<Client> {
  const reply = await client.send<{ accessToken: string }>('POST', '/identity/v1/sessions', {
    body: { username: person, password },
  })
  if (reply.status !== 200 && reply.status !== 201) throw new Error(`login of ${person}: ${JSON.stringify(reply)}`)
  return client.as(reply.body.accessToken)
}

async function serviceToken(client: Client): Promise<Client> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'erp', client_secret: clientSecret })
  const reply = await client.send<{ access_token: string }>('POST', '/identity/v1/tokens', {
    body: body.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  if (reply.status !== 200) throw new Error(`token of erp: ${JSON.stringify(reply)}`)
  return client.as(reply.body.access_token)
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  await gone
}

/** A run of free ports, below those that the system hands to outgoing connections. */
async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = 10_000 + Math.floor(Math.random() * 20_000)
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)))
    if (free.every(Boolean)) return first
  }
  throw new Error('no run of free ports found')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
