import { describe, expect, test } from '@jest/globals'
import { runSetback } from './setback.ts'

describe("stock's database falls back under load, on the embedded bus", () => {
  test('while stock is killed: somebody is told, no position is given twice, and the command puts all right', async () => {
    const options = { bus: 'embedded', service: 'stock', rounds: 1, documents: 4, clients: 2, bypass: false } as const
    const report = await runSetback({ ...options, say: () => undefined })
    expect(report).toMatchObject({ lost: 0, doubled: 0, halfPosted: 0, givenTwice: 0, codes: [0], violations: [] })
    for (const { fellBackBy, alarm } of report.rounds) {
      expect(fellBackBy).toBeGreaterThanOrEqual(4)
      expect(alarm).toBeLessThan(10_000)
    }
    expect(report.said.join()).toContain('stock: Taken back from the bus, stock.ledger')
  }, 400_000)
})

describe("picking's database falls back under load, on the embedded bus", () => {
  test('documents are made again as they were told, and no number is given twice', async () => {
    const options = { bus: 'embedded', service: 'picking', rounds: 1, documents: 4, clients: 2, bypass: false } as const
    const report = await runSetback({ ...options, say: () => undefined })
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
