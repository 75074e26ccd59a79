import { expect, test } from '@jest/globals'
import { kafkaMissing } from '@stockline/test-kit'
import { runVersions } from './versions.ts'

const missing = await kafkaMissing()

async function thereAndBack(bus: 'embedded' | 'kafka'): Promise<void> {
  const said: string[] = []
  const report = await runVersions({ bus, ordersPerSecond: 2, stopMs: 0, say: (line) => void said.push(line) })
  expect(said).toHaveLength(4)
  expect(report).toMatchObject({ lost: 0, doubled: 0, halfPosted: 0, violations: [] })
  expect(report.withNewField).toBeGreaterThan(0)
  expect(report.acknowledged).toBeGreaterThan(report.withNewField)
}

const what = 'picking N, N+1 beside it, N+1 and N again, under load: every order is done once'

test(`${what} (embedded bus)`, () => thereAndBack('embedded'), 300_000)

const onKafka = missing === undefined ? test : test.skip
onKafka(`${what} (Kafka${missing === undefined ? '' : `: skipped, ${missing}`})`, () => thereAndBack('kafka'), 300_000)
