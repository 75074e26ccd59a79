/** A third kind, of a service that knows no orders: documents need nothing of picking's. */
import { randomUUID } from 'node:crypto'
import { parseQuantity } from '@stockline/amounts'
import { openDatabase, sql, type Actor } from '@stockline/service-kit'
import { testDatabase } from '@stockline/test-kit'
import {
  amount,
  choice,
  headFields,
  inAnswers,
  inLists,
  list,
  nullable,
  optional,
  pointInTime,
  text,
} from '../src/declaration.ts'
import type { DocumentScope } from '../src/document.ts'
import { documentStore, type DocumentOf } from '../src/index.ts'
import { documentConformance } from './conformance.ts'

const kind = {
  one: 'adjustment',
  many: 'adjustments',
  numberType: 'ADJ',
  fields: {
    head: {
      ...headFields('WH/ADJ/00001', 'draft', 'done', 'cancelled'),
      reason: inLists(choice('count', 'damage')),
      postedAt: inAnswers(nullable(pointInTime())),
    },
    line: {
      sku: inAnswers(text()),
      counted: inAnswers(amount()),
      serials: list({ serial: inAnswers(text()), weight: optional(nullable(amount())) }),
    },
  },
  openWhile: ['draft'],
  helpedWhile: ['draft'],
  filters: ['number', 'warehouse', 'reason'],
  sorts: ['number', 'createdAt', 'status'],
} as const

type Adjustment = DocumentOf<typeof kind.fields>

const tables = [
  `create table adjustments (id uuid primary key, number text unique not null, status text not null, warehouse text not null,
    version int not null, created_at timestamptz not null, changed_at timestamptz not null, locations text[] not null,
    reason text not null, posted_at timestamptz, open boolean generated always as (status = 'draft') stored)`,
  `create table adjustment_lines (adjustment_id uuid, line int, sku text not null, counted numeric not null,
    serials jsonb not null, primary key (adjustment_id, line))`,
  `create table history (id bigserial primary key, document_id uuid not null, at timestamptz not null, actor_id text,
    actor_name text, what text not null, why text, mark text)`,
  `create table numbers (warehouse text, type text, last bigint not null, primary key (warehouse, type))`,
  `create table assigned (person text primary key, places text[] not null)`,
]

const scope: DocumentScope = {
  assignedSql: (parameter) => `coalesce((select places from assigned where person = ${parameter}), '{}')`,
  isEverywhere: () => false,
}
const assignStatement = sql('insert into assigned values ($1, $2)')

documentConformance<Adjustment>('An adjustment', async () => {
  const database = await testDatabase('adjustments')
  const db = openDatabase({ url: database.url, service: 'counting' })
  for (const table of tables) await db.query({ name: undefined, text: table })
  const store = () => documentStore({ ...kind, locationsOf: ({ warehouse }) => [warehouse] }, scope)
  const line = (number: number) => ({
    line: number,
    sku: `S${String(number)}`,
    counted: parseQuantity('1.5'),
    serials: [{ serial: 'A' }, { serial: 'B', weight: parseQuantity('0.25') }, { serial: 'C', weight: null }],
  })
  return {
    db,
    store: store(),
    elsewhere: store(),
    kind,
    draft: (warehouse) => ({
      id: randomUUID(),
      warehouse,
      status: 'draft',
      version: 1,
      createdAt: new Date('2026-04-20T08:00:00.123Z'),
      reason: 'count',
      postedAt: new Date('2026-04-20T09:00:00Z'),
      lines: [line(1), line(2), line(3)],
    }),
    changed: (document) => ({
      ...document,
      reason: 'damage',
      postedAt: null,
      lines: document.lines
        .slice(0, -1)
        .map((each) => (each.line === 1 ? { ...each, counted: parseQuantity('2') } : each)),
    }),
    assign: async (person, locations) => {
      await db.query(assignStatement, [person, locations])
    },
    person: (id) => ({ id, name: id, groups: [] }) as unknown as Actor,
    stop: async () => {
      await db.close()
      await database.drop()
    },
  }
})
