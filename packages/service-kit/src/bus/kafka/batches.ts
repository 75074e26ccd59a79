/** What the client brings by partition, joined to batches for the handler. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { BatchHandler, IncomingMessage } from '../bus.ts'

interface Part {
  readonly messages: readonly IncomingMessage[]
  readonly settle: PromiseWithResolvers<undefined>
}

/**
 * Makes one batch of what the client brings by partition, so that what each message costs is shared by many. One batch
 * is handled at a time. When it fails, its parts are tried one by one, and only those that fail again reject.
 */
export function joinBatches(
  handle: BatchHandler,
  maxBatch: number,
): (part: readonly IncomingMessage[]) => Promise<void> {
  const waiting: Part[] = []
  let running = false

  const run = async (): Promise<void> => {
    running = true
    await nextTurn() // the other partitions of the same fetch come in this turn
    while (waiting.length > 0) await handleTogether(handle, takeParts(waiting, maxBatch))
    running = false
  }

  return async (messages) => {
    const settle = Promise.withResolvers<undefined>()
    waiting.push({ messages, settle })
    if (!running) void run()
    await settle.promise
  }
}

function takeParts(waiting: Part[], maxBatch: number): Part[] {
  let size = 0
  const fitting = waiting.findIndex(({ messages }) => (size += messages.length) > maxBatch)
  return waiting.splice(0, fitting < 0 ? waiting.length : Math.max(1, fitting))
}

/** Never rejects: each part gets its own result. */
async function handleTogether(handle: BatchHandler, parts: readonly Part[]): Promise<void> {
  try {
    await handle(parts.flatMap(({ messages }) => messages))
    for (const { settle } of parts) settle.resolve(undefined)
  } catch (error) {
    const [only] = parts
    if (only && parts.length === 1) only.settle.reject(error)
    else for (const part of parts) await handleTogether(handle, [part])
  }
}
