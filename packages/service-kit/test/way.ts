import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePort } from '@stockline/test-kit'

/** A way to PostgreSQL that can be cut. */
export interface Way {
  readonly port: number
  open(): Promise<void>
  cut(): void
}

/** A way that is closed at first, on a port of its own where none is given. */
export async function wayTo(target: URL, given = 0): Promise<Way> {
  const port = given === 0 ? await freePort() : given
  const sockets = new Set<Socket>()
  let server: Server | undefined
  return {
    port,
    async open() {
      server = createServer((incoming) => {
        const outgoing = connect(Number(target.port), target.hostname)
        for (const [one, other] of [
          [incoming, outgoing],
          [outgoing, incoming],
        ] as const) {
          sockets.add(one)
          one.on('error', () => other.destroy())
          one.on('close', () => other.destroy())
          one.pipe(other)
        }
      })
      await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve))
    },
    cut() {
      server?.close()
      for (const socket of sockets) socket.destroy()
      sockets.clear()
    },
  }
}
