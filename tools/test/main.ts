/**
 * `pnpm test`: all tests, or those that the arguments name (they are Jest's). The last line is always
 * `N passed, N failed, N skipped`.
 */
import { kafkaMissing } from '@stockline/test-kit'
import { end } from './counts.ts'
import { runJest } from './jest.ts'

const kafka = await announceKafka()
if (!kafka.present && process.env['REQUIRE_KAFKA'] === '1') {
  console.log('REQUIRE_KAFKA=1 is set, so this is a failure: the tests on Kafka must run.')
  end({ passed: 0, failed: 1, skipped: 0 })
} else {
  end(await runJest(process.argv.slice(2)))
}

/** Kafka is fetched before the tests, so that none of them waits for a download. */
async function announceKafka(): Promise<{ present: boolean }> {
  const given = process.env['KAFKA_BROKERS'] ?? ''
  if (given !== '') {
    console.log(`Kafka: ${given}`)
    return { present: true }
  }
  const missing = await kafkaMissing()
  console.log(missing === undefined ? 'Kafka: started by the tests that need it' : `Kafka: SKIPPED, because ${missing}`)
  return { present: missing === undefined }
}
