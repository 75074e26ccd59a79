/** Sends requests byte for byte as they are meant, and says what came back. */
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'

/** A request, everything in it already text or bytes. */
export interface Sent {
  readonly method: string
  /** With the service's prefix and the query, percent-encoded. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
}

/** What came back. */
export interface Received {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const patienceMs = 60_000

/** @throws Error when the connection ends without an answer */
export function exchange(origin: string, sent: Sent): Promise<Received> {
  const { hostname, port } = new URL(origin)
  const { method, path, headers, body } = sent
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(body.length) }
    const options = { hostname, port, method, path, headers: { ...headers, ...length }, agent, timeout: patienceMs }
    const request = httpRequest(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    request.on('timeout', () => request.destroy(new Error('no answer in time')))
    request.on('error', reject)
    request.end(body)
  })
}

/** Sends bytes on a connection of their own and reads until it is closed: for what no client would send. */
export function speak(origin: string, bytes: Buffer): Promise<Received> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    socket.setTimeout(patienceMs, () => socket.destroy(new Error('no answer in time')))
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      if (isWhole(Buffer.concat(chunks))) socket.end()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(receivedOf(Buffer.concat(chunks))))
  })
}

function receivedOf(bytes: Buffer): Received {
  const end = bytes.indexOf('\r\n\r\n')
  const lines = bytes.toString('latin1', 0, Math.max(end, 0)).split('\r\n')
  const headers = Object.fromEntries(
    lines.slice(1).map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(lines[0] ?? '')?.[1] ?? 0)
  const body = end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 4)
  return { status, headers, body: headers['transfer-encoding'] === 'chunked' ? unchunked(body) : body }
}

function unchunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const length = lineEnd < 0 ? 0 : parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (!(length > 0)) break
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + length))
    at = lineEnd + 2 + length + 2
  }
  return Buffer.concat(parts)
}

function isWhole(bytes: Buffer): boolean {
  const { headers, body } = receivedOf(bytes)
  return headers['content-length'] !== undefined && body.length >= Number(headers['content-length'])
}
