/** Reads a service's HTTP/1.1 answer as its bytes come in. Pure: no socket, no clock. */

/** Who is told of the parts of an answer. */
export interface AnswerSink {
  readonly head: (status: number, headers: readonly string[]) => void
  readonly data: (part: Buffer) => void
  /** The answer is whole; the last part of its body comes along. */
  readonly end: (last: Buffer | undefined) => void
}

/** Takes the bytes of one answer. */
export interface AnswerReader {
  /** @throws BadAnswer when these bytes are no HTTP */
  readonly push: (bytes: Buffer) => void
  /** The connection ended: true when that is how this answer ends, too. */
  readonly closed: () => boolean
  readonly isWhole: () => boolean
  /** Has anything come in yet? */
  readonly hasBegun: () => boolean
  /** May the connection be used again, and for how long may it rest (in ms, as the service says)? */
  readonly keepsConnection: () => boolean
  readonly restsMs: () => number | undefined
}

/** A service answered with something that is no HTTP. */
export class BadAnswer extends Error {}

const largestHead = 64 * 1024
const headEnd = Buffer.from('\r\n\r\n')
const lineEnd = Buffer.from('\r\n')

/** How the body ends: after so many bytes, with the last chunk, or with the connection. */
type Body = { kind: 'length'; left: number } | { kind: 'chunks'; left: number; at: ChunkPart } | { kind: 'close' }
type ChunkPart = 'size' | 'data' | 'after-data' | 'trailers'

interface Head {
  readonly status: number
  readonly headers: readonly string[]
  readonly length: number | undefined
  readonly isChunked: boolean
  readonly closes: boolean
  readonly restsMs: number | undefined
}

/** A reader for the answer to one request. */
export function readAnswer(method: string, sink: AnswerSink): AnswerReader {
  let kept: Buffer | undefined
  let head: Head | undefined
  let body: Body | undefined
  let begun = false
  let whole = false

  function finish(last: Buffer | undefined): void {
    whole = true
    sink.end(last)
  }

  function push(bytes: Buffer): void {
    begun = true
    let rest: Buffer | undefined = kept === undefined ? bytes : Buffer.concat([kept, bytes])
    kept = undefined
    while (rest !== undefined && rest.length > 0) {
      if (whole) throw new BadAnswer('more than one answer')
      rest = head === undefined ? takeHead(rest) : takeBody(rest)
    }
  }

  /** Each returns what it has not used; undefined when it needs more. */
  function takeHead(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf(headEnd)
    if (end < 0) {
      keep(bytes)
      return undefined
    }
    const found = parseHead(bytes.toString('latin1', 0, end))
    const rest = bytes.subarray(end + headEnd.length)
    if (found.status < 200) return rest
    head = found
    body = bodyOf(method, found)
    sink.head(found.status, found.headers)
    if (body.kind === 'length' && body.left === 0) finish(undefined)
    return rest
  }

  function keep(bytes: Buffer): void {
    if (bytes.length > largestHead) throw new BadAnswer('a line or head without end')
    kept = bytes
  }

  function takeBody(bytes: Buffer): Buffer | undefined {
    if (body?.kind === 'length') return takeLength(bytes, body)
    if (body?.kind === 'chunks') return takeChunk(bytes, body)
    sink.data(bytes)
    return undefined
  }

  function takeLength(bytes: Buffer, length: Body & { kind: 'length' }): Buffer | undefined {
    if (bytes.length < length.left) {
      length.left -= bytes.length
      sink.data(bytes)
      return undefined
    }
    const last = bytes.length === length.left ? bytes : bytes.subarray(0, length.left)
    finish(last)
    return bytes.subarray(last.length)
  }

  function takeChunk(bytes: Buffer, chunk: Body & { kind: 'chunks' }): Buffer | undefined {
    if (chunk.at === 'data') {
      const part = bytes.subarray(0, chunk.left)
      chunk.left -= part.length
      if (chunk.left === 0) chunk.at = 'after-data'
      sink.data(part)
      return bytes.subarray(part.length)
    }
    const end = bytes.indexOf(lineEnd)
    if (end < 0) {
      keep(bytes)
      return undefined
    }
    const line = bytes.toString('latin1', 0, end)
    if (chunk.at === 'size') {
      chunk.left = chunkSize(line)
      chunk.at = chunk.left === 0 ? 'trailers' : 'data'
    } else if (chunk.at === 'after-data') {
      if (line !== '') throw new BadAnswer('a chunk is longer than it says')
      chunk.at = 'size'
    } else if (line === '') {
      finish(undefined)
    }
    return bytes.subarray(end + lineEnd.length)
  }

  return {
    push,
    closed: () => {
      if (!whole && body?.kind === 'close') finish(undefined)
      return whole
    },
    isWhole: () => whole,
    hasBegun: () => begun,
    keepsConnection: () => whole && head?.closes === false && body?.kind !== 'close',
    restsMs: () => head?.restsMs,
  }
}

function chunkSize(line: string): number {
  const found = /^([0-9a-fA-F]{1,12})\s*(?:;.*)?$/.exec(line)
  if (found === null) throw new BadAnswer('a chunk without a size')
  return parseInt(found[1] ?? '', 16)
}

function bodyOf(method: string, head: Head): Body {
  if (method === 'HEAD' || head.status === 204 || head.status === 304) return { kind: 'length', left: 0 }
  if (head.isChunked) return { kind: 'chunks', left: 0, at: 'size' }
  return head.length === undefined ? { kind: 'close' } : { kind: 'length', left: head.length }
}

function parseHead(text: string): Head {
  const lines = text.split('\r\n')
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(lines[0] ?? '')?.[1]
  if (status === undefined || status === '101') throw new BadAnswer('no status line')
  const headers: string[] = []
  let length: number | undefined
  let isChunked = false
  let closes = text.startsWith('HTTP/1.0')
  let restsMs: number | undefined
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const colon = line.indexOf(':')
    if (colon < 1) throw new BadAnswer('a header without a name')
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).trim()
    switch (name.toLowerCase()) {
      case 'content-length':
        if (!/^\d{1,15}$/.test(value) || (length !== undefined && length !== Number(value)))
          throw new BadAnswer('a length')
        length = Number(value)
        break
      case 'transfer-encoding':
        if (value.toLowerCase() !== 'chunked') throw new BadAnswer('an encoding')
        isChunked = true
        break
      case 'connection':
        closes ||= value.toLowerCase().includes('close')
        break
      case 'keep-alive':
        restsMs = restOf(value)
        break
    }
    headers.push(name, value)
  }
  return { status: Number(status), headers, length, isChunked, closes, restsMs }
}

function restOf(value: string): number | undefined {
  const seconds = /timeout=(\d{1,6})/.exec(value)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1_000
}
