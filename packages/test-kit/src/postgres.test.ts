import { afterAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { startPostgres, testDatabase } from './index.ts'

const server = await startPostgres()
afterAll(() => server.stop())

async function ask(url: string, query: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(query)).rows
  } finally {
    await client.end()
  }
}

test('each test database is empty and apart from the others', async () => {
  const [one, two] = await Promise.all([testDatabase('one'), testDatabase('two')])
  await ask(one.url, 'create table thing (id int)')
  expect(await ask(two.url, `select to_regclass('thing') as thing`)).toEqual([{ thing: null }])
  await Promise.all([one.drop(), two.drop()])
  await expect(ask(one.url, 'select 1')).rejects.toThrow(/does not exist/)
})

test('a server that is killed comes back on the same port with its data', async () => {
  await ask(server.url, 'create table kept as select 1 as id')
  await server.kill()
  await expect(ask(server.url, 'select 1')).rejects.toThrow()
  await server.restart()
  expect(await ask(server.url, 'select id from kept')).toEqual([{ id: 1 }])
})
