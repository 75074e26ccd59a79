/** What stands behind the origin in its tests. */
import { once } from 'node:events'
import net from 'node:net'

/** Lets the server listen, and gives its address. */
export async function listening(server: net.Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  return `http://127.0.0.1:${String(port)}`
}

/** Answers with something that is no HTTP. */
export function noHttpServer(): net.Server {
  return net.createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end('this is no HTTP at all\r\n\r\n'))
  })
}

/** An address without a listener. */
export async function addressOfNobody(): Promise<string> {
  const server = net.createServer()
  const address = await listening(server)
  server.close()
  return address
}
