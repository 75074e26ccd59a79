import { afterAll, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const configFile = join(root, '.dependency-cruiser.cjs')
const config = createRequire(import.meta.url)(configFile) as {
  readonly forbidden: readonly { readonly name: string }[]
}
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')

const folders = ['packages', 'services', 'tools', 'tests']

/** A file that nobody may find fault with, for others to import. */
const innocent = {
  'packages/amounts/src/index.ts': `import { digits } from './quantity.ts'\nexport const amounts = digits\n`,
  'packages/amounts/src/quantity.ts': `export const digits = 6\n`,
  'packages/scans/src/index.ts': `import { digits } from './elements.ts'\nexport const scans = digits\n`,
  'packages/scans/src/elements.ts': `export const digits = 14\n`,
  'packages/contracts/src/index.ts': `import { amounts } from '../../amounts/src/index.ts'\nexport const contracts = amounts\n`,
  'packages/contracts/src/envelope.ts': `import { z } from 'zod'\nexport const envelope = z\n`,
  'packages/documents/src/fields.ts': `import { contracts } from '../../contracts/src/index.ts'\nexport const text = contracts\n`,
  'packages/documents/src/declaration.ts': `export { text } from './fields.ts'\n`,
  'packages/documents/src/store.ts': `import { kit } from '../../service-kit/src/index.ts'\nimport { text } from './declaration.ts'\nexport const documents = [kit, text]\n`,
  'packages/service-kit/src/index.ts': `import { refuse } from './refusal.ts'\nimport { service } from './process/service.ts'\nimport { envelope } from '../../contracts/src/envelope.ts'\nimport kafka from 'kafkajs'\nexport const kit = [refuse, service, envelope, kafka]\n`,
  'packages/service-kit/src/process/service.ts': `import { value } from '../values/json.ts'\nexport const service = value\n`,
  'packages/service-kit/src/values/json.ts': `export const value = 1\n`,
  'packages/service-kit/src/refusal.ts': `export const refuse = 1\n`,
  'packages/test-kit/src/index.ts': `import { kit } from '../../service-kit/src/index.ts'\nexport const testKit = kit\n`,
  'services/stock/src/generated/client.ts': `export const client = 1\n`,
  'services/stock/src/database.ts': `import { client } from './generated/client.ts'\nexport const database = client\n`,
  'services/stock/src/lots/lot.fields.ts': `import { text } from '../../../../packages/documents/src/declaration.ts'\nexport const lotFields = text\n`,
  'services/stock/src/lots/lot.ts': `import { lotFields } from './lot.fields.ts'\nimport { text } from '../../../../packages/documents/src/declaration.ts'\nimport { amounts } from '../../../../packages/amounts/src/index.ts'\nimport { scans } from '../../../../packages/scans/src/index.ts'\nimport { refuse } from '../../../../packages/service-kit/src/refusal.ts'\nexport const lot = [lotFields, text, amounts, scans, refuse]\n`,
  'services/stock/src/lots/lot.store.ts': `import { client } from '../generated/client.ts'\nexport const store = client\n`,
  'services/stock/src/lots/lot.actions.ts': `import { lot } from './lot.ts'\nimport { store } from './lot.store.ts'\nimport { documents } from '../../../../packages/documents/src/store.ts'\nexport const actions = [lot, store, documents]\n`,
  'services/stock/src/units/unit.actions.ts': `import { actions } from '../lots/lot.actions.ts'\nexport const unit = actions\n`,
  'services/stock/src/main.ts': `import './units/unit.actions.ts'\nimport './database.ts'\n`,
  'tools/bench/main.ts': `export const bench = 1\n`,
  'tests/walks.ts': `export const walks = 1\n`,
  'tests/walks.test.ts': `import './walks.ts'\n`,
  'services/stock/test/lots.test.ts': `import '../src/lots/lot.actions.ts'\nimport '../../../packages/test-kit/src/index.ts'\nimport '@jest/globals'\n`,
}

/** Folders of the kit in which nothing of its top, the process, may be imported. */
const kitFolders = [
  'values',
  'runtime',
  'database',
  'bus',
  'bus/embedded',
  'bus/kafka',
  'http',
  'messaging',
  'messaging/history',
]

/** For each rule, the files that break it. */
const planted: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...Object.fromEntries(
    kitFolders.map((folder) => [
      `kit-${folder.replace('/', '-')}-imports-what-is-below`,
      {
        [`packages/service-kit/src/${folder}/upwards.ts`]: `import '${'../'.repeat(folder.split('/').length)}process/service.ts'\n`,
      },
    ]),
  ),
  'rules-are-pure': { 'services/stock/src/units/clock.ts': `import 'node:fs'\n` },
  'rules-ask-no-action': { 'services/stock/src/units/unit.ts': `import '../lots/lot.actions.ts'\n` },
  'rule-tests-start-nothing': {
    'services/stock/src/lots/lot.test.ts': `import '../../../../packages/test-kit/src/index.ts'\n`,
  },
  'services-do-not-import-each-other': {
    'services/picking/src/orders/order.actions.ts': `import '../../../stock/src/lots/lot.actions.ts'\n`,
  },
  'another-slices-insides-are-private': {
    'services/stock/src/units/unit.reactions.ts': `import '../lots/lot.store.ts'\n`,
  },
  'only-stores-see-prisma': { 'services/stock/src/lots/lot.api.ts': `import '@prisma/client'\n` },
  'contracts-stand-alone': { 'packages/contracts/src/stock.ts': `import '../../service-kit/src/refusal.ts'\n` },
  'amounts-stand-alone': { 'packages/amounts/src/money.ts': `import 'zod'\n` },
  'fields-are-declarations': {
    'services/stock/src/lots/serial.fields.ts': `import './lot.store.ts'\n`,
  },
  'declarations-are-pure': { 'packages/documents/src/document.ts': `import './store.ts'\n` },
  'documents-know-no-service': {
    'packages/documents/src/history.ts': `import '../../../services/stock/src/lots/lot.ts'\n`,
  },
  'scans-stand-alone': { 'packages/scans/src/read-code.ts': `import 'node:buffer'\n` },
  'the-kit-knows-no-domain': { 'packages/service-kit/src/bus/bus.ts': `import '../../../contracts/src/index.ts'\n` },
  'only-the-kit-sees-kafkajs': { 'services/stock/src/lots/lot.relay.actions.ts': `import 'kafkajs'\n` },
  'tools-know-no-tests': { 'tools/seed/main.ts': `import '../../tests/walks.ts'\n` },
  'services-have-no-benchmarks': { 'services/stock/test/speed.test.ts': `import '../../../tools/bench/main.ts'\n` },
  'no-cycles': {
    'services/stock/src/lots/one.actions.ts': `import './other.actions.ts'\n`,
    'services/stock/src/lots/other.actions.ts': `import './one.actions.ts'\n`,
  },
  'no-orphans': { 'services/stock/src/lots/forgotten.ts': `export const forgotten = 1\n` },
  'no-test-code-in-production': {
    'services/stock/src/lots/lot.search.actions.ts': `import '../../../../packages/test-kit/src/index.ts'\n`,
  },
}

