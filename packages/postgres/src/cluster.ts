/** A cluster: PostgreSQL's data folder. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { asAccount, give, NoPostgres, type Programs } from './programs.ts'

const run = promisify(execFile)

/** What differs between clusters. */
export interface ClusterOptions {
  /** It is made here and moved to its place when it is whole, so that a half-made one never counts. */
  readonly unfinished: string
  /** Of the account `postgres`. Without it whoever reaches the server is let in. */
  readonly password?: string
  /** Written through to the disk before it counts. */
  readonly durable: boolean
}

/**
 * Makes a cluster of UTF-8 that sorts by code points. Where another process was faster, that one's stays.
 *
 * @throws NoPostgres with what `initdb` said
 */
export async function makeCluster(programs: Programs, folder: string, options: ClusterOptions): Promise<void> {
  const { unfinished, password, durable } = options
  const passwordFile = `${unfinished}.password`
  try {
    mkdirSync(unfinished, { mode: 0o700 })
    give(unfinished, programs.account)
    if (password !== undefined) {
      writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
      give(passwordFile, programs.account)
    }
    await run(
      programs.initdb,
      [
        `--pgdata=${unfinished}`,
        '--username=postgres',
        ...(password === undefined ? ['--auth=trust'] : [`--pwfile=${passwordFile}`, '--auth=scram-sha-256']),
        ...['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
        ...(durable ? [] : ['--no-sync']),
      ],
      { ...asAccount(programs), cwd: '/' },
    )
    put(unfinished, folder)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error)
    throw new NoPostgres(`PostgreSQL's data folder ${folder} could not be made: ${said}`)
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

function put(unfinished: string, folder: string): void {
  try {
    renameSync(unfinished, folder)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
}
