/** The embedded PostgreSQL of a running system, with the account that may do everything. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { System } from './system.ts'

/** Address of the maintenance database, from what the data folder remembers. */
export function administratorUrl(system: System): string {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(system.dataFolder, name), 'utf8'))
  const databases = read('databases.json') as { owners: Record<string, string> }
  const passwords = read('passwords.json') as Record<string, string>
  const url = new URL(databases.owners['stock'] ?? '')
  url.username = 'postgres'
  url.password = passwords['postgres'] ?? ''
  url.pathname = '/postgres'
  return url.href
}
