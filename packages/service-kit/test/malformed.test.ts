/** What follows a request on its connection, and is none, does not answer in that request's place. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { answerMalformed } from '../src/process/malformed.ts'

const server = http.createServer((request, response) => {
  request.resume()
  setTimeout(() => response.writeHead(204).end(), 100)
})

beforeAll(async () => {
  answerMalformed(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
afterAll(() => {
  server.close()
})

const said = async (sent: string): Promise<string> => {
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(sent)
  return text(socket)
}

test.each([
  ['a body that no header announces', 'DELETE /things/1 HTTP/1.1\r\nHost: x\r\n\r\n{}', /^HTTP\/1\.1 204 (?![^]*HTTP)/],
  [
    'a body that breaks off',
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    /^HTTP\/1\.1 400 /,
  ],
  ['no request at all', 'HELLO\r\n\r\n', /^HTTP\/1\.1 400 [^]*request-malformed/],
])('%s', async (_title, sent, expected) => {
  expect(await said(sent)).toMatch(expected)
})
