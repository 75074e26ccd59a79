import { describe, expect, test } from '@jest/globals'
import { kafkaMissing } from '@stockline/test-kit'
import { runFaults } from './faults.ts'

const missing = await kafkaMissing()
const testOnKafka = missing === undefined ? test : test.skip

describe('on Kafka, under load', () => {
  testOnKafka(
    `kill -9 of services, PostgreSQL and the broker, and swallowed acknowledgments, lose, double and halve nothing${
      missing === undefined ? '' : ` (no Kafka: ${missing})`
    }`,
    async () => {
      const report = await runFaults({
        kills: 2,
        seed: Date.now(),
        clients: 4,
        bus: 'kafka',
        kinds: ['service', 'postgres', 'kafka', 'acks'],
        say: () => undefined,
      })
      expect(report).toMatchObject({ lost: 0, doubled: 0, halfPosted: 0, violations: [] })
      expect(report.acknowledged).toBeGreaterThan(0)
    },
    400_000,
  )
})
