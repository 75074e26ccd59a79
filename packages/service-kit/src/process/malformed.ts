/** Requests that are no HTTP, or whose headers are too large: there is no request yet, and still an answer. */
import { randomUUID } from 'node:crypto'
import { ServerResponse, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { HttpProblem, problemBody, problemMediaType } from '../http/problem.ts'

/** Answers what Node's parser refuses with a problem, as everything else is, and closes the connection. */
export function answerMalformed(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const response = underWay(socket)
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy()
    // What came whole is answered first: such as a DELETE with a body that no header announces.
    else if (response?.req.complete === true) response.once('finish', () => socket.end())
    // In the middle of an answer nothing can be made of it.
    else if (response?.headersSent === true) socket.destroy()
    else socket.end(answerTo(error.code))
  })
}

/** Node keeps the response that it is writing here, and looks at it for the same reason. */
function underWay(socket: Duplex): ServerResponse | undefined {
  const response: unknown = Reflect.get(socket, '_httpMessage')
  return response instanceof ServerResponse ? response : undefined
}

function problemOf(code: string | undefined): HttpProblem {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new HttpProblem(431, 'headers-too-large', 'The headers are larger than 16 KB together.')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new HttpProblem(408, 'request-too-slow', 'The request did not come in time. Send it again.')
  return new HttpProblem(400, 'request-malformed', 'The request is not HTTP/1.1.')
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}

function answerTo(code: string | undefined): string {
  const problem = problemOf(code)
  const correlationId = randomUUID()
  const body = JSON.stringify(problemBody(problem, correlationId))
  const headers = [
    `Content-Type: ${problemMediaType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Correlation-Id: ${correlationId}`,
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    'Connection: close',
  ]
  return `HTTP/1.1 ${problem.status} ${reasons[problem.status] ?? ''}\r\n${headers.join('\r\n')}\r\n\r\n${body}`
}
