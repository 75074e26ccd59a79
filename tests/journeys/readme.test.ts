import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { startSystem, type System } from '@stockline/test-kit/load/system'

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const blocks = (path: string): string[] =>
  [...read(path).matchAll(/^```bash\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '')
const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts)

/** What each block of docs/warehouse-operations.md answers, in their order. */
const answersOfOperations = [
  /^$/,
  /^OPEN\/\d{5}\n$/,
  /^WH\/INT\/00001 is in_transit\n$/,
  /^12 received, 8 in transit\ndone\n$/,
  /^E\d+\nE\d+\/Stock\n2 locations\nin_transit\n$/,
  /^9 received, 1 lost\n$/,
  /^done\n$/,
  /^WH\/CNT\/00001 is scheduled\n$/,
  /line: 1, sku: 'PX', expected: null[^]*line: 2, sku: 'PY', expected: null/,
  /^in_progress\n\[ 'counted: null', 'recount: The difference is past the tolerance.' \]\n$/,
  /^in_progress\n$/,
  /"status":403,"detail":"You counted or submitted [^]*\n-1, posted\n$/,
  /^submitted\n35 expected, 33 counted, posted\n$/,
  /^WH\/STS\/00001 is posted\nWH\/SCR\/00001 is posted\n\[ 'available 31', 'damaged 1' \]\n$/,
  /"applied"[^]*\nOPEN\/\d{5}\n$/,
  /^true\nfalse\n$/,
  /"applied"[^]*\n\[ 'WH\/OUT\/00001 \/erp\/sales SO-\d+ 4 \S+Z' \]\n$/,
  /^The customer has not paid\nThe customer has not paid\nnull\n4\n$/,
  /^\[ 'WH\/OUT\/00001 had 4 reserved' \]\nwhat,sku,lot,document,[^]*\nopen,/,
  /^false\n4\n$/,
]

describe('README.md', () => {
  let system: System
  beforeAll(async () => {
    system = await startSystem()
  }, 180_000)
  afterAll(async () => {
    await system.stop()
    await system.remove()
  })

  test('its two commands are scripts of ours', () => {
    const [commands] = blocks('README.md')
    expect(commands?.match(/pnpm@10 \w+/g)).toEqual(['pnpm@10 start', 'pnpm@10 test'])
    for (const [, name] of read('README.md').matchAll(/npx -y pnpm@10 (\w+)/g)) expect(scripts).toContain(name)
  })

  /** What a shell says to these commands, which all succeed. */
  const pasted = (input: string, timeout = 60_000): string => {
    const env = { ...process.env, PORT: new URL(system.origin).port, DATA_DIR: system.dataFolder }
    const shell = spawnSync('bash', ['-e', '-u'], { input, encoding: 'utf8', timeout, env })
    expect([shell.status, shell.stderr]).toEqual([0, ''])
    return shell.stdout
  }

  test('pasted, its first receipt comes in, is counted and validated, and is in the books', () => {
    const said = pasted(blocks('README.md').slice(1).join('\n'))
    expect(said).toMatch(/WH\/IN\/\d{5} is posted/)
    expect(said).toContain('"onHand":"100"')
    expect(said).toMatch(/"debit":"250\.00"/)
  }, 90_000)

  test('what `start` itself prints can be pasted, too', async () => {
    const { firstReceipt } = await import('../../tools/start/walkthrough.ts')
    const demo = JSON.parse(readFileSync(join(system.dataFolder, 'demo.json'), 'utf8')) as {
      password: string
      clientSecret: string
    }
    const said = pasted(firstReceipt(system.origin, demo))
    expect(said).toMatch(/"onHand":"\d+"/)
    expect(said).toMatch(/"debit":"250\.00"/)
  }, 90_000)

  test('docs/warehouse-operations.md, pasted after its helpers, does what it says', () => {
    const [helpers = ''] = blocks('README.md').slice(1)
    const page = blocks('docs/warehouse-operations.md').map((block, index) => `echo "@${String(index)}"\n${block}`)
    const said = pasted([helpers, ...page].join('\n'), 240_000)
    const answers = said.split(/^@\d+\n/m).slice(1)
    expect(answers).toEqual(answersOfOperations.map((answer) => expect.stringMatching(answer)))
  }, 270_000)

  test.each(['README.md', 'docs/warehouse-operations.md', 'deploy/README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md'])(
    'what %s points to is there',
    (path) => {
      const targets = [...read(path).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '')
      expect(targets.filter((target) => !existsSync(join(root, dirname(path), target)))).toEqual([])
    },
  )
})
