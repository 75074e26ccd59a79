/** Offsets of handled batches, written down a moment later and several at once. */
import type { EachBatchPayload } from 'kafkajs'

/** What of a batch's tools writes offsets down. They stay good after the batch, until the group changes. */
type Tools = Pick<EachBatchPayload, 'commitOffsetsIfNecessary' | 'uncommittedOffsets'>

/** Writes offsets down a moment after their batches were handled, several in one request. */
export interface OffsetWriter {
  /** Something was handled. */
  handled(tools: Tools): Promise<void>
  /** Writes down what is left, and from now on everything at once. */
  flush(): Promise<void>
}

/**
 * A request for each batch would double the traffic, and the next fetch would wait for it. After a crash that much more
 * comes again. What could not be written (a rebalance, a broker that is away) is written with the next, or comes again.
 */
const writeDelayMs = 250
const retryMs = 1_000

/** Makes the writer of one consumer. */
export function createOffsetWriter(): OffsetWriter {
  let latest: Tools | undefined
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let atOnce = false

  const write = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(async () => {
      const offsets = latest?.uncommittedOffsets()
      if (!latest || !offsets || offsets.topics.length === 0) return
      try {
        await latest.commitOffsetsIfNecessary(offsets)
      } catch {
        if (!atOnce) schedule(retryMs)
      }
    })
    return writing
  }
  const schedule = (delayMs: number): void => {
    timer ??= setTimeout(() => void write(), delayMs).unref()
  }

  return {
    handled: async (tools) => {
      latest = tools
      if (atOnce) await write()
      else schedule(writeDelayMs)
    },
    flush: async () => {
      atOnce = true
      await write()
    },
  }
}
