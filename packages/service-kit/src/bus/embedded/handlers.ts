/** Batches for the handler, out of what a member has read: one at a time, each partition in its turn. */
import type { Lease } from './consumer.ts'
import type { EmbeddedSubscribeOptions } from './subscription.ts'

/** Offsets wait so long for others to be written with them. After a crash that much more comes again. */
const writeDelayMs = 100
const longestRetryMs = 5_000

/** The batch that is being handled, if any. */
export interface BatchRun {
  running: Promise<void> | undefined
}

/**
 * Hands over what is there: one batch at a time, over all partitions, so that what each message costs is shared by
 * many. Returns at once; calls `onEnd` at the end.
 */
export function startHandler(
  options: EmbeddedSubscribeOptions,
  leases: Map<number, Lease>,
  work: BatchRun,
  onEnd: () => void,
): void {
  if (work.running) return
  const chosen = choose(leases, options.maxBatch ?? 100)
  if (chosen.length === 0) return
  for (const lease of chosen) lease.handling = true
  work.running = handle(options, chosen).then(() => {
    work.running = undefined
    for (const lease of chosen) {
      lease.handling = false
      toTheEnd(leases, lease)
    }
    onEnd()
  })
}

/** Partitions with something to handle, up to a full batch. One whose batch has failed is tried without others. */
function choose(leases: ReadonlyMap<number, Lease>, maxBatch: number): Lease[] {
  const now = performance.now()
  const chosen: Lease[] = []
  let room = maxBatch
  for (const lease of leases.values()) {
    if (lease.dueAt > now && lease.batch.length === 0 && lease.queue.length < maxBatch) continue
    if (lease.leaving || lease.retryAt > now || (lease.batch.length === 0 && lease.queue.length === 0)) continue
    if (lease.batch.length > 0) {
      if (chosen.length > 0) continue
      return [lease]
    }
    lease.batch = lease.queue.splice(0, room)
    room -= lease.batch.length
    chosen.push(lease)
    if (room === 0) break
  }
  return chosen
}

/** The map's order is the order of service: who was served waits for the others. */
function toTheEnd(leases: Map<number, Lease>, lease: Lease): void {
  if (leases.delete(lease.partition.id)) leases.set(lease.partition.id, lease)
}

/** Never rejects: what was not handled stays where it is and comes again, later each time. */
async function handle(options: EmbeddedSubscribeOptions, chosen: readonly Lease[]): Promise<void> {
  const details = {
    group: options.group,
    partitions: chosen.map(({ partition }) => `${partition.topic}/${partition.number}`),
  }
  try {
    await options.handle(chosen.length === 1 ? (chosen[0]?.batch ?? []) : chosen.flatMap((lease) => lease.batch))
    for (const lease of chosen) succeed(lease, options.pace?.get(lease.partition.topic))
  } catch (error) {
    // One of several may be to blame: each is tried by itself, at once.
    for (const lease of chosen) if (chosen.length === 1) fail(lease)
    options.logger.error({ err: error, ...details }, 'a batch was not handled and comes again')
  }
}

function succeed(lease: Lease, paceMs = 0): void {
  if (lease.done === undefined) lease.writeAt = performance.now() + writeDelayMs
  lease.done = (lease.batch.at(-1)?.offset ?? lease.next - 1n) + 1n
  lease.batch = []
  lease.failures = 0
  lease.retryAt = 0
  lease.dueAt = performance.now() + paceMs
}

function fail(lease: Lease): void {
  lease.failures += 1
  lease.retryAt = performance.now() + Math.min(50 * 2 ** lease.failures, longestRetryMs)
}
