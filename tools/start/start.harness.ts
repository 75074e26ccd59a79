/** Runs `start` as a person would, for tests: in a data folder of its own, at free ports. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { exitOf } from '@stockline/test-kit'
import { z } from 'zod'
import { askService } from '../../services/origin/src/readiness.ts'
import { endAll, markOf, type ProcessMark, processesIn, signal } from './process-table.ts'

/** A `start` that runs, or did. */
export interface StartRun {
  readonly url: string
  readonly dataDir: string
  readonly port: number
  /** All that it has written so far, on both outputs. */
  readonly output: () => string
  /** Resolves when the origin is ready. */
  readonly ready: () => Promise<void>
  readonly isReady: () => Promise<boolean>
  readonly exit: Promise<number | null>
  /** A process of the system by its name in the lock file; `start` for the first of all. */
  readonly processOf: (name: string) => ProcessMark
  readonly all: () => ProcessMark[]
  readonly terminate: () => Promise<number | null>
}

const program = join(import.meta.dirname, 'main.ts')
const readyLimitMs = 180_000
const lockShape = z.object({
  start: z.object({ pid: z.number(), began: z.string() }),
  children: z.record(z.string(), z.object({ pid: z.number(), began: z.string() })),
})

/** An empty data folder to start on. Removed, with whatever still runs in it, by `removeFolder`. */
export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'stockline-journey-'))
}

/** Ends what a failed test left, and removes its folder. */
export async function removeFolder(folder: string): Promise<void> {
  const lock = lockOf(folder)
  if (lock !== undefined) await endAll([lock.start, ...Object.values(lock.children)], 'SIGKILL', 0)
  await endAll(processesIn(join(folder, 'postgres')), 'SIGKILL', 0)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

/** Starts it. `environment` is added to our own; `account` is the account that it runs as. */
export async function launch(
  dataDir: string,
  environment: Record<string, string> = {},
  account: { uid?: number; gid?: number } = {},
): Promise<StartRun> {
  const port = Number(environment['PORT'] ?? (await sixFreePorts()))
  const child = spawn(process.execPath, [program], {
    ...account,
    env: { ...cleanEnvironment(), PORT: String(port), DATA_DIR: dataDir, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return runOf(child, dataDir, port)
}

/** Variables of the tests' own surroundings are not the system's. */
function cleanEnvironment(): Record<string, string | undefined> {
  const foreign = /^(KAFKA_BROKERS|.*_DATABASE_URL|SEED|DEMO_.*|HOST|INIT_CWD|NODE_OPTIONS|POSTGRES_PORT|DRAIN)$/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)))
}

function runOf(child: ChildProcess, dataDir: string, port: number): StartRun {
  const began = performance.now()
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const exit = exitOf(child).then(([code]) => code)
  const url = `http://127.0.0.1:${port}`
  const isReady = async (): Promise<boolean> => (await askService(url)).ready
  const processOf = (name: string): ProcessMark => {
    const lock = lockOf(dataDir)
    const mark = name === 'start' ? lock?.start : lock?.children[name]
    if (mark === undefined) throw new Error(`no process ${name}; said: ${output}`)
    return mark
  }
  return {
    url,
    dataDir,
    port,
    output: () => output,
    isReady,
    exit,
    processOf,
    all: () => {
      const lock = lockOf(dataDir)
      return lock === undefined
        ? []
        : [lock.start, ...Object.values(lock.children), ...processesIn(join(dataDir, 'postgres'))]
    },
    ready: async () => {
      while (!(await isReady())) {
        if (child.exitCode !== null || performance.now() - began > readyLimitMs) throw new Error(`not ready: ${output}`)
        await sleep(50)
      }
    },
    terminate: () => {
      if (child.pid !== undefined && markOf(child.pid) !== undefined) signal(child.pid, 'SIGTERM')
      return exit
    },
  }
}

function lockOf(folder: string): z.infer<typeof lockShape> | undefined {
  try {
    return lockShape.parse(JSON.parse(readFileSync(join(folder, 'start.lock'), 'utf8')))
  } catch {
    return undefined
  }
}

/** A port with five free ones after it, a moment ago. */
export async function sixFreePorts(): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 12_000)
    const ports = Array.from({ length: 6 }, (_, index) => first + index)
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
