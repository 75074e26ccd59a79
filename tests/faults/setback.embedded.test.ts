import { describe, expect, test } from '@jest/globals'
import { leftForPeople, runSetback } from './setback.ts'

describe("stock's database falls back under load, on the embedded bus", () => {
  test('while stock is killed: somebody is told, no position is given twice, and the command puts all right', async () => {
    const options = {
      bus: 'embedded',
      services: ['stock'],
      rounds: 1,
      documents: 4,
      clients: 2,
      bypass: false,
    } as const
    const report = await runSetback({ ...options, say: () => undefined })
    expect(leftForPeople(report)).toEqual([])
    expect(report).toMatchObject({ lost: 0, doubled: 0, halfPosted: 0, givenTwice: 0, codes: [0], violations: [] })
    for (const { fellBackBy } of report.rounds) expect(fellBackBy[0]).toBeGreaterThanOrEqual(4)
    expect(report.said.join()).toContain('stock: Taken back from the bus, stock.ledger')
  }, 400_000)
})

describe("stock's database falls back under load without the fence, as in an older version", () => {
  test('positions that were given twice are found, listed and corrected by documents', async () => {
    const options = { bus: 'embedded', services: ['stock'], rounds: 1, documents: 4, clients: 2, bypass: true } as const
    const report = await runSetback({ ...options, say: () => undefined })
    expect(leftForPeople(report)).toEqual([])
    expect(report).toMatchObject({ lost: 0, doubled: 0, halfPosted: 0, numbersTwice: 0, codes: [0], violations: [] })
    expect(report.givenTwice).toBeGreaterThan(0)
    expect(report.said.join()).toMatch(/which another document has by now; it is posted anew at \d+\./)
  }, 400_000)
})

describe("picking's database falls back under load, on the embedded bus", () => {
  test('documents are made again as they were told, and no number is given twice', async () => {
    const options = {
      bus: 'embedded',
      services: ['picking'],
      rounds: 1,
      documents: 4,
      clients: 2,
      bypass: false,
    } as const
    const report = await runSetback({ ...options, say: () => undefined })
    expect(leftForPeople(report)).toEqual([])
    expect(report).toMatchObject({
      lost: 0,
      doubled: 0,
      halfPosted: 0,
      givenTwice: 0,
      numbersTwice: 0,
      codes: [0],
      violations: [],
    })
    expect(report.said.join()).toContain('picking: Taken back from the bus, picking.receipts')
    expect(report.acknowledged).toBeGreaterThanOrEqual(4)
  }, 400_000)
})

describe('a restore of dumps, each of a moment of its own, under load', () => {
  test('is put right by the command, writers before their readers', async () => {
    const services = ['picking', 'stock', 'valuation'] as const
    const options = { bus: 'embedded', services, rounds: 1, documents: 4, clients: 2, bypass: false } as const
    const report = await runSetback({ ...options, say: () => undefined })
    expect(leftForPeople(report)).toEqual([])
    expect(report).toMatchObject({
      lost: 0,
      doubled: 0,
      halfPosted: 0,
      givenTwice: 0,
      numbersTwice: 0,
      codes: [0],
      violations: [],
    })
    const [first, ...others] = report.rounds[0]?.fellBackBy ?? []
    for (const other of others) expect(other).toBeLessThan(first ?? 0)
  }, 400_000)
})
