import { describe, expect, test } from '@jest/globals'
import { kafkaMissing, startOwnKafka } from '@stockline/test-kit'
import { type ClockReport, runShiftedClock } from './clock.ts'

const missing = await kafkaMissing()
const testOnKafka = missing === undefined ? test : test.skip
const title = 'two hours ahead for fifteen seconds: all is healthy soon after, with the tokens from before'

function judge(report: ClockReport): void {
  expect(report.restarted).toEqual([])
  // Who believed the wrong clock would do so for a minute.
  expect(report.healthyAfterMs).toBeLessThan(40_000)
}

describe('the clock of the machine', () => {
  test(`${title}, on the embedded bus`, async () => judge(await runShiftedClock(undefined)), 300_000)

  testOnKafka(
    `${title}, on Kafka${missing === undefined ? '' : ` (no Kafka: ${missing})`}`,
    async () => {
      const kafka = await startOwnKafka()
      try {
        judge(await runShiftedClock(kafka.brokers))
      } finally {
        await kafka.stop()
      }
    },
    400_000,
  )
})
