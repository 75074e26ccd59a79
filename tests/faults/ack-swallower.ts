/**
 * A proxy before Kafka that swallows acknowledgments: the broker has taken the messages, the sender never hears of it.
 * This is the fault after which an "idempotent" producer loses messages without a word.
 *
 * @see https://kafka.apache.org/protocol#protocol_messages a request is a size, then its kind: 0 is Produce
 */
import { createServer, type Socket, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface AckSwallower {
  readonly port: number
  /** Swallows every acknowledgment for so long, and says how many it were. */
  swallowFor(milliseconds: number): Promise<number>
  close(): Promise<void>
}

const produce = 0

/** Starts the proxy on a free port, before the broker that listens on `brokerPort`. */
export async function swallowAcks(brokerPort: number): Promise<AckSwallower> {
  let swallowing = false
  let swallowed = 0
  const sockets = new Set<Socket>()

  const server = createServer((client) => {
    const broker = connect(brokerPort, '127.0.0.1')
    let awaitsAck = false
    for (const socket of [client, broker]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        broker.destroy()
      })
    }
    const watch = requestKinds((kind) => {
      awaitsAck = kind === produce
    })
    client.on('data', (bytes) => {
      watch(bytes)
      broker.write(bytes)
    })
    broker.on('data', (bytes) => {
      if (swallowing && awaitsAck) {
        swallowed++
        client.destroy()
      } else client.write(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    swallowFor: async (milliseconds) => {
      swallowed = 0
      swallowing = true
      await sleep(milliseconds)
      swallowing = false
      return swallowed
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** Reads the kind of each request from a stream of bytes, however they are cut. */
function requestKinds(seen: (kind: number) => void): (bytes: Buffer) => void {
  let pending = Buffer.alloc(0)
  let skip = 0
  return (bytes) => {
    pending = Buffer.concat([pending, bytes])
    for (;;) {
      const passed = Math.min(skip, pending.length)
      pending = pending.subarray(passed)
      skip -= passed
      if (skip > 0 || pending.length < 6) return
      seen(pending.readInt16BE(4))
      skip = pending.readInt32BE(0) + 4
    }
  }
}
