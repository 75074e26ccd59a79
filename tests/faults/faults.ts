/** Load, kills, and the reckoning afterwards. */
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, type KafkaServer, startOwnKafka, until } from '@stockline/test-kit'
import { violationsOf } from '../../tools/invariants/check.ts'
import { makeProducts } from '@stockline/test-kit/load/goods'
import { percentiles } from '@stockline/test-kit/load/load'
import { processesBelow } from '@stockline/test-kit/load/processes'
import { startSystem, type System } from '@stockline/test-kit/load/system'
import { type AckSwallower, swallowAcks } from './ack-swallower.ts'
import { audit } from './audit.ts'
import { type Acknowledged, persistentLoad } from './persistent.ts'
import { randomFrom } from './random.ts'

/** What is killed. `acks` kills nothing: the broker's acknowledgments are swallowed on their way back. */
export type Kind = 'service' | 'postgres' | 'kafka' | 'acks'

export interface FaultsOptions {
  /** Of each kind. */
  readonly kills: number
  readonly seed: number
  readonly clients: number
  readonly bus: 'embedded' | 'kafka'
  readonly kinds: readonly Kind[]
  readonly say: (line: string) => void
}

export interface FaultsReport {
  readonly bus: string
  readonly kills: Readonly<Record<string, number>>
  /** Documents of which the system said that they are done. */
  readonly acknowledged: number
  readonly lost: number
  readonly doubled: number
  readonly halfPosted: number
  /** From a kill until a document whose validation was sent after it was posted. Milliseconds. */
  readonly recovery: Readonly<Record<string, { p50: number; p99: number }>>
  readonly violations: readonly string[]
}

/** Kills `kills` of each kind, one after the other, under load. */
export async function runFaults(options: FaultsOptions): Promise<FaultsReport> {
  const random = randomFrom(options.seed)
  const kafka = options.bus === 'kafka' ? await startBroker(options.kinds.includes('acks')) : undefined
  const system = await startSystem(kafka === undefined ? {} : { brokers: kafka.brokers })
  try {
    const products = await makeProducts(system, 20, 'faults')
    const walkers = persistentLoad(system, products, options.clients)
    const recovery = new Map<string, number[]>()
    for (let round = 0; round < options.kills; round++)
      for (const kind of options.kinds) {
        await sleep(500 + random() * 1500)
        const at = performance.now()
        const what = await strike(kind, system, kafka, random)
        const back = await until(
          `a document after ${what}`,
          () => Promise.resolve(walkers.firstPostedSince(at)),
          90_000,
        )
        recovery.set(kind, [...(recovery.get(kind) ?? []), back - at])
        options.say(`${kind}: ${what}, back after ${((back - at) / 1000).toFixed(1)} s`)
      }
    const acknowledged: readonly Acknowledged[] = await walkers.stop()
    const found = await audit(system, acknowledged)
    const violations = await violationsOf(system.dataFolder)
    return {
      bus: options.bus,
      kills: Object.fromEntries([...recovery].map(([kind, times]) => [kind, times.length])),
      acknowledged: acknowledged.length,
      ...found,
      recovery: Object.fromEntries(
        [...recovery].map(([kind, times]) => [kind, { p50: percentiles(times).p50, p99: percentiles(times).p99 }]),
      ),
      violations,
    }
  } finally {
    await system.stop()
    await system.remove()
    await kafka?.stop()
  }
}

interface Broker {
  /** What the system connects to: the broker, or the swallower before it. */
  readonly brokers: string
  readonly server: KafkaServer
  readonly swallower: AckSwallower | undefined
  stop(): Promise<void>
}

async function startBroker(withSwallower: boolean): Promise<Broker> {
  const port = await freePort()
  const swallower = withSwallower ? await swallowAcks(port) : undefined
  const server = await startOwnKafka(swallower === undefined ? { port } : { port, advertisedPort: swallower.port })
  return {
    brokers: swallower === undefined ? server.brokers : `127.0.0.1:${String(swallower.port)}`,
    server,
    swallower,
    stop: async () => {
      await swallower?.close()
      await server.stop()
    },
  }
}

async function strike(kind: Kind, system: System, kafka: Broker | undefined, random: () => number): Promise<string> {
  switch (kind) {
    case 'kafka':
      await kafka?.server.kill()
      await sleep(random() * 1000)
      await kafka?.server.restart()
      return 'the broker killed and started again'
    case 'acks': {
      const swallowed = await kafka?.swallower?.swallowFor(1000)
      return `${String(swallowed ?? 0)} acknowledgments swallowed`
    }
    case 'postgres':
    case 'service': {
      const victims = processesBelow(system.pid).filter(({ name, parent }) =>
        kind === 'postgres'
          ? name === 'postgres' && parent === system.pid
          : ['identity', 'stock', 'picking', 'valuation'].includes(name),
      )
      const victim = victims[Math.floor(random() * victims.length)]
      if (victim === undefined) throw new Error(`nothing to kill: no ${kind} below process ${String(system.pid)}`)
      process.kill(victim.pid, 'SIGKILL')
      return `${victim.name} killed`
    }
  }
}
