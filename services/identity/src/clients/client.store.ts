import { sql } from '@stockline/service-kit'
import type { Client as ClientRow } from '../generated/client.ts'
import type { Database, Tx } from '../database.ts'
import type { Client } from './client.ts'

/** A client with what its secret is checked against. */
export interface ClientWithHash extends Client {
  readonly secretHash: string
}

const lock = sql('select id from clients where id = $1 for update')

export async function findClientWithHash(db: Database | Tx, id: string): Promise<ClientWithHash | null> {
  const row = await db.prisma.client.findUnique({ where: { id } })
  return row === null ? null : { ...clientOf(row), secretHash: row.secretHash }
}

export async function findClient(db: Database | Tx, id: string): Promise<Client | null> {
  const row = await db.prisma.client.findUnique({ where: { id } })
  return row === null ? null : clientOf(row)
}

/** The client, its row locked. */
export async function lockClient(tx: Tx, id: string): Promise<Client | null> {
  await tx.query(lock, [id])
  return findClient(tx, id)
}

/** By id; one more than the limit. */
export async function findClients(db: Database, after: string | undefined, limit: number): Promise<Client[]> {
  const rows = await db.prisma.client.findMany({
    ...(after === undefined ? {} : { where: { id: { gt: after } } }),
    orderBy: { id: 'asc' },
    take: limit + 1,
  })
  return rows.map(clientOf)
}

/** False when the id is taken. */
export async function insertClient(tx: Tx, client: Client, secretHash: string): Promise<boolean> {
  const { count } = await tx.prisma.client.createMany({
    data: { ...client, ...listsOf(client), secretHash, changedAt: tx.now },
    skipDuplicates: true,
  })
  return count === 1
}

export async function updateClient(tx: Tx, client: Client): Promise<void> {
  const { id, name, active, version } = client
  await tx.prisma.client.updateMany({
    where: { id },
    data: { name, active, version, ...listsOf(client), changedAt: tx.now },
  })
}

export async function updateSecretHash(tx: Tx, id: string, secretHash: string): Promise<void> {
  await tx.prisma.client.updateMany({ where: { id }, data: { secretHash, changedAt: tx.now } })
}

function clientOf(row: ClientRow): Client {
  const { id, name, active, version, createdAt } = row
  const sources = row.sources.length === 0 ? null : row.sources
  return { id, name, active, version, createdAt, scopes: row.scopes, sources }
}

function listsOf({ scopes, sources }: Client): { readonly scopes: string[]; readonly sources: string[] } {
  return { scopes: [...scopes], sources: [...(sources ?? [])] }
}
