/** The other checkout: an installed folder, or a git revision that is laid out and installed here. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { UsageError } from './options.ts'

/** A checkout that can be started. */
export interface Checkout {
  readonly root: string
  /** What it is called in the output: the folder, or the revision's short name. */
  readonly name: string
}

const startProgram = 'tools/start/main.ts'

/**
 * A folder with a checkout in it is one; anything else is taken for a git revision of this repository.
 *
 * @param from the folder that relative paths begin in
 * @throws UsageError when it is neither, or the folder's dependencies are not installed
 */
export function checkoutOf(against: string, root: string, from: string): Checkout {
  const folder = resolve(from, against)
  if (existsSync(join(folder, startProgram))) {
    if (existsSync(join(folder, 'node_modules/.bin'))) return { root: folder, name: against }
    throw new UsageError(`${folder} is a checkout, but its dependencies are not installed: run pnpm install there.`)
  }
  return laidOut(revisionOf(against, root), root)
}

function revisionOf(against: string, root: string): string {
  const git = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${against}^{commit}`]
  const found = spawnSync('git', git, { cwd: root, encoding: 'utf8' })
  const revision = found.status === 0 ? found.stdout.trim() : ''
  if (!/^[0-9a-f]{40,64}$/.test(revision))
    throw new UsageError(`--against ${against}: neither a folder with ${startProgram} in it, nor a git revision here.`)
  return revision
}

/** Lays a revision out under `.cache/bench/`, once, with dependencies of its own. */
function laidOut(revision: string, root: string): Checkout {
  const name = revision.slice(0, 12)
  const folder = join(root, '.cache/bench', name)
  const finished = join(folder, '.installed')
  if (!existsSync(finished)) {
    console.log(`laying ${name} out in .cache/bench/, with its own dependencies …`)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    const limit = 1024 * 1024 * 1024
    const archive = execFileSync('git', ['archive', '--format=tar', revision], { cwd: root, maxBuffer: limit })
    execFileSync('tar', ['-x', '-C', folder], { input: archive })
    if (!existsSync(join(folder, startProgram))) throw new UsageError(`The revision ${name} has no ${startProgram}.`)
    install(folder)
    writeFileSync(finished, revision)
  }
  return { root: folder, name }
}

/** By the pnpm that runs us, if one does. */
function install(folder: string): void {
  const running = process.env['npm_execpath']
  const byOurs = running !== undefined && /pnpm\.[cm]?js$/.test(running)
  const program = byOurs ? process.execPath : 'npx'
  const before = byOurs ? [running] : ['-y', 'pnpm@10']
  const done = spawnSync(program, [...before, 'install', '--frozen-lockfile'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, CI: 'true' },
  })
  if (done.status !== 0) throw new Error(`pnpm install in ${folder} failed:\n${done.stdout}\n${done.stderr}`)
}
