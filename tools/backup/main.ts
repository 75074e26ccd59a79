/**
 * Backups of the whole cluster, for deploy/backup and deploy/restore:
 *
 *   node tools/backup/main.ts backup FOLDER            a base backup, verified when it is made; one that fails is FOLDER.bad
 *   node tools/backup/main.ts verify FOLDER            reads a backup again
 *   node tools/backup/main.ts restore FOLDER [MOMENT [TIMELINE]]  makes an empty DATA_FOLDER what it was at that moment, or at the last
 *   node tools/backup/main.ts prune FOLDER KEEP        keeps the last KEEP backups below FOLDER, and the log that they need
 *
 * After a backup and a prune, what is kept is recorded in the services' databases.
 *
 * POSTGRES_HOST, POSTGRES_PORT, POSTGRES_USER, POSTGRES_PASSWORD (or POSTGRES_PASSWORD_FILE), DATA_FOLDER, ARCHIVE.
 */
import { dirname } from 'node:path'
import pg from 'pg'
import { withFiles } from '../../packages/service-kit/src/runtime/config.files.ts'
import { BackupError, mustBeWhole, takeBackup } from './base-backup.ts'
import { prune } from './prune.ts'
import { recordBackups } from './record.ts'
import { restoreBackup } from './restore.ts'

const usage = 'backup FOLDER | verify FOLDER | restore FOLDER [MOMENT [TIMELINE]] | prune FOLDER KEEP'
const [command, folder, extra, timeline] = process.argv.slice(2)

const { environment, faults } = withFiles(['POSTGRES_PASSWORD'], process.env)
const variable = (name: string): string => {
  const value = environment[name]?.trim()
  if (!value) throw new BackupError(`${name} is missing.`)
  return value
}

async function connect(database: string): Promise<pg.Client> {
  const client = new pg.Client({
    host: variable('POSTGRES_HOST'),
    port: Number(environment['POSTGRES_PORT'] ?? 5432),
    user: environment['POSTGRES_USER'] ?? 'postgres',
    password: environment['POSTGRES_PASSWORD'],
    database,
  })
  await client.connect()
  return client
}

async function backup(into: string): Promise<void> {
  const client = await connect('postgres')
  try {
    const facts = await takeBackup({ client, dataFolder: variable('DATA_FOLDER'), archive: variable('ARCHIVE'), into })
    await recordBackups(dirname(into), connect)
    console.log(`${into} is whole: every file is what was written, and the log that belongs to it is there.`)
    console.log(`${into} can be restored to any moment from ${new Date(facts.endedAt).toISOString()} on.`)
  } finally {
    await client.end()
  }
}

async function verify(from: string): Promise<void> {
  await mustBeWhole(from, variable('ARCHIVE'))
  console.log(`${from} is whole: every file is what was written, and the log that belongs to it is there.`)
}

async function restore(from: string, moment: string | undefined): Promise<void> {
  const into = variable('DATA_FOLDER')
  const given = { moment: moment === '' ? undefined : moment, timeline: timeline === '' ? undefined : timeline }
  await restoreBackup({ from, archive: variable('ARCHIVE'), into, ...given })
  console.log(
    `${into} is ready: the server brings it to ${given.moment ?? 'the last moment that was archived'} at its start.`,
  )
}

async function pruneAndTell(below: string): Promise<void> {
  for (const line of await prune(below, variable('ARCHIVE'), extra)) console.log(line)
  await recordBackups(below, connect)
}

try {
  if (faults.length > 0) throw new BackupError(faults.join('\n'))
  if (folder === undefined) throw new BackupError(`Usage: ${usage}`)
  if (command === 'backup') await backup(folder)
  else if (command === 'verify') await verify(folder)
  else if (command === 'restore') await restore(folder, extra)
  else if (command === 'prune') await pruneAndTell(folder)
  else throw new BackupError(`Usage: ${usage}`)
} catch (error) {
  console.error(error instanceof BackupError ? error.message : error)
  process.exitCode = error instanceof BackupError ? 2 : 1
}
