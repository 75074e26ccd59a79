/** A subscription on the embedded bus: one member after another, each over a connection of its own. */
import pg from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SubscribeOptions } from '../bus.ts'
import { pauser } from '../../runtime/linger.ts'
import { consume, type SubscriptionState } from './consumer.ts'
import type { Partition } from './schema.ts'
import type { BusLogger } from '../logger.ts'
import type { DatabaseAddress } from '../../database/postgres.address.ts'
import { longestLifeMs, openClient } from '../../database/postgres.connect.ts'

/** A subscription together with what it needs of the bus. */
export interface EmbeddedSubscribeOptions extends SubscribeOptions {
  readonly url: DatabaseAddress
  readonly partitions: readonly Partition[]
  readonly logger: BusLogger
  readonly longestLifeMs?: number
}

const longestReconnectMs = 2_000

/**
 * Reads as a member of the group, over one connection, which holds its membership: the locks that make it
 * owner of its partitions die with it, so a killed owner is replaced. When the connection is lost it makes another.
 */
export async function subscribeEmbedded(
  options: EmbeddedSubscribeOptions,
): Promise<{ lastPollAt: () => number; stop(): Promise<void> }> {
  const state: SubscriptionState = { stopping: false, lastPollAt: performance.now(), pause: pauser() }
  const betweenAttempts = pauser()
  const first = await connect(options.url)

  async function run(): Promise<void> {
    let client: pg.Client | undefined = first
    for (let attempt = 0; !state.stopping; attempt += 1) {
      const startedAt = performance.now()
      try {
        client ??= await connect(options.url)
        await consume(client, options, forOneLife(state, options.longestLifeMs))
        attempt = 0
      } catch (error) {
        if (isHopeless(error)) {
          options.onFatal(error)
          return
        }
        if (performance.now() - startedAt > 10_000) attempt = 0
        options.logger.warn({ err: error, group: options.group }, 'the bus lost its connection and makes another')
        await betweenAttempts.sleep(Math.min(50 * 2 ** attempt, longestReconnectMs))
      } finally {
        await close(client)
        client = undefined
      }
    }
  }

  const running = run()
  return {
    lastPollAt: () => state.lastPollAt,
    stop: async () => {
      state.stopping = true
      state.pause.wake()
      betweenAttempts.wake()
      await running
    },
  }
}

/** Once its connection is old, a member leaves its group in peace, and comes back over another. */
function forOneLife(state: SubscriptionState, lifeMs = longestLifeMs): SubscriptionState {
  const renewAt = performance.now() + lifeMs
  return {
    pause: state.pause,
    get stopping() {
      return state.stopping || performance.now() >= renewAt
    },
    get lastPollAt() {
      return state.lastPollAt
    },
    set lastPollAt(at) {
      state.lastPollAt = at
    },
  }
}

function connect(address: DatabaseAddress): Promise<pg.Client> {
  return openClient({
    address,
    name: 'stockline-bus-member',
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
    keepAlive: true,
    settings: {
      // Offsets need not reach the disk at once: after a crash the last moments come again, which is harmless.
      synchronous_commit: 'off',
      // A peer that vanished without a word gives its partitions back after some ten seconds.
      tcp_keepalives_idle: '5',
      tcp_keepalives_interval: '2',
      tcp_keepalives_count: '2',
      // Every read goes by the log's primary key, whatever the planner thinks of an empty table.
      plan_cache_mode: 'force_generic_plan',
      enable_seqscan: 'off',
      enable_bitmapscan: 'off',
      jit: 'off',
    },
  })
}

async function close(client: pg.Client | undefined): Promise<void> {
  await Promise.race([client?.end().catch(() => undefined), sleep(1_000, undefined, { ref: false })])
}

/** A database or a table that is gone does not come back as it was: the process must prepare the bus anew. A password may: it is read anew. */
function isHopeless(error: unknown): error is Error {
  return error instanceof pg.DatabaseError && ['3D000', '42P01', '42883'].includes(error.code ?? '')
}
