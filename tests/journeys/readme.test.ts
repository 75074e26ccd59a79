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

  test('pasted, its first receipt comes in, is counted and validated, and is in the books', () => {
    const shell = spawnSync('bash', ['-e', '-u'], {
      input: blocks('README.md').slice(1).join('\n'),
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, PORT: new URL(system.origin).port, DATA_DIR: system.dataFolder },
    })
    expect([shell.status, shell.stderr]).toEqual([0, ''])
    expect(shell.stdout).toMatch(/WH\/IN\/\d{5} is posted/)
    expect(shell.stdout).toContain('"onHand":"100"')
    expect(shell.stdout).toMatch(/"debit":"250\.00"/)
  }, 90_000)

  test('what `start` itself prints can be pasted, too', async () => {
    const { firstReceipt } = await import('../../tools/start/walkthrough.ts')
    const demo = JSON.parse(readFileSync(join(system.dataFolder, 'demo.json'), 'utf8')) as {
      password: string
      clientSecret: string
    }
    const shell = spawnSync('bash', ['-e', '-u'], {
      input: firstReceipt(system.origin, demo),
      encoding: 'utf8',
      timeout: 60_000,
    })
    expect([shell.status, shell.stderr]).toEqual([0, ''])
    expect(shell.stdout).toMatch(/"onHand":"\d+"/)
    expect(shell.stdout).toMatch(/"debit":"250\.00"/)
  }, 90_000)

  test.each(['README.md', 'deploy/README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md'])(
    'what %s points to is there',
    (path) => {
      const targets = [...read(path).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '')
      expect(targets.filter((target) => !existsSync(join(root, dirname(path), target)))).toEqual([])
    },
  )
})
