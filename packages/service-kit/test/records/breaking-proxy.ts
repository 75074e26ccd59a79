/** A proxy before a broker that breaks answers off in their middle, as a broker that is killed does, or goes on with other bytes. */
import { connect, createServer, type Socket } from 'node:net'

/** What becomes of a connection: so many bytes of answers pass; then these others, if any, and it ends. */
export interface Break {
  readonly after: number
  readonly instead?: Buffer
}

/** A proxy that runs. */
export interface BreakingProxy {
  readonly port: number
  /** How many connections were broken. */
  readonly broken: () => number
  /** Ends all connections that are open now. */
  cutAll(): void
  close(): Promise<void>
}

/**
 * Starts the proxy before the broker on `brokerPort`.
 *
 * @param breakOf what becomes of the n-th connection; undefined where nothing does
 */
export async function breakAnswers(
  brokerPort: number,
  breakOf: (connection: number) => Break | undefined,
): Promise<BreakingProxy> {
  let [connections, broken] = [0, 0]
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const broker = connect(brokerPort, '127.0.0.1')
    const planned = breakOf((connections += 1))
    let left = planned?.after ?? Number.POSITIVE_INFINITY
    for (const socket of [client, broker]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        broker.destroy()
      })
    }
    client.on('data', (bytes) => broker.write(bytes))
    broker.on('data', (bytes: Buffer) => {
      if (left <= 0) return
      left -= bytes.length
      if (left > 0) {
        client.write(bytes)
        return
      }
      broken += 1
      const passed = bytes.subarray(0, bytes.length + left)
      client.end(Buffer.concat([passed, planned?.instead ?? Buffer.alloc(0)]))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    broken: () => broken,
    cutAll: () => {
      for (const socket of sockets) socket.destroy()
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
