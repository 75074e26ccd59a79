/** What a transaction sends in one turn travels in one write; and breaks together, without anybody left waiting. */
import { once } from 'node:events'
import { connect, createServer, Socket, type AddressInfo, type Server } from 'node:net'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { isFault } from '../src/runtime/fault.ts'
import { openDatabase, sql, type Database } from '../src/database/transaction.ts'
import { kitDatabase, systemOrigin, type KitDatabase } from './kit.database.ts'

let kit: KitDatabase
let between: Server
let sockets: Socket[]
let db: Database

beforeEach(async () => {
  kit = await kitDatabase()
  sockets = []
  const target = new URL(kit.url)
  const [port, host] = [Number(target.port), target.hostname]
  between = createServer((socket) => {
    const server = connect(port, host)
    sockets.push(socket, server)
    for (const one of [socket, server])
      one.on('error', () => undefined).on('close', () => [socket, server].forEach((each) => each.destroy()))
    socket.pipe(server).pipe(socket)
  })
  between.listen(0, '127.0.0.1')
  await once(between, 'listening')
  target.port = String((between.address() as AddressInfo).port)
  target.hostname = '127.0.0.1'
  db = openDatabase({ url: target.href, service: 'kit', size: 1 })
})
afterEach(async () => {
  await db.close()
  between.close()
  await kit.end()
})

const add = sql('insert into note (text) values ($1)')
const sleep = sql('select pg_sleep($1::float8)')

/** Counts what the client hands to the system, write by write: on its way TCP joins small ones. */
async function writesDuring(work: () => Promise<unknown>): Promise<number> {
  const { port } = between.address() as AddressInfo
  const methods = ['_write', '_writev'] as const
  let writes = 0
  const spies = methods.map((method) => {
    const original: unknown = Reflect.get(Socket.prototype, method)
    if (typeof original !== 'function') throw new Error(`sockets have no ${method}`)
    return jest.spyOn(Socket.prototype, method).mockImplementation(function (this: Socket, ...rest: unknown[]) {
      if (this.remotePort === port) writes += 1
      Reflect.apply(original, this, rest)
    })
  })
  await work().finally(() => spies.forEach((spy) => spy.mockRestore()))
  return writes
}

test('statements of one turn, and the beginning, are one write; the end is another', async () => {
  await db.query(add, ['to open and prepare'])
  const four = () =>
    db.transaction(systemOrigin(), (tx) => Promise.all(['a', 'b', 'c', 'd'].map((text) => tx.query(add, [text]))))
  expect(await writesDuring(four)).toBe(2)
  expect(await kit.notes()).toEqual(['to open and prepare', 'a', 'b', 'c', 'd'])
})

test('what is sent after an answer is not held back, nor lost at the end', async () => {
  await db.transaction(systemOrigin(), async (tx) => {
    for (const text of ['a', 'b']) await tx.query(add, [text])
    // Sent, and not waited for: it travels with the end.
    void tx.query(add, ['c'])
  })
  expect(await kit.notes()).toEqual(['a', 'b', 'c'])
})

test('a connection that breaks in that very turn is a fault for all, and the next one is as good as new', async () => {
  await db.query(add, ['to open'])
  const broken = db.transaction(systemOrigin(), async (tx) => {
    const both = [tx.query(add, ['a']), tx.query(sleep, [5])]
    for (const socket of sockets) socket.destroy()
    await Promise.all(both)
  })
  const error: unknown = await broken.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(isFault(error)).toBe(true)
  await db.transaction(systemOrigin(), (tx) => tx.query(add, ['b']))
  expect(await kit.notes()).toEqual(['to open', 'b'])
})

test('an error of one statement rolls back all that travelled with it', async () => {
  const twice = db.transaction(systemOrigin(), (tx) =>
    Promise.all(['a', 'a', 'b'].map((text) => tx.query(add, [text]))),
  )
  await expect(twice).rejects.toMatchObject({ code: '23505' })
  expect(await kit.notes()).toEqual([])
})
