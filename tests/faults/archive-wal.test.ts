/** What PostgreSQL calls to keep a finished part of its log. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { segmentsBetween } from '../../tools/backup/base-backup.ts'
import { positionOf } from '../../tools/backup/record.ts'

const archiveWal = join(import.meta.dirname, '../../deploy/postgres/archive-wal')
let place: string
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'stockline-archive-'))
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

describe('archive-wal', () => {
  const run = (from: string, name: string, to: string) => spawnSync('/bin/sh', [archiveWal, from, name, to])

  test('keeps a part of the log once: the same again is success, another under its name is not', () => {
    const to = join(place, 'own')
    mkdirSync(to)
    const [one, other] = ['one', 'other'].map((name) => join(place, name)) as [string, string]
    writeFileSync(one, 'log')
    writeFileSync(other, 'another log')
    expect(run(one, '0A', to).status).toBe(0)
    expect(run(one, '0A', to).status).toBe(0)
    const refused = run(other, '0A', to)
    expect([refused.status, String(refused.stderr)]).toEqual([1, expect.stringContaining('belongs to another cluster')])
    expect(run(join(dirname(one), 'absent'), '0B', to).status).not.toBe(0)
    expect(readdirSync(to)).toEqual(['0A'])
  })
})

test.each([
  ['000000010000000000000003', '00000000/03000000'],
  ['0000000200000001000000FE', '00000001/FE000000'],
  ['00000001000000AB0000000A', '000000AB/0A000000'],
])('the part %s of the log begins at %s', (segment, position) => {
  expect(positionOf(segment)).toBe(position)
})

test.each([
  ['000000010000000000000003', '000000010000000000000003', 1],
  ['0000000100000000000000FE', '000000010000000100000001', 4],
  ['00000001000000000000000A', '00000001000000000000000B', 2],
])('segments from %s to %s', (first, last, count) => {
  const names = segmentsBetween(first, last)
  expect([names.length, names[0], names.at(-1)]).toEqual([count, first, last])
})
