/** Backup and restore of all databases at one moment, on a real cluster with the whole system on it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PostgresServer, startPostgres, until } from '@stockline/test-kit'
import pg from 'pg'
import { takeBackup, verifyBackup } from '../../tools/backup/base-backup.ts'
import { prune } from '../../tools/backup/prune.ts'
import { backupsBelow, recordBackups } from '../../tools/backup/record.ts'
import { restoreBackup } from '../../tools/backup/restore.ts'
import { checkAll } from '../../tools/invariants/check.ts'
import { type Walkers, walkReceipt } from '@stockline/test-kit/load/documents'
import { linesOf, makeProducts } from '@stockline/test-kit/load/goods'
import { startSystem, type System } from '@stockline/test-kit/load/system'
import { recoveredRows } from './recovered.ts'

const databases = ['identity', 'stock', 'picking', 'valuation', 'bus'] as const
const archiveWal = join(import.meta.dirname, '../../deploy/postgres/archive-wal')

let place: string
let archive: string
let server: PostgresServer
let system: System
let walkers: Walkers
let lines: ReturnType<typeof linesOf>
const before: string[] = []
let moment = ''

const backup = () => join(place, 'backups', 'first')
const archiving = () => [
  'archive_mode=on',
  `archive_command=/bin/sh ${join(place, 'archive-wal')} "%p" "%f" ${archive}`,
  'archive_timeout=5',
]

async function connected(database: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: server.url.replace(/\/postgres$/, `/${database}`) })
  await client.connect()
  return client
}

async function withClient<T>(work: (client: pg.Client) => Promise<T>, database = 'postgres'): Promise<T> {
  const client = await connected(database)
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const walk = async (order: string): Promise<string> => (await walkReceipt(walkers, order, lines)).number
const archived = () => readdirSync(archive).filter((name) => /^[0-9A-F]{24}$/.test(name))

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'stockline-backup-'))
  archive = join(place, 'archive')
  for (const folder of [archive, join(place, 'backups')]) mkdirSync(folder)
  cpSync(archiveWal, join(place, 'archive-wal'))
  // The server runs under another account.
  for (const folder of [place, archive]) chmodSync(folder, 0o777)
  server = await startPostgres({ durable: true, settings: archiving() })
  await withClient(async (client) => {
    for (const name of databases) await client.query(`create database ${name}`)
  })
  const urls = databases.map((name) => [
    `${name.toUpperCase()}_DATABASE_URL`,
    server.url.replace(/\/postgres$/, `/${name}`),
  ])
  const environment = Object.fromEntries(urls) as Record<string, string>
  Object.assign(process.env, environment)
  system = await startSystem({ environment })
  const skus = await makeProducts(system, 2, 'backup')
  lines = linesOf(skus)
  walkers = { erp: await system.erp(), harness: await system.login('manager'), books: await system.login('manager') }
}, 180_000)

afterAll(async () => {
  await system.stop()
  await server.stop()
  await system.remove()
  for (const name of databases) Reflect.deleteProperty(process.env, `${name.toUpperCase()}_DATABASE_URL`)
  rmSync(place, { recursive: true, force: true })
})

describe('a backup of the running system', () => {
  test('is made while documents are posted, and is whole', async () => {
    before.push(await walk('BK-1'))
    const work = (async () => {
      for (let n = 2; n <= 4; n += 1) before.push(await walk(`BK-${String(n)}`))
    })()
    let stoppedAt = ''
    const facts = await withClient((client) =>
      takeBackup({
        client: askedAfter(client, /pg_backup_stop/, async () => {
          const { rows } = await client.query<{ now: string }>('select clock_timestamp()::text as now')
          stoppedAt = rows[0]!.now
        }),
        ...{ dataFolder: server.folder, archive, into: backup() },
      }),
    )
    await work
    // It can be brought to no moment before its stop was answered.
    expect(new Date(facts.endedAt).getTime()).toBeGreaterThanOrEqual(new Date(stoppedAt).getTime())
    expect(await verifyBackup(backup(), archive)).toEqual([])
    expect(Object.keys(facts.files)).toContain('backup_label')
    expect(Object.keys(facts.files).filter((path) => /^pg_wal\/|postmaster\.pid/.test(path))).toEqual([])
    before.push(await walk('BK-5'))
    const [now] = await withClient(
      async (client) => (await client.query<{ now: string }>('select now()::text as now')).rows,
    )
    moment = now!.now
    // Documents after the moment: they must be gone.
    await walk('BK-6')
    await withClient((client) => client.query('select pg_switch_wal()'))
    await until('the log is archived', () => Promise.resolve(archived().length > facts.lastSegment.length / 24))
  }, 120_000)

  test('is not made over another one, nor of a server that does not archive', async () => {
    const options = { dataFolder: server.folder, archive }
    await expect(withClient((client) => takeBackup({ ...options, client, into: backup() }))).rejects.toThrow(
      /there already: nothing is overwritten/,
    )
    const silent = await startPostgres()
    const client = new pg.Client({ connectionString: silent.url })
    await client.connect()
    const into = join(place, 'backups', 'none')
    await expect(takeBackup({ client, dataFolder: silent.folder, archive, into })).rejects.toThrow(/does not archive/)
    expect(existsSync(into)).toBe(false)
    await client.end()
    await silent.stop()
  })

  test.each<[string, () => void]>([
    ['that holds other bytes', () => writeFileSync(join(`${failing()}.part`, 'base/PG_VERSION'), '17')],
    ['that is damaged as it is written', () => truncateSync(join(`${failing()}.part`, 'base/global/pg_control'), 9)],
    ['that loses a file', () => rmSync(join(`${failing()}.part`, 'base/PG_VERSION'))],
    [
      'whose connection breaks',
      () => {
        throw new Error('the connection broke')
      },
    ],
  ])('one %s is put aside, and neither restored nor counted', async (_title, harm) => {
    const options = { dataFolder: server.folder, archive, into: failing() }
    const attempt = withClient((client) =>
      takeBackup({ ...options, client: askedAfter(client, /clock_timestamp/, harm) }),
    )
    await expect(attempt).rejects.toThrow(/is not whole|the connection broke/)
    expect([existsSync(failing()), existsSync(`${failing()}.part`), existsSync(`${failing()}.bad`)]).toEqual([
      false,
      false,
      true,
    ])
    await expect(restoreBackup({ from: `${failing()}.bad`, archive, into: join(place, 'refused') })).rejects.toThrow(
      /is a backup that failed/,
    )
    expect((await backupsBelow(join(place, 'backups'))).map(({ path }) => path)).toEqual([backup()])
    rmSync(`${failing()}.bad`, { recursive: true })
  })

  test('is told to the services, which show how old it is and how much of the log is kept', async () => {
    const shown = async (name: string): Promise<number | undefined> => {
      const port = Number(new URL(system.origin).port) + 2
      const text = await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text()
      const line = text.split('\n').find((one) => one.startsWith(`${name}{`))
      return line === undefined ? undefined : Number(line.split(' ').at(-1))
    }
    expect(await shown('stockline_backup_age_seconds')).toBeUndefined()
    const sinceEver = (await shown('stockline_archived_log_bytes'))!
    await recordBackups(join(place, 'backups'), (name) => connected(name))
    expect(await shown('stockline_backup_age_seconds')).toBeGreaterThan(0)
    expect(await shown('stockline_backup_age_seconds')).toBeLessThan(3_600)
    expect(await shown('stockline_archived_log_bytes')).toBeLessThan(sinceEver)
    expect(await shown('stockline_archived_log_bytes')).toBeGreaterThan(0)
  })

  test.each<[string, () => string, (path: string) => void, RegExp]>([
    [
      'a file that is missing',
      () => join(backup(), 'base/PG_VERSION'),
      (path) => rmSync(path),
      /PG_VERSION is missing/,
    ],
    [
      'a file cut short',
      () => join(backup(), 'base/global/pg_control'),
      (path) => truncateSync(path, 9),
      /is not what/,
    ],
    [
      'other bytes',
      () => join(backup(), 'base/PG_VERSION'),
      (path) => writeFileSync(path, '17'),
      /is not what was written/,
    ],
    ['a part of the log that is missing', firstPart, (path) => rmSync(path), /the log [0-9A-F]{24} is not in/],
  ])('%s is found, and nothing is restored from it', async (_title, harmed, harm, fault) => {
    const [path, into] = [harmed(), join(place, 'into')]
    const saved = readFileSync(path)
    harm(path)
    expect((await verifyBackup(backup(), archive)).join('\n')).toMatch(fault)
    await expect(restoreBackup({ from: backup(), archive, into })).rejects.toThrow(fault)
    expect(existsSync(into)).toBe(false)
    writeFileSync(path, saved)
    expect(await verifyBackup(backup(), archive)).toEqual([])
  })
})

const failing = () => join(place, 'backups', 'failing')

/** A client that does something after it has asked what matches. */
function askedAfter(client: pg.Client, matches: RegExp, work: () => Promise<void> | void): pg.Client {
  const query = async (text: string) => {
    const answer = await client.query(text)
    if (matches.test(text)) await work()
    return answer
  }
  return { query } as unknown as pg.Client
}

