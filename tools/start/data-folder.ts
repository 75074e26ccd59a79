/** The data folder: checks that it can be used, locks it for one `start` at a time, and stores small files in it. */
import { randomUUID } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { SystemAccount } from '@stockline/postgres'
import { impassable, makePassable } from './account.ts'
import { faultCode } from './fault-code.ts'
import { markOf, type ProcessMark, stillRuns } from './process-table.ts'
import { CannotStart } from './settings.ts'

/** Places within the data folder. */
export interface DataFolder {
  readonly path: string
  readonly cluster: string
  readonly logs: string
  readonly file: (name: string) => string
}

/** Makes the folder if need be, and checks that we can write it and PostgreSQL's account can pass it. */
export function openDataFolder(
  path: string,
  account: SystemAccount | undefined,
  say: (line: string) => void,
): DataFolder {
  try {
    const made = mkdirSync(path, { recursive: true, mode: 0o711 })
    if (account !== undefined && made !== undefined) openUp(path, made)
    // The real path: processes are recognized by the folder they stand in.
    const real = realpathSync(path)
    if (account !== undefined) makePassable(impassable(real, account), account, say)
    tryWriting(real)
    mkdirSync(join(real, 'logs'), { recursive: true })
    tryWriting(join(real, 'logs'))
    const file = (name: string): string => join(real, name)
    return { path: real, cluster: file('postgres'), logs: file('logs'), file }
  } catch (error) {
    throw error instanceof CannotStart ? error : new CannotStart(whyUnusable(path, error))
  }
}

function tryWriting(folder: string): void {
  const probe = join(folder, `.probe-${process.pid}`)
  writeFileSync(probe, '')
  rmSync(probe)
}

/** Makes new folders of ours passable, whatever the umask is. */
function openUp(path: string, outermost: string): void {
  for (let at = path; at.length >= outermost.length; at = dirname(at)) chmodSync(at, 0o711)
}

function whyUnusable(path: string, error: unknown): string {
  const code = faultCode(error)
  const cure = 'Set DATA_DIR to a folder that this account can write.'
  const obstacle = firstObstacle(path)
  if (code === 'EACCES' || code === 'EPERM') {
    return `The data folder ${path} cannot be used: ${obstacle} may not be ${obstacle === path ? 'written' : 'passed or written'} by this account. ${cure}`
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return `The data folder ${path} cannot be used: ${obstacle} is a file, not a folder. ${cure}`
  }
  if (code === 'EROFS') return `The data folder ${path} cannot be used: it lies on a read-only disk. ${cure}`
  if (code === 'ENOSPC') return `The data folder ${path} cannot be used: the disk is full.`
  return `The data folder ${path} cannot be used: ${error instanceof Error ? error.message : String(error)}. ${cure}`
}

/** The outermost folder on the way that stops us, or is none. */
function firstObstacle(path: string): string {
  const way = [path]
  for (let at = path; dirname(at) !== at; at = dirname(at)) way.unshift(dirname(at))
  let last = '/'
  for (const at of way) {
    try {
      if (!statSync(at).isDirectory()) return at
      accessSync(at, constants.X_OK)
      last = at
    } catch (error) {
      return faultCode(error) === 'ENOENT' ? last : at
    }
  }
  return path
}

const markShape = z.object({ pid: z.number(), began: z.string() })
const lockShape = z.object({ start: markShape, children: z.record(z.string(), markShape) })

/** A process that a killed `start` left behind. */
export interface Remnant extends ProcessMark {
  readonly name: string
}

/** Holds the folder for one `start`, and keeps a list of its processes for the next one to clean up. */
export interface Hold {
  /** Processes of an earlier `start` that was killed, and that still run. */
  readonly remains: readonly Remnant[]
  /** Notes the process that now bears this name. */
  readonly note: (name: string, pid: number | undefined) => void
  readonly release: () => void
}

/** Locks the folder. Throws CannotStart where another `start` has it. */
export function hold(folder: DataFolder): Hold {
  const file = folder.file('start.lock')
  const me = markOf(process.pid)
  if (me === undefined) throw new Error('this process does not see itself')
  const remains = take(file, me, folder.path)
  const children: Record<string, ProcessMark> = {}
  for (const { name, ...mark } of remains) children[`${name} of earlier`] = mark
  const write = (): void => replaceFile(file, JSON.stringify({ start: me, children }), 0o644)
  write()
  return {
    remains,
    note: (name, pid) => {
      const mark = pid === undefined ? undefined : markOf(pid)
      if (mark === undefined) return
      for (const [earlier, old] of Object.entries(children))
        if (!stillRuns(old)) Reflect.deleteProperty(children, earlier)
      children[name] = mark
      write()
    },
    release: () => rmSync(file, { force: true }),
  }
}

function take(file: string, me: ProcessMark, path: string): Remnant[] {
  for (;;) {
    try {
      writeFileSync(file, JSON.stringify({ start: me, children: {} }), { flag: 'wx' })
      return []
    } catch (error) {
      if (faultCode(error) !== 'EEXIST') throw new CannotStart(whyUnusable(path, error))
    }
    const found = readLock(file)
    if (found !== undefined && stillRuns(found.start)) throw alreadyRunning(path, found.start.pid)
    // Whoever moves the old lock away has the folder; another start that tries at this moment finds it gone.
    const old = `${file}.${randomUUID()}`
    try {
      renameSync(file, old)
      writeFileSync(file, JSON.stringify({ start: me, children: {} }), { flag: 'wx' })
    } catch {
      continue
    }
    const moved = readLock(old)
    rmSync(old, { force: true })
    if (moved !== undefined && stillRuns(moved.start)) throw alreadyRunning(path, moved.start.pid)
    const children = Object.entries(moved?.children ?? {})
    return children.map(([name, mark]) => ({ name, ...mark })).filter(stillRuns)
  }
}

function alreadyRunning(path: string, pid: number): CannotStart {
  return new CannotStart(
    `Stockline already runs on the data folder ${path} (process ${pid}). Stop it first, ` +
      'or start a second one beside it with another DATA_DIR and another PORT.',
  )
}

function readLock(file: string): z.infer<typeof lockShape> | undefined {
  try {
    return lockShape.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}

/** Writes a file whole or not at all, and durably. */
function replaceFile(file: string, content: string, mode: number): void {
  const partial = `${file}.${process.pid}.partial`
  const handle = openSync(partial, 'w', mode)
  try {
    writeFileSync(handle, content)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  chmodSync(partial, mode)
  renameSync(partial, file)
}

/** Reads what was stored under this name; undefined when nothing was. */
export function recall<T>(folder: DataFolder, name: string, shape: z.ZodType<T>): T | undefined {
  let text: string
  try {
    text = readFileSync(folder.file(name), 'utf8')
  } catch (error) {
    if (faultCode(error) === 'ENOENT') return undefined
    throw new CannotStart(`${folder.file(name)} cannot be read: ${String(faultCode(error))}.`)
  }
  try {
    return shape.parse(JSON.parse(text))
  } catch {
    throw new CannotStart(`${folder.file(name)} is damaged. Put it back from a backup of the data folder.`)
  }
}

/** Stores a value for the next start, readable by our account only. */
export function remember(folder: DataFolder, name: string, value: unknown): void {
  replaceFile(folder.file(name), `${JSON.stringify(value, null, 2)}\n`, 0o600)
}
