import { describe, expect, test } from '@jest/globals'
import { kafkaMissing } from '@stockline/test-kit'
import { runSetback } from './setback.ts'

const missing = await kafkaMissing()
const testOnKafka = missing === undefined ? test : test.skip

describe("stock's database falls back under load, on Kafka", () => {
  testOnKafka(
    `no position is given twice, and the command puts all right${missing === undefined ? '' : ` (no Kafka: ${missing})`}`,
    async () => {
      const options = { bus: 'kafka', rounds: 1, documents: 4, clients: 2, bypass: false } as const
      const report = await runSetback({ ...options, say: () => undefined })
      expect(report).toMatchObject({ lost: 0, doubled: 0, halfPosted: 0, givenTwice: 0, codes: [0], violations: [] })
      expect(report.acknowledged).toBeGreaterThan(0)
    },
    400_000,
  )
})
