import { describe, expect, test } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parse } from 'yaml'
import { serviceNames } from '../../tools/start/settings.ts'

const root = join(import.meta.dirname, '../..')
const left = new Set(['node_modules', 'generated', '.git', '.data', '.cache', 'pnpm-lock.yaml', 'LICENSE'])

/** Every file that is ours, by its path from the root. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (left.has(entry.name)) return []
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : []
  })
}

const files = filesBelow('')
const texts = new Map(files.map((path) => [path, readFileSync(join(root, path), 'utf8')]))
const code = files.filter((path) => path.endsWith('.ts'))
const production = code.filter(
  (path) => /^(services|packages)\/[^/]+\/src\//.test(path) && !path.endsWith('.test.ts') && !/test-kit/.test(path),
)
/** This file names what it looks for. */
const self = 'tests/architecture/tidiness.test.ts'

/** Places where a pattern stands: `file:line`. */
function placesOf(pattern: RegExp, among: readonly string[]): string[] {
  return among
    .filter((path) => path !== self)
    .flatMap((path) =>
      (texts.get(path) ?? '')
        .split('\n')
        .flatMap((line, at) => (pattern.test(line) ? [`${path}:${String(at + 1)}`] : [])),
    )
}

describe('names', () => {
  test('no folder is called after nothing', () => {
    const folders = new Set(
      files.flatMap((path) =>
        dirname(path)
          .split('/')
          .map((name) => [name, path] as const),
      ),
    )
    const vague = [...folders].filter(([name]) => /^(commons?|shared|utils?|core|helpers?|impl|misc|lib)$/.test(name))
    expect(vague.map(([, path]) => path)).toEqual([])
  })

  test('slices have the allowed suffixes only', () => {
    const inSlices = code.filter((path) => /^services\/[^/]+\/src\/[^/]+\//.test(path))
    const allowed = /^[a-z0-9-]+(\.[a-z0-9-]+)?(\.(test|properties\.test|actions|store|api|reactions|fields|d))?\.ts$/
    const layers = /\.(service|controller|repository|model|dto|entity|mapper|helper|util|types|interface|handler)s?\./
    expect(inSlices.filter((path) => !allowed.test(basename(path)) || layers.test(basename(path)))).toEqual([])
    // `receipt.validate.actions.ts`: what is split off names its action, in one word, before the suffix.
    expect(inSlices.filter((path) => basename(path).split('.').length > 4)).toEqual([])
  })

  test('slices are one level deep', () => {
    expect(code.filter((path) => /^services\/[^/]+\/src\/[^/]+\/[^/]+\//.test(path))).toEqual([])
  })

  test('a service has no other files beside its slices than its wiring', () => {
    const wiring = new Set(['main', 'app', 'config', 'database', 'bus', 'invariants', 'rebuild', 'reconcile'])
    // The origin has no slices: it passes requests on.
    const beside = code.filter((path) => /^services\/(?!origin\/)[^/]+\/src\/[^/]+\.ts$/.test(path))
    expect(beside.filter((path) => !wiring.has(basename(path, '.ts')))).toEqual([])
  })

  test.each([...serviceNames])('%s explains itself', (name) => {
    expect(existsSync(join(root, 'services', name, 'README.md'))).toBe(true)
  })
})

describe('code', () => {
  test('has no default exports', () => {
    expect(placesOf(/^export default\b/, code)).toEqual([])
  })

  test('has no classes but errors', () => {
    const classes = placesOf(/^\s*(export )?(abstract )?class \w+/, code)
    const errors = new Set(placesOf(/\bclass \w+ extends (\w*Error|CannotStart)\b/, code))
    expect(classes.filter((place) => !errors.has(place))).toEqual([])
  })

  test('has files of at most 330 lines, comments and blank lines aside', () => {
    const long = code
      .map((path) => [path, linesOf(texts.get(path) ?? '')] as const)
      .filter(([, lines]) => lines > 330)
      .map(([path, lines]) => `${path}: ${String(lines)}`)
    expect(long).toEqual([])
  })

  test('leaves nothing to be done later', () => {
    expect(placesOf(/\b(TODO|FIXME|XXX|HACK)\b/, files)).toEqual([])
  })

  test('says nothing to the console in services and packages', () => {
    expect(placesOf(/\bconsole\./, production)).toEqual([])
  })

  test('imports TypeScript by its real name', () => {
    expect(placesOf(/from '\.{1,2}\/[^']*(?<!\.ts|\.json)'/, code)).toEqual([])
  })

  test('measures durations by a clock that nobody sets, and asks for the time of day in one place', () => {
    const program = code.filter((path) => /^tools\/start\//.test(path) && !path.endsWith('.test.ts'))
    const allowed = new Set([
      'packages/service-kit/src/runtime/clock.ts',
      // Names of a folder and of an order: for people.
      'tools/start/postgres.cluster.ts',
      'tools/start/walkthrough.ts',
    ])
    const places = placesOf(/\bDate\.now\(|new Date\(\)/, [...production, ...program])
    expect(places.filter((place) => !allowed.has(place.replace(/:\d+$/, '')))).toEqual([])
  })

  test('says at its head what a file of the bus is for', () => {
    const ofBus = production.filter((path) => path.startsWith('packages/service-kit/src/bus/'))
    expect(ofBus.length).toBeGreaterThan(20)
    expect(ofBus.filter((path) => !(texts.get(path) ?? '').startsWith('/**'))).toEqual([])
  })

  test('keeps amounts out of floats', () => {
    expect(placesOf(/\bparseFloat\(|\.toFixed\(\d\).*(quantity|price|cost|value)/i, production)).toEqual([])
  })
})

describe('words', () => {
  test('documents name no path of somebody’s machine', () => {
    const documents = files.filter((path) => /\.(md|json|ya?ml)$/.test(path))
    expect(placesOf(/(^|[\s"'`(=])\/(work|root|tmp|home|Users)\//, documents)).toEqual([])
  })

  test('links in documents lead somewhere', () => {
    const broken = files
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) =>
        [...(texts.get(path) ?? '').matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)]
          .map((match) => join(dirname(path), match[1] ?? ''))
          .filter((target) => !existsSync(join(root, target)))
          .map((target) => `${path} → ${target}`),
      )
    expect(broken).toEqual([])
  })

  test('every dependency of the catalog has its line in docs/decisions', () => {
    const workspace = parse(texts.get('pnpm-workspace.yaml') ?? '') as { readonly catalog: Record<string, string> }
    const names = Object.keys(workspace.catalog)
    const explained = texts.get('docs/decisions/dependencies.md') ?? ''
    expect(names.length).toBeGreaterThan(20)
    expect(names.filter((name) => !new RegExp(`^\\| \`${name}\` +\\|`, 'm').test(explained))).toEqual([])
  })

  test('no two decisions have the same number', () => {
    const numbers = files.flatMap((path) => /^docs\/decisions\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1] ?? []).sort()
    expect(numbers).toEqual([...new Set(numbers)])
  })
})

/** Lines with code on them, counted as the linter counts. */
function linesOf(text: string): number {
  const bare = text.replaceAll(/\/\*[^]*?\*\//g, '')
  return bare.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length
}