interface Finding {
  readonly rule: { readonly name: string }
  readonly from: string
  readonly to: string
}

/** Folders made here, all outside of the repository. */
const made: string[] = []
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

describe('the import rules', () => {
  test('nothing here breaks them', async () => {
    const found = await cruise(root, folders)
    expect(found.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([])
  })

  test('a tree that keeps them is let pass, with every kind of file in it', async () => {
    expect(await cruise(tree(innocent), folders)).toEqual([])
  })

  test('each has a planted violation', () => {
    expect(config.forbidden.map(({ name }) => name).sort()).toEqual(Object.keys(planted).sort())
  })

  test('each fires on its planted violation, and no other one there', async () => {
    const files = Object.assign({}, innocent, ...Object.values(planted)) as Record<string, string>
    const found = await cruise(tree(files), folders)
    const byFile = found.map(({ rule, from }) => `${rule.name}: ${from}`)
    const expected = Object.entries(planted).flatMap(([rule, broken]) =>
      Object.keys(broken).map((file) => `${rule}: ${file}`),
    )
    // The two files of a cycle are one finding.
    const wanted = expected.filter((line) => line !== 'no-cycles: services/stock/src/lots/other.actions.ts')
    expect([...new Set(byFile)].sort()).toEqual(wanted.sort())
  })
})

/** A tree of the same shape outside of the repository, with packages that are names only. */
function tree(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'import-rules-'))
  made.push(folder)
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  for (const [path, text] of Object.entries(files)) write(path, text)
  for (const name of ['zod', 'kafkajs', '@prisma/client', '@jest/globals']) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }))
    write(`node_modules/${name}/index.js`, 'module.exports = 1\n')
  }
  const dependencies = { zod: '*', kafkajs: '*', '@prisma/client': '*', '@jest/globals': '*' }
  write('package.json', JSON.stringify({ name: 'planted', dependencies }))
  cpSync(join(root, 'tsconfig.json'), join(folder, 'tsconfig.json'))
  return folder
}

/** Runs dependency-cruiser with the repository's own rules. */
function cruise(cwd: string, folders: readonly string[]): Promise<readonly Finding[]> {
  const args = [cruiser, '--config', configFile, '--output-type', 'json', ...folders]
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd, maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) => {
      // Its exit code is the number of findings.
      if (stdout === '') reject(new Error(stderr, { cause: error ?? undefined }))
      else resolve((JSON.parse(stdout) as { summary: { violations: readonly Finding[] } }).summary.violations)
    })
  })
}
