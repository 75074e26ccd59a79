/** Brings the embedded PostgreSQL up on the data folder, and keeps it up. */
import { z } from 'zod'
import { findPrograms, lastLines, makeCluster, postgresAccount } from '@stockline/postgres'
import { cannotStart, orCannotStart } from './account.ts'
import { type DataFolder, recall, remember } from './data-folder.ts'
import { faultCode } from './fault-code.ts'
import { logOf } from './log-files.ts'
import { clearRemains, inspectCluster, ownCluster, unfinished } from './postgres.cluster.ts'
import { embeddedUrl, ensureDatabases, isReady, type Passwords, readerOf, spawnServer } from './postgres.server.ts'
import type { DatabaseUrls } from './services.ts'
import { CannotStart, type DatabaseName, databaseNames, freshSecret, type Settings } from './settings.ts'
import { type Supervised, supervise } from './supervisor.ts'

/** What it needs of the system that is being started. */
export interface Surroundings {
  readonly settings: Settings
  readonly folder: DataFolder
  readonly say: (line: string) => void
  readonly running: Supervised[]
  readonly note: (name: string, pid: number | undefined) => void
}

const startPatienceMs = 60_000
const passwordsFile = 'passwords.json'
const passwordsShape = z.record(z.string(), z.string())

/** Starts the server, makes what is missing, and resolves with the address of each database. */
export async function startEmbeddedPostgres(
  surroundings: Surroundings,
  names: readonly DatabaseName[],
): Promise<DatabaseUrls> {
  const { folder, settings, say } = surroundings
  const programs = orCannotStart(() => findPrograms(folder.file('.'), postgresAccount()))
  const state = inspectCluster(folder, say)
  const passwords = knownPasswords(folder, state === 'whole')
  if (state === 'absent') {
    say('making the databases')
    const options = { unfinished: unfinished(folder), password: passwords['postgres'] ?? '', durable: true }
    await makeCluster(programs, folder.cluster, options).catch(cannotStart)
  } else {
    ownCluster(programs, folder)
  }
  const port = settings.ports.postgres
  const log = logOf(folder, 'postgres')
  const admin = embeddedUrl(folder, 'postgres', passwords['postgres'] ?? '', port, 'postgres')
  const server = keepServer(surroundings, () => spawnServer(programs, folder, port, log))
  const child = server.running()
  if (child === undefined || !(await isReady(folder, child, startPatienceMs)))
    throw new CannotStart(`PostgreSQL does not start. The end of its log ${log}:\n${lastLines(log, 8).join('\n')}`)
  await ensureDatabases(admin, names, passwords).catch(notLetIn)
  const urls = (account: (name: DatabaseName) => string): DatabaseUrls =>
    Object.fromEntries(
      names.map((name) => [name, embeddedUrl(folder, account(name), passwords[account(name)] ?? '', port, name)]),
    )
  // For tools that look into the databases while the system runs.
  remember(folder, 'databases.json', { owners: urls((name) => name), readers: urls(readerOf) })
  say(`PostgreSQL runs on 127.0.0.1:${port}`)
  return urls((name) => name)
}

function knownPasswords(folder: DataFolder, mustBeKnown: boolean): Passwords {
  const known = recall(folder, passwordsFile, passwordsShape)
  if (known === undefined && mustBeKnown) {
    throw new CannotStart(
      `${folder.file(passwordsFile)} is missing, and without it the databases in ${folder.cluster} cannot be opened. ` +
        'Put it back from a backup of the data folder.',
    )
  }
  const accounts = ['postgres', ...databaseNames, ...databaseNames.map(readerOf)]
  const all = Object.fromEntries(accounts.map((name) => [name, known?.[name] ?? freshSecret()]))
  remember(folder, passwordsFile, all)
  return all
}

function keepServer(surroundings: Surroundings, spawn: () => ReturnType<typeof spawnServer>): Supervised {
  const { folder, say, note } = surroundings
  let lives = 0
  const server = supervise({
    name: 'PostgreSQL',
    spawn,
    say,
    // A killed server's children may live on for a moment and hold its memory.
    beforeRestart: async () => {
      await clearRemains(folder, 2_000)
    },
    onSpawn: (child) => {
      note('PostgreSQL', child.pid)
      lives += 1
      if (lives === 1) return
      const since = performance.now()
      void isReady(folder, child, startPatienceMs).then((well) => {
        if (well) say(`PostgreSQL answers again after ${((performance.now() - since) / 1_000).toFixed(1)} s`)
      })
    },
  })
  surroundings.running.push(server)
  return server
}

function notLetIn(error: unknown): never {
  if (faultCode(error)?.startsWith('28') !== true) throw error
  throw new CannotStart(
    `PostgreSQL does not let us in (${error instanceof Error ? error.message : String(error)}): its data folder and ` +
      'passwords.json beside it do not belong together. Put both back from the same backup.',
  )
}
