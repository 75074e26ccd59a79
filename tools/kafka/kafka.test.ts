/** `pnpm kafka` as a person runs and interrupts it. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exitOf, freePort, kafkaMissing, until } from '@stockline/test-kit'

const missing = await kafkaMissing()

const running: ChildProcess[] = []
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stockline-kafka-'))
})
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** Runs the command as a person would: its output, and how it ends. */
function launch(port: number | string, environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { ...process.env, KAFKA_BROKERS: '', KAFKA_PORT: String(port), DATA_DIR: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()))
  const ready = () => until('the broker to run', () => Promise.resolve(said.includes('Ctrl-C stops it.')), 60_000)
  return { child, said: () => said, ready, exit: exitOf(child) }
}

if (missing !== undefined) test.skip(`no Kafka: ${missing}`, () => undefined)
else
  describe('pnpm kafka', () => {
    // Ctrl-C reaches every process of the terminal, and pnpm passes it on: the program gets it twice.
    test('an interrupt that is heard twice ends it once, and well', async () => {
      const { child, said, ready, exit } = launch(await freePort())
      await ready()
      child.kill('SIGINT')
      await new Promise((resolve) => setTimeout(resolve, 20))
      child.kill('SIGINT')
      expect(await exit).toEqual([0, null])
      expect(said()).toMatch(/Kafka is stopped\.\n$/)
    }, 90_000)

    test('its own is started, whatever KAFKA_BROKERS says', async () => {
      const port = await freePort()
      const { child, said, ready, exit } = launch(port, { KAFKA_BROKERS: '127.0.0.1:1,another.example:9092' })
      await ready()
      expect(said()).toContain(`KAFKA_BROKERS=127.0.0.1:${port}\n`)
      child.kill('SIGTERM')
      expect(await exit).toEqual([0, null])
    }, 90_000)

    test('a port that has a broker is refused; a broker that is killed is told of', async () => {
      const port = await freePort()
      const first = launch(port)
      await first.ready()
      const second = launch(port)
      expect(await second.exit).toEqual([1, null])
      expect(second.said()).toContain(`A Kafka runs on port ${port} already`)

      const pid = Number(readFileSync(join(folder, 'kafka/server.pid'), 'utf8'))
      process.kill(pid, 'SIGKILL')
      expect(await first.exit).toEqual([1, null])
      expect(first.said()).toContain('Kafka has ended by itself.')
    }, 90_000)
  })

describe('pnpm kafka, where it cannot start', () => {
  test('without a container engine and without Java it says so, and what it needs', async () => {
    const { said, exit } = launch(await freePort(), {
      PATH: folder,
      HOME: folder,
      DOCKER_HOST: 'tcp://127.0.0.1:1',
      KAFKA_BROKERS: '127.0.0.1:9092',
    })
    expect(await exit).toEqual([1, null])
    expect(said()).toMatch(
      /Apache Kafka cannot be started: .*there is no Java\. It needs Docker, or Java 17 with Maven\./,
    )
  }, 90_000)

  test.each(['ninety', '0', '65536'])(
    'a port that is none: %s',
    async (port) => {
      const { said, exit } = launch(port)
      expect(await exit).toEqual([1, null])
      expect(said()).toContain(`KAFKA_PORT is no port: "${port}"`)
    },
    60_000,
  )
})
