/** `pnpm kafka` as a person runs and interrupts it. */
import { afterEach, describe, expect, test } from '@jest/globals'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, kafkaMissing, until } from '@stockline/test-kit'

const missing = await kafkaMissing()

let running: ChildProcess | undefined
let folder: string | undefined

afterEach(() => {
  running?.kill('SIGKILL')
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

if (missing !== undefined) test.skip(`no Kafka: ${missing}`, () => undefined)
else
  describe('pnpm kafka', () => {
    // Ctrl-C reaches every process of the terminal, and pnpm hands on its own: the broker's keeper hears it twice.
    test('an interrupt that is heard twice ends it once, and well', async () => {
      folder = mkdtempSync(join(tmpdir(), 'stockline-kafka-'))
      const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
        env: { ...process.env, KAFKA_BROKERS: '', KAFKA_PORT: String(await freePort()), DATA_DIR: folder },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      running = child
      let output = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (text: Buffer) => (output += text.toString()))
      const exit = once(child, 'exit')
      await until('the broker to run', () => Promise.resolve(output.includes('Ctrl-C stops it.')), 60_000)

      child.kill('SIGINT')
      await new Promise((resolve) => setTimeout(resolve, 20))
      child.kill('SIGINT')

      expect(await exit).toEqual([0, null])
      expect(output).toMatch(/Kafka is stopped\.\n$/)
    }, 90_000)
  })
