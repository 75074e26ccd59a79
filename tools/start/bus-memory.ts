/** The data folder records its bus: events that are still on one would never arrive on the other. */
import { z } from 'zod'
import { type DataFolder, recall, remember } from './data-folder.ts'
import { CannotStart } from './settings.ts'

/** The two buses. */
export type Bus = 'embedded' | 'kafka'

const shape = z.object({ bus: z.enum(['embedded', 'kafka']), drained: z.boolean() })
type Memory = z.infer<typeof shape>

const file = 'bus.json'
const described: Readonly<Record<Bus, string>> = { embedded: 'the embedded bus', kafka: 'Kafka' }
const howToStart: Readonly<Record<Bus, string>> = { embedded: 'without KAFKA_BROKERS', kafka: 'with its KAFKA_BROKERS' }

/** May this folder be started on this bus? Undefined if so, else why not and what to do. Pure. */
export function whyNotOn(wanted: Bus, memory: Memory | undefined): string | undefined {
  if (memory === undefined || memory.bus === wanted || memory.drained) return undefined
  const old = memory.bus
  return (
    `This data folder works on ${described[old]}, and events may still be under way there, so it is not started on ` +
    `${described[wanted]}. Let them arrive first: DRAIN=1 npx -y pnpm@10 start ${howToStart[old]} takes no requests, ` +
    'waits until all outboxes are published and all groups are at the end, and ends. Then start again as now.'
  )
}

/** Checks the folder's bus; from here on it counts as used on this one. */
export function useBus(folder: DataFolder, wanted: Bus): void {
  const fault = whyNotOn(wanted, recall(folder, file, shape))
  if (fault !== undefined) throw new CannotStart(fault)
  remember(folder, file, { bus: wanted, drained: false })
}

/** Everything has arrived: the next start may choose another bus. */
export function markDrained(folder: DataFolder, bus: Bus): void {
  remember(folder, file, { bus, drained: true })
}
