import { describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const alert = z.strictObject({
  alert: z.string().regex(/^Stockline[A-Z]\w+$/),
  expr: z.string(),
  for: z
    .string()
    .regex(/^\d+[sm]$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(['page', 'ticket']) }),
  annotations: z.strictObject({ summary: z.string(), runbook: z.string() }),
})
const { groups } = z
  .object({ groups: z.array(z.strictObject({ name: z.string(), rules: z.array(alert) })) })
  .parse(parse(read('deploy/alerts/stockline.yaml')))
const alerts = groups.flatMap(({ rules }) => rules)

/** Metrics that an expression asks for, by their names as they are registered. */
function metricsOf(expr: string): string[] {
  const names = [...expr.matchAll(/\b(stockline_\w+|up)\b(?![^{]*")/g)].map(([, name]) => name ?? '')
  const quoted = expr.replaceAll(/"[^"]*"/g, '""')
  return [...new Set(names.filter((name) => new RegExp(`\\b${name}\\b`).test(quoted)))].map((name) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  )
}

/** Rows of the table of metrics in docs/operations.md: names, and when somebody is woken. */
const rows = read('docs/operations.md')
  .slice(read('docs/operations.md').indexOf('\n## Metrics\n'))
  .split('\n## ')[1]!
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [, names = '', , wakes = ''] = line.split('|').map((cell) => cell.trim())
    return { names: [...names.matchAll(/`(stockline_\w+|up)`/g)].map(([, name]) => name ?? ''), wakes }
  })

describe('who is woken, and when', () => {
  test('every row of the table that wakes somebody has an alert', () => {
    const alerted = new Set(alerts.flatMap(({ expr }) => metricsOf(expr)))
    const waking = rows.filter(({ wakes }) => wakes !== '')
    expect(waking.length).toBeGreaterThan(12)
    expect(waking.filter(({ names }) => !names.some((name) => alerted.has(name)))).toEqual([])
  })

  test.each(alerts.map((one) => [one.alert, one] as const))(
    '%s stands in the table, and leads to a section',
    (_name, one) => {
      const metrics = metricsOf(one.expr)
      expect(metrics).not.toEqual([])
      const woken = new Set(rows.filter(({ wakes }) => wakes !== '').flatMap(({ names }) => names))
      const explained = new Set(rows.flatMap(({ names }) => names))
      expect(metrics.some((name) => woken.has(name))).toBe(true)
      expect(metrics.filter((name) => !explained.has(name))).toEqual([])
      const [file = '', anchor = ''] = one.annotations.runbook.split('#')
      const anchors = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      )
      expect(anchors).toContain(anchor)
    },
  )

  test('no alert has the name of another', () => {
    expect(new Set(alerts.map((one) => one.alert)).size).toBe(alerts.length)
  })
})

test('the dashboard shows metrics that the table explains, each panel with a place of its own', () => {
  const panel = z.object({
    title: z.string(),
    gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
    targets: z.array(z.object({ refId: z.string(), expr: z.string() })).min(1),
  })
  const { panels } = z.object({ panels: z.array(panel) }).parse(JSON.parse(read('deploy/dashboards/stockline.json')))
  const explained = new Set(read('docs/operations.md').match(/\bstockline_\w+/g))
  for (const { title, targets } of panels) {
    const own = targets.flatMap(({ expr }) => metricsOf(expr)).filter((name) => name !== 'up')
    expect([title, own.filter((name) => !explained.has(name))]).toEqual([title, []])
  }
  expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size).toBe(panels.length)
})

// The rules are tried by Prometheus's own tool wherever it is installed; PROMTOOL names it elsewhere.
const promtool = process.env['PROMTOOL'] ?? 'promtool'
const installed = spawnSync(promtool, ['--version']).error === undefined
const withPromtool = installed ? test : test.skip

withPromtool('Prometheus reads the rules, and they fire when they should and not before', () => {
  const check = spawnSync(promtool, ['check', 'rules', join(root, 'deploy/alerts/stockline.yaml')], {
    encoding: 'utf8',
  })
  expect([check.status, check.stderr]).toEqual([0, ''])
  const fired = spawnSync(promtool, ['test', 'rules', join(root, 'deploy/alerts/stockline.test.yaml')], {
    encoding: 'utf8',
  })
  expect([fired.status, fired.stderr]).toEqual([0, ''])
})
