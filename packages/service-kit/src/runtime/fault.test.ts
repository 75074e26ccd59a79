import { describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { isFault } from './fault.ts'

const nowhere = '/nowhere/.s.PGSQL.1'

/** What connecting fails with. */
function refusal(address: string | { port: number; host: string }): Promise<Error> {
  return new Promise((resolve, reject) => {
    const socket = typeof address === 'string' ? connect(address) : connect(address)
    socket.once('error', resolve).once('connect', () => reject(new Error('it is there')))
  })
}

describe('what is away passes by itself', () => {
  test('a server whose socket file is gone', async () => expect(isFault(await refusal(nowhere))).toBe(true))
  test('a server that does not listen', async () =>
    expect(isFault(await refusal({ port: 1, host: '127.0.0.1' }))).toBe(true))
  test('also as the cause of something else', async () =>
    expect(isFault(new Error('no answer', { cause: await refusal(nowhere) }))).toBe(true))
})

test('another file that is missing is a bug', async () => {
  const error: unknown = await readFile(nowhere).catch((reason: unknown) => reason)
  expect(isFault(error)).toBe(false)
})
