/**
 * Backups of the whole cluster, for deploy/backup and deploy/restore:
 *
 *   node tools/backup/main.ts backup FOLDER            a base backup, verified when it is made
 *   node tools/backup/main.ts verify FOLDER            reads a backup again
 *   node tools/backup/main.ts restore FOLDER [MOMENT]  makes an empty DATA_FOLDER what it was at that moment, or at the last
 *   node tools/backup/main.ts prune FOLDER KEEP        keeps the last KEEP backups below FOLDER, and the log that they need
 *
 * POSTGRES_HOST, POSTGRES_PORT, POSTGRES_USER, POSTGRES_PASSWORD (or POSTGRES_PASSWORD_FILE), DATA_FOLDER, ARCHIVE.
 */
import pg from 'pg'
import { withFiles } from '../../packages/service-kit/src/config.files.ts'
import { BackupError, takeBackup, verifyBackup } from './base-backup.ts'
import { prune } from './prune.ts'
import { restoreBackup } from './restore.ts'

const usage = 'backup FOLDER | verify FOLDER | restore FOLDER [MOMENT] | prune FOLDER KEEP'
const [command, folder, extra] = process.argv.slice(2)

const { environment, faults } = withFiles(['POSTGRES_PASSWORD'], process.env)
const variable = (name: string): string => {
  const value = environment[name]?.trim()
  if (!value) throw new BackupError(`${name} is missing.`)
  return value
}

async function backup(into: string): Promise<void> {
  const client = new pg.Client({
    host: variable('POSTGRES_HOST'),
    port: Number(environment['POSTGRES_PORT'] ?? 5432),
    user: environment['POSTGRES_USER'] ?? 'postgres',
    password: environment['POSTGRES_PASSWORD'],
    database: 'postgres',
  })
  await client.connect()
  try {
    const facts = await takeBackup({ client, dataFolder: variable('DATA_FOLDER'), archive: variable('ARCHIVE'), into })
    await verify(into)
    console.log(`${into} can be restored to any moment from ${new Date(facts.endedAt).toISOString()} on.`)
  } finally {
    await client.end()
  }
}

async function verify(from: string): Promise<void> {
  const found = await verifyBackup(from, variable('ARCHIVE'))
  if (found.length > 0) throw new BackupError(`${from} is not whole:\n  ${found.join('\n  ')}`)
  console.log(`${from} is whole: every file is what was written, and the log that belongs to it is there.`)
}

async function restore(from: string, moment: string | undefined): Promise<void> {
  const into = variable('DATA_FOLDER')
  await restoreBackup({ from, archive: variable('ARCHIVE'), into, moment: moment === '' ? undefined : moment })
  console.log(
    `${into} is ready: the server brings it to ${moment ?? 'the last moment that was archived'} at its start.`,
  )
}

try {
  if (faults.length > 0) throw new BackupError(faults.join('\n'))
  if (folder === undefined) throw new BackupError(`Usage: ${usage}`)
  if (command === 'backup') await backup(folder)
  else if (command === 'verify') await verify(folder)
  else if (command === 'restore') await restore(folder, extra)
  else if (command === 'prune') for (const line of await prune(folder, variable('ARCHIVE'), extra)) console.log(line)
  else throw new BackupError(`Usage: ${usage}`)
} catch (error) {
  console.error(error instanceof BackupError ? error.message : error)
  process.exitCode = error instanceof BackupError ? 2 : 1
}
