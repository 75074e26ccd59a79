/**
 * Runs tests of rules on changed files, many changes in one process. The tests run by Jest's own circus and expect; what Jest does
 * around them, a process and a world of modules for each file, is left out: rules need neither. A process of `runs.ts`.
 */
import { getState, resetState, run, setState } from 'jest-circus'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Watched } from './runner.watch.ts'

/** Files as texts, by path from the root: what is run, whatever happens to the files meanwhile. The first message. */
export interface Start {
  readonly root: string
  readonly tree: readonly (readonly [path: string, text: string])[]
}

/** One change, and what to run on it. */
export interface Run {
  /** The changed file; null where nothing is changed. */
  readonly changed: { readonly path: string; readonly text: string } | null
  /** Loaded anew. */
  readonly files: readonly string[]
  /** Run in this order, until one fails. */
  readonly tests: readonly string[]
}

/** How many tests of a file passed, and how many were left out. */
export interface Passed {
  readonly passed: number
  readonly skipped: number
}

/** A file of tests begins, has passed, or all have ended: with the one that failed, if any did. */
export type Report =
  | { readonly begins: string }
  | { readonly hasPassed: string; readonly counts: Passed }
  | { readonly ended: true; readonly failed: string | null }

let root = ''
let tree: ReadonlyMap<string, string> = new Map()
let current: Run = { changed: null, files: [], tests: [] }
let anew = new Set<string>()
/** Tells the modules of one run from those of the one before. */
let runs = 0
const stripped = new Map<string, string>()
/** Waiting included; and the processor's time alone. */
const longestTestMs = 600_000
const longestCpuMs = 40_000
const begun = new Int32Array(new SharedArrayBuffer(4))
const watched: Watched = { begun, longestMs: longestCpuMs }
new Worker(new URL('runner.watch.ts', import.meta.url), { workerData: watched }).unref()

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@jest/globals')
      return { url: new URL('globals.ts', import.meta.url).href, format: 'module', shortCircuit: true }
    const found = next(specifier, context)
    return anew.has(pathOf(found.url)) ? { ...found, url: `${found.url}?${String(runs)}` } : found
  },
  load(url, context, next) {
    const path = pathOf(url)
    const { changed } = current
    if (path === changed?.path)
      return { format: 'module', source: stripTypeScriptTypes(changed.text), shortCircuit: true }
    const text = tree.get(path)
    if (text === undefined) return next(url, context)
    const source = stripped.get(path) ?? stripTypeScriptTypes(text)
    stripped.set(path, source)
    return { format: 'module', source, shortCircuit: true }
  },
})

function pathOf(url: string): string {
  return url.startsWith('file:') ? relative(root, fileURLToPath(url)) : url
}

process.on('message', (message: Start | Run) => {
  if ('root' in message) {
    root = message.root
    tree = new Map(message.tree)
  } else void runAll(message)
})

async function runAll(asked: Run): Promise<void> {
  current = asked
  anew = new Set(asked.files)
  runs += 1
  for (const test of asked.tests) {
    Atomics.add(begun, 0, 1)
    report({ begins: test })
    const counts = await passes(test)
    if (counts === undefined) {
      report({ ended: true, failed: test })
      return
    }
    report({ hasPassed: test, counts })
  }
  report({ ended: true, failed: null })
}

/** Undefined where a test fails, or the file cannot be run. */
async function passes(test: string): Promise<Passed | undefined> {
  resetState()
  setState({ ...getState(), testTimeout: longestTestMs })
  try {
    await import(pathToFileURL(join(root, test)).href)
    const { testResults, unhandledErrors } = await run()
    if (unhandledErrors.length > 0 || testResults.some(({ errors }) => errors.length > 0)) return undefined
    const passed = testResults.filter(({ status }) => status === 'done').length
    return { passed, skipped: testResults.length - passed }
  } catch {
    return undefined
  }
}

function report(what: Report): void {
  process.send?.(what)
}
