/** Connections to one service, kept and used again. The HTTP is undici's; what is ours is what becomes of its answers. */
import type { Readable } from 'node:stream'
import { errors, Pool, type Dispatcher } from 'undici'

/** A request as it goes to the service: headers as a flat list of names and values. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly headers: string[]
  /** All of the body, or its parts as they come; undefined when there is none. */
  readonly body: Buffer | Readable | undefined
}

/** Headers of an answer, by name in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** Why there is no answer: a request that cannot be sent, none in time, one that is no HTTP, a connection that closed, or a service that is not there. */
export type UpstreamFailure = 'unsendable' | 'timeout' | 'no-http' | 'closed' | 'away'

/** Receives the answer of a call, or its failure. */
export interface CallSink {
  readonly head: (status: number, headers: AnswerHeaders) => void
  /** False: nothing more can be taken until {@link RunningCall.resume}. */
  readonly data: (part: Buffer) => boolean
  readonly end: () => void
  /** Nothing more will come. */
  readonly failed: (failure: UpstreamFailure, error: Error) => void
}

/** A call that runs. */
export interface RunningCall {
  readonly resume: () => void
  /** Nobody wants the answer any more. */
  readonly abandon: () => void
}

/** The connections to a service. */
export interface Upstream {
  readonly send: (call: Call, sink: CallSink) => RunningCall
  readonly close: () => Promise<void>
}

const answerTimeoutMs = 60_000

/** Connections to the service at this address. Nothing is sent twice here. */
export function connectTo(base: string): Upstream {
  const pool = new Pool(base, {
    pipelining: 1,
    headersTimeout: answerTimeoutMs,
    bodyTimeout: answerTimeoutMs,
    maxHeaderSize: 64 * 1024,
    // A connection is given up a little before the service gives it up.
    keepAliveTimeoutThreshold: 1_000,
  })
  return {
    send: (call, sink) => {
      let running: Dispatcher.DispatchController | undefined
      let isUnwanted = false
      const { method, path, headers, body } = call
      pool.dispatch(
        { method, path, headers, body: body ?? null },
        {
          onRequestStart: (controller) => {
            running = controller
            if (isUnwanted) controller.abort(new Error('nobody waits for the answer'))
          },
          onResponseStart: (_controller, status, headers) => {
            // Interim answers, such as 100 Continue, are not passed on.
            if (status >= 200) sink.head(status, headers)
          },
          onResponseData: (controller, part) => {
            if (!sink.data(part)) controller.pause()
          },
          onResponseEnd: () => {
            sink.end()
          },
          onResponseError: (_controller, error) => {
            if (!isUnwanted) sink.failed(failureOf(error), error)
          },
        },
      )
      return {
        resume: () => running?.resume(),
        abandon: () => {
          isUnwanted = true
          running?.abort(new Error('nobody waits for the answer'))
        },
      }
    },
    close: () => pool.destroy(),
  }
}

function failureOf(error: Error & { readonly code?: string }): UpstreamFailure {
  if (error instanceof errors.InvalidArgumentError || error instanceof errors.NotSupportedError) return 'unsendable'
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) return 'timeout'
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError) return 'no-http'
  if (error instanceof errors.SocketError || error.code === 'ECONNRESET' || error.code === 'EPIPE') return 'closed'
  return 'away'
}