function firstPart(): string {
  const { firstSegment } = JSON.parse(readFileSync(join(backup(), 'backup.json'), 'utf8')) as { firstSegment: string }
  return join(archive, firstSegment)
}

describe('a restore', () => {
  test.each([
    ['into a folder that holds something', () => ({ into: place }), /holds something: nothing is overwritten/],
    ['to a moment before the backup', () => ({ moment: '2020-01-01T00:00:00Z' }), /take an earlier one/],
    ['to a moment without an offset', () => ({ moment: '2026-11-30 10:00' }), /its offset from UTC/],
    ['from a folder that is no backup', () => ({ from: archive }), /is no whole backup/],
  ])('%s is refused', async (_title, change, fault) => {
    const options = { from: backup(), archive, into: join(place, 'refused'), ...change() }
    await expect(restoreBackup(options)).rejects.toThrow(fault)
    expect(existsSync(join(place, 'refused'))).toBe(false)
  })

  test('brings all databases to one moment, and the system goes on from there', async () => {
    await system.stop()
    await server.stop()
    const into = join(place, 'restored')
    await restoreBackup({ from: backup(), archive, into, moment })
    server = await startPostgres({ durable: true, settings: archiving(), folder: into, port: server.port })
    await until('the recovery is over', () =>
      withClient(async (client) => {
        const { rows } = await client.query<{ over: boolean }>('select not pg_is_in_recovery() as over')
        return rows[0]!.over
      }),
    )
    await system.start()
    const manager = await system.login('manager')
    for (const number of before) {
      const { body } = await manager.get<{ items: { status: string }[] }>(
        `/picking/v1/receipts?number=${encodeURIComponent(number)}`,
      )
      expect([number, body.items[0]?.status]).toEqual([number, 'done'])
    }
    const gone = await manager.get<{ items: unknown[] }>('/picking/v1/receipts?source=BK-6')
    expect(gone.body.items).toEqual([])
    expect((await checkAll(system.dataFolder, { untilArrived: true })).violations).toEqual([])
    // It works on, and what it archives from now on stands beside what was there.
    walkers = { erp: await system.erp(), harness: manager, books: manager }
    expect(await walk('BK-7')).toMatch(/^WH\/IN\//)
    expect((await checkAll(system.dataFolder, { untilArrived: true })).violations).toEqual([])
    await withClient((client) => client.query('select pg_switch_wal()'))
    await until('a new timeline is archived', () =>
      Promise.resolve(archived().some((name) => name.startsWith('00000002'))),
    )
  }, 180_000)

  test.each([
    ['without saying which timeline', undefined, /the archive has timeline 2 \(from .*\)\. .* follow: 1 or 2\./s],
    [
      'along one that never was',
      '3',
      /"3" is no timeline that comes from the backup's, which is 1\. The archive has 2 \(from 1\)/,
    ],
    ['along no number', 'latest', /"latest" is no timeline/],
  ])('a second time from the same backup %s is refused', async (_title, timeline, fault) => {
    const into = join(place, 'refused')
    await expect(restoreBackup({ from: backup(), archive, into, timeline })).rejects.toThrow(fault)
    expect(existsSync(into)).toBe(false)
  })

  test('a second time follows the timeline that is said: with what came since the first one, or without', async () => {
    const documents = await Promise.all(
      ['1', '2'].map(async (timeline) => {
        const into = join(place, `again-${timeline}`)
        await restoreBackup({ from: backup(), archive, into, timeline })
        const again = await startPostgres({ folder: into })
        const found = await recoveredRows<{ source: string }>(again, 'picking', 'source from receipts')
        await again.stop()
        return found.map(({ source }) => source)
      }),
    )
    expect(documents.map((sources) => ['BK-6', 'BK-7'].map((source) => sources.includes(source)))).toEqual([
      [true, false],
      [false, true],
    ])
  }, 120_000)

  test('of the whole log is as easy, and old backups go with the log that nobody needs', async () => {
    const second = join(place, 'backups', 'second')
    await withClient((client) => takeBackup({ client, dataFolder: server.folder, archive, into: second }))
    const older = archived().length
    mkdirSync(`${failing()}.bad`)
    const said = await prune(join(place, 'backups'), archive, '1')
    expect(said.slice(0, 2)).toEqual([`removed ${failing()}.bad`, `removed ${backup()}`])
    expect(existsSync(backup())).toBe(false)
    expect(archived().length).toBeLessThan(older)
    expect(await verifyBackup(second, archive)).toEqual([])
    const into = join(place, 'whole')
    await restoreBackup({ from: second, archive, into })
    const whole = await startPostgres({ folder: into })
    const [row] = await recoveredRows<{ n: number }>(
      whole,
      'stock',
      'count(*)::int as n from postings where position is not null',
    )
    expect(row?.n).toBeGreaterThanOrEqual(before.length + 1)
    await whole.stop()
    await expect(prune(join(place, 'backups'), archive, '0')).rejects.toThrow(/1 or more/)
  }, 90_000)
})
