/** Processes of picking: the one that `start` keeps, and more of them on the same database and bus. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '@stockline/test-kit'
import { processesBelow } from '@stockline/test-kit/load/processes'
import type { System } from '@stockline/test-kit/load/system'

/** picking's program as it is in this checkout. */
export const pickingProgram = join(import.meta.dirname, '../../services/picking/src/main.ts')

/** A process beside. */
export interface Beside {
  /** `http://127.0.0.1:…`, without a prefix. */
  readonly url: string
  readonly isReady: () => Promise<boolean>
  /** SIGTERM; resolves when it is gone. */
  stop(): Promise<void>
}

/** Starts one more picking; does not wait until it serves. What it logs is dropped, what it says of an end is not. */
export async function startPickingBeside(system: System, program: string): Promise<Beside> {
  const port = await freePort()
  const url = `http://127.0.0.1:${String(port)}`
  const env = { ...environmentOf(pickingPid(system)), PORT: String(port) }
  const child = spawn(process.execPath, [program], { env, stdio: ['pipe', 'ignore', 'inherit'] })
  return {
    url,
    isReady: async () => {
      if (child.exitCode !== null) throw new Error(`picking beside ended with ${String(child.exitCode)}`)
      return (await fetch(`${url}/health/ready`).catch(() => undefined))?.ok === true
    },
    stop: () => ended(child),
  }
}

/** The process that `start` keeps; 0 while there is none. */
export function pickingPid(system: System): number {
  return processesBelow(system.pid).find(({ name, parent }) => name === 'picking' && parent === system.pid)?.pid ?? 0
}

/** The environment that a process was started with, but for its channel to whoever started it. */
export function environmentOf(pid: number): Record<string, string> {
  const lines = readFileSync(`/proc/${String(pid)}/environ`, 'utf8').split('\0')
  const pairs = lines
    .filter((line) => line.includes('='))
    .map((line): [string, string] => {
      const at = line.indexOf('=')
      return [line.slice(0, at), line.slice(at + 1)]
    })
  return Object.fromEntries(pairs.filter(([name]) => !name.startsWith('NODE_CHANNEL')))
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
