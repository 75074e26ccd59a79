/** CPU time and memory of a running system, by process. Linux only: read from /proc. */
import { readdirSync, readFileSync } from 'node:fs'

const ticksPerSecond = 100

/** One process of the system. Backends of PostgreSQL count as one. */
export interface ProcessUse {
  /** `identity`, `stock`, `picking`, `valuation`, `origin`, `postgres`, `kafka`, `start`. */
  readonly name: string
  readonly cpuMs: number
  readonly residentMiB: number
}

interface Row {
  readonly pid: number
  readonly parent: number
  readonly command: string
  readonly cpuMs: number
  readonly residentMiB: number
}

/** Every process below `rootPid`, and it. */
export function processesBelow(rootPid: number): { pid: number; parent: number; name: string }[] {
  return below(rootPid).map((row) => ({ pid: row.pid, parent: row.parent, name: nameOf(row.command) }))
}

/**
 * What the processes below each of the roots have used until now, summed by name. Backends of PostgreSQL that have
 * ended are in their postmaster's count of children.
 */
export function useOf(rootPids: readonly number[]): ProcessUse[] {
  const sums = new Map<string, { cpuMs: number; residentMiB: number }>()
  for (const row of rootPids.flatMap((pid) => below(pid))) {
    const name = nameOf(row.command)
    const sum = sums.get(name) ?? { cpuMs: 0, residentMiB: 0 }
    sums.set(name, { cpuMs: sum.cpuMs + row.cpuMs, residentMiB: sum.residentMiB + row.residentMiB })
  }
  return [...sums].map(([name, sum]) => ({ name, ...sum })).sort((a, b) => a.name.localeCompare(b.name))
}

function below(rootPid: number): Row[] {
  const all = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => read(Number(entry)))
    .filter((row) => row !== undefined)
  const wanted = new Set([rootPid])
  for (let grown = true; grown;) {
    const before = wanted.size
    for (const row of all) if (wanted.has(row.parent)) wanted.add(row.pid)
    grown = wanted.size > before
  }
  return all.filter((row) => wanted.has(row.pid))
}

function read(pid: number): Row | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const command = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').replaceAll('\0', ' ')
    // Own user and system time, and that of children which ended and were waited for.
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + (fields[index] ?? 0), 0)
    const pages = Number(readFileSync(`/proc/${String(pid)}/statm`, 'utf8').split(' ')[1])
    const shared = Number(readFileSync(`/proc/${String(pid)}/statm`, 'utf8').split(' ')[2])
    const owned = command.startsWith('postgres:') ? pages - shared : pages
    return {
      pid,
      parent: fields[1] ?? 0,
      command,
      cpuMs: (ticks * 1000) / ticksPerSecond,
      residentMiB: (owned * 4096) / 1_048_576,
    }
  } catch {
    return undefined
  }
}

function nameOf(command: string): string {
  const service = /services\/(identity|stock|picking|valuation|origin)\//.exec(command)?.[1]
  if (service !== undefined) return service
  if (/postgres/.test(command)) return 'postgres'
  if (/kafka\.Kafka/.test(command)) return 'kafka'
  // Before 0.2.0 it was one of the programs of `start`.
  if (/gateway/.test(command)) return 'origin'
  return 'start'
}
