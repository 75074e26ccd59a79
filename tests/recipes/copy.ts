/** A copy of the tree in which recipes are followed, and the project's own programs run in it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const copied = [
  'ARCHITECTURE.md',
  'package.json',
  'jest.config.js',
  'tsconfig.json',
  'docs',
  'packages',
  'services',
  'tests',
  'tools',
]

/** See {@link copyOfTree}. */
export interface Copy {
  readonly root: string
  /** Runs a program of the tree. Resolves with what it said where it failed, and with nothing where it did not. */
  run(program: string, args: readonly string[], patienceMs: number): Promise<string>
  remove(): void
}

/** Copies the sources. Installed dependencies are linked; packages of the workspace are those of the copy. */
export function copyOfTree(): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'stockline-recipes-'))
  for (const name of copied)
    cpSync(join(root, name), join(folder, name), {
      recursive: true,
      // Links between packages are relative: in the copy they lead to the copy.
      verbatimSymlinks: true,
      filter: (path) => !/\/(\.cache|\.bin|\.data)$/.test(path),
    })
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name === '@stockline')
      cpSync(join(root, 'node_modules', name), join(modules, name), { recursive: true, verbatimSymlinks: true })
    else symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  return {
    root: folder,
    run: (program, args, patienceMs) => run(folder, program, args, patienceMs),
    remove: () => {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function run(folder: string, program: string, args: readonly string[], patienceMs: number): Promise<string> {
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
  const child = spawn(process.execPath, [...flags, join(folder, program), ...args], {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: patienceMs,
    killSignal: 'SIGKILL',
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (code === 0) return ''
  const ended = signal === null ? `code ${String(code)}` : `${signal} after ${String(patienceMs / 1000)} s at most`
  return `${program} ${args.join(' ')} ended with ${ended}:\n${said}`
}
