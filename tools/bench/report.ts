/** What the bench prints: one line a figure. */
import type { KafkaServer } from '@stockline/test-kit'
import type { LoadResult } from '@stockline/test-kit/load/load'

/** One line: what was measured, and what came out. */
export function say(what: string, figure: string): void {
  console.log(`${what.padEnd(44)} ${figure}`)
}

/** A load's result in one line. */
export function sayLoad(what: string, result: LoadResult): void {
  const cpu = Object.entries(result.cpuMsPerDocument)
  const total = cpu.reduce((sum, [, ms]) => sum + ms, 0)
  const { p50, p95, p99 } = result.posted
  const valued = result.valued
  say(
    what,
    `${String(result.perSecond)} documents/s; validate to posted ${String(p50)}/${String(p95)}/${String(p99)} ms, ` +
      `to valued ${String(valued.p50)}/${String(valued.p95)}/${String(valued.p99)} ms (p50/p95/p99); ` +
      `CPU ${total.toFixed(1)} ms each${result.errors.length > 0 ? `; ${String(result.errors.length)} ERRORS: ${result.errors[0] ?? ''}` : ''}`,
  )
  say('', cpu.map(([name, ms]) => `${name} ${String(ms)}`).join(', '))
}

/** CPU milliseconds per document of all processes but the load generator. */
export function systemCpuMs(result: LoadResult): number {
  return Object.entries(result.cpuMsPerDocument)
    .filter(([name]) => name !== 'load')
    .reduce((sum, [, ms]) => sum + ms, 0)
}

/** The broker's process, where it is one of this machine. */
export function brokerPids(kafka: KafkaServer | undefined): number[] {
  const pid = kafka?.pid()
  return pid === undefined ? [] : [pid]
}
