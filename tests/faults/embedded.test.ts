import { describe, expect, test } from '@jest/globals'
import { runFaults } from './faults.ts'

describe('on the embedded bus, under load', () => {
  test('kill -9 of services and of PostgreSQL loses, doubles and halves nothing', async () => {
    const report = await runFaults({
      kills: 2,
      seed: Date.now(),
      clients: 4,
      bus: 'embedded',
      kinds: ['service', 'postgres'],
      say: () => undefined,
    })
    expect(report).toMatchObject({ lost: 0, doubled: 0, halfPosted: 0, violations: [] })
    expect(report.acknowledged).toBeGreaterThan(0)
  }, 300_000)
})
