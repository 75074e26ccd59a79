/** A database with the kit's tables and one of the test's own, and events to send through it. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDatabase } from '@stockline/test-kit'
import { pino } from 'pino'
import type { IncomingMessage } from '../src/bus/bus.ts'
import { migrate } from '../src/database/migrate.ts'
import { openDatabase, sql, systemOrigin, type Database, type Statement } from '../src/database/transaction.ts'

export const silent = pino({ level: 'silent' })

export interface KitDatabase {
  readonly url: string
  readonly db: Database
  /** Rows of any query. */
  readonly rows: <Row>(text: string, ...values: readonly unknown[]) => Promise<Row[]>
  /** What the reactions wrote, in order. */
  readonly notes: () => Promise<string[]>
  readonly end: () => Promise<void>
}

const noteTable = `
  create table note (position bigserial primary key, text text not null, unique (text));
  create table shelf (code text primary key)`

/** Makes a database with everything migrated. */
export async function kitDatabase(service = 'kit'): Promise<KitDatabase> {
  const database = await testDatabase(`kit_${service}`)
  const { url } = database
  const folder = migrationFolder({ '20260101000000_notes': noteTable })
  await migrate(url, folder)
  rmSync(folder, { recursive: true })
  const db = openDatabase({ url, service })
  const rows = <Row>(text: string, ...values: readonly unknown[]) => db.query<Row>(sql(text), values)
  return {
    url,
    db,
    rows,
    notes: async () => (await rows<{ text: string }>('select text from note order by position')).map((row) => row.text),
    end: async () => {
      await db.close()
      await database.drop()
    },
  }
}

/** A folder of migrations: name → SQL. */
export function migrationFolder(migrations: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'stockline-migrations-'))
  for (const [name, text] of Object.entries(migrations)) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'migration.sql'), text)
  }
  return folder
}

export const writeNote: Statement = sql('insert into note (text) values ($1)')

let offset = 0n

/** A message as the bus brings it. */
export function message(value: unknown, place: Partial<IncomingMessage> = {}): IncomingMessage {
  offset += 1n
  const bytes = value instanceof Buffer ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
  return { topic: 'notes', partition: 0, offset, key: 'book', value: bytes, headers: {}, ...place }
}

/** A CloudEvent of one of our services: numbered. */
export function ours(
  text: string,
  sequence: number,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const id = `ours-${text}-${sequence}`
  const envelope = { specversion: '1.0', id, source: '/stockline/other', type: 'notes.noted.v1', subject: 'book' }
  return { ...envelope, sequence: String(sequence), data: { text }, ...more }
}

/** A CloudEvent from outside: not numbered. */
export function theirs(text: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const envelope = { specversion: '1.0', id: `theirs-${text}`, source: '/erp', type: 'notes.noted.v1', subject: 'book' }
  return { ...envelope, data: { text }, ...more }
}

/** Waits until it holds. */
export async function until(holds: () => boolean | Promise<boolean>, what = 'it', limitMs = 45_000): Promise<void> {
  const deadline = Date.now() + limitMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come true within ${limitMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

export { systemOrigin }
