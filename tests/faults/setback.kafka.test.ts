import { describe, expect, test } from '@jest/globals'
import { kafkaMissing } from '@stockline/test-kit'
import { leftForPeople, runSetback } from './setback.ts'

const missing = await kafkaMissing()
const testOnKafka = missing === undefined ? test : test.skip

describe('a database falls back under load, on Kafka', () => {
  testOnKafka(
    `no position of stock is given twice, and the command puts all right${missing === undefined ? '' : ` (no Kafka: ${missing})`}`,
    async () => {
      const options = { bus: 'kafka', services: ['stock'], rounds: 1, documents: 4, clients: 2, bypass: false } as const
      const report = await runSetback({ ...options, say: () => undefined })
      expect(leftForPeople(report)).toEqual([])
      expect(report).toMatchObject({ lost: 0, doubled: 0, halfPosted: 0, givenTwice: 0, codes: [0], violations: [] })
      expect(report.acknowledged).toBeGreaterThan(0)
    },
    400_000,
  )

  testOnKafka(
    `documents of picking are made again as they were told, and no number is given twice`,
    async () => {
      const options = {
        bus: 'kafka',
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
    },
    400_000,
  )
})
