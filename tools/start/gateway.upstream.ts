/**
 * Connections to one service, kept and used again. Node's own client would do, but takes twice the processor time of
 * all the rest of the origin; this one does only what the origin needs.
 */
import type { IncomingMessage } from 'node:http'
import net from 'node:net'
import { type AnswerReader, type AnswerSink, readAnswer } from './gateway.answer.ts'

/** A request as it goes to the service: headers as a flat list of names and values. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly headers: readonly string[]
  /** Where the body is read from; undefined when there is none. */
  readonly body: IncomingMessage | undefined
  readonly isChunked: boolean
}

/** Who is told what becomes of a call. */
export interface CallSink extends AnswerSink {
  /**
   * Nothing more will come. `isStale` when it was a rested connection that was closed before a byte of an answer: the
   * service most likely gave it up at that very moment.
   */
  readonly failed: (error: Error, isStale: boolean) => void
}

/** A call that runs. */
export interface RunningCall {
  /** Stop the flow, because the other side cannot keep up. */
  readonly pause: () => void
  readonly resume: () => void
  /** Nobody wants the answer any more. */
  readonly abandon: () => void
}

/** The connections to a service. */
export interface Upstream {
  readonly send: (call: Call, sink: CallSink) => RunningCall
  readonly close: () => void
}

/** The service did not answer in time. */
export class AnswerTimeout extends Error {}

interface Connection {
  readonly socket: net.Socket
  reader: AnswerReader | undefined
  sink: CallSink | undefined
  /** When the running call began, or the rest; by `performance.now()`. */
  since: number
  restsMs: number
  isSent: boolean
  isReused: boolean
}

const answerTimeoutMs = 60_000
const usualRestMs = 5_000
/** A connection is given up a little before the service gives it up. */
const restMarginMs = 1_000
const lookEveryMs = 500

/** Connections to the service at this address. */
export function connectTo(host: string, port: number): Upstream {
  const resting: Connection[] = []
  const busy = new Set<Connection>()
  const timer = setInterval(() => look(resting, busy), lookEveryMs)
  timer.unref()

  function take(): Connection {
    for (let found = resting.pop(); found !== undefined; found = resting.pop()) {
      if (isUsable(found)) {
        found.isReused = true
        return found
      }
      found.socket.destroy()
    }
    return open()
  }

  function open(): Connection {
    const socket = net.connect({ host, port, noDelay: true })
    const made: Connection = {
      socket,
      reader: undefined,
      sink: undefined,
      since: performance.now(),
      restsMs: usualRestMs,
      isSent: false,
      isReused: false,
    }
    let why = new Error('the connection was closed')
    socket.on('data', (bytes: Buffer) => received(made, bytes))
    socket.on('error', (error) => (why = error))
    // Half an end is an end: the service has nothing more to say.
    socket.on('end', () => socket.destroy())
    socket.on('close', () => lost(made, why))
    return made
  }

  function received(one: Connection, bytes: Buffer): void {
    const { reader } = one
    if (reader === undefined) {
      one.socket.destroy() // It speaks without being asked.
      return
    }
    try {
      reader.push(bytes)
    } catch (error) {
      one.socket.destroy(error instanceof Error ? error : new Error(String(error)))
      return
    }
    if (reader.isWhole()) release(one, reader)
  }

  function release(one: Connection, reader: AnswerReader): void {
    busy.delete(one)
    one.reader = undefined
    one.sink = undefined
    if (!reader.keepsConnection() || !one.isSent) {
      one.socket.destroy()
      return
    }
    one.restsMs = (reader.restsMs() ?? usualRestMs) - restMarginMs
    one.since = performance.now()
    one.socket.resume()
    resting.push(one)
  }

  function lost(one: Connection, why: Error): void {
    busy.delete(one)
    const at = resting.indexOf(one)
    if (at >= 0) resting.splice(at, 1)
    const { reader, sink } = one
    one.reader = undefined
    one.sink = undefined
    if (reader === undefined || sink === undefined || reader.closed()) return
    sink.failed(why, one.isReused && !reader.hasBegun())
  }

  return {
    send: (call, sink) => {
      const one = take()
      busy.add(one)
      one.sink = sink
      one.reader = readAnswer(call.method, sink)
      one.since = performance.now()
      write(one, call)
      return {
        pause: () => one.sink === sink && one.socket.pause(),
        resume: () => one.sink === sink && one.socket.resume(),
        abandon: () => {
          if (one.sink !== sink) return
          one.reader = undefined
          one.sink = undefined
          one.socket.destroy()
        },
      }
    },
    close: () => {
      clearInterval(timer)
      for (const one of [...resting, ...busy]) one.socket.destroy()
    },
  }
}

function isUsable(one: Connection): boolean {
  return one.socket.writable && performance.now() - one.since < one.restsMs
}

function look(resting: readonly Connection[], busy: ReadonlySet<Connection>): void {
  for (const one of resting.filter((rested) => !isUsable(rested))) one.socket.destroy()
  const latest = performance.now() - answerTimeoutMs
  for (const one of busy) if (one.since < latest) one.socket.destroy(new AnswerTimeout('no answer in time'))
}

/** Head and the beginning of the body usually leave together: both are there at once. */
function write(one: Connection, call: Call): void {
  const { socket } = one
  let head = `${call.method} ${call.path} HTTP/1.1\r\n`
  for (let at = 0; at < call.headers.length; at += 2)
    head += `${call.headers[at] ?? ''}: ${call.headers[at + 1] ?? ''}\r\n`
  const { body } = call
  one.isSent = body === undefined
  if (body === undefined) {
    socket.write(`${head}\r\n`, 'latin1')
    return
  }
  socket.cork()
  socket.write(`${head}\r\n`, 'latin1')
  process.nextTick(() => socket.uncork())
  pass(one, body, call.isChunked)
}

function pass(one: Connection, body: IncomingMessage, isChunked: boolean): void {
  const { socket, sink } = one
  // The answer may be over before the body is; then the rest of it goes nowhere.
  const isOurs = (): boolean => one.sink === sink && !socket.destroyed
  body.on('data', (part: Buffer) => {
    if (!isOurs()) return
    if (isChunked) socket.write(`${part.length.toString(16)}\r\n`, 'latin1')
    const flows = socket.write(part)
    if (isChunked) socket.write('\r\n', 'latin1')
    // A body that takes its time is no service that does not answer.
    one.since = performance.now()
    if (!flows) hold(body, socket)
  })
  body.once('end', () => {
    if (!isOurs()) return
    if (isChunked) socket.write('0\r\n\r\n', 'latin1')
    one.isSent = true
  })
}

function hold(body: IncomingMessage, socket: net.Socket): void {
  body.pause()
  const goOn = (): void => {
    socket.off('drain', goOn)
    socket.off('close', goOn)
    body.resume()
  }
  socket.once('drain', goOn)
  socket.once('close', goOn)
}
