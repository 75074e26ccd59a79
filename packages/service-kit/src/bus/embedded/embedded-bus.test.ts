import { fileURLToPath } from 'node:url'
import { startPostgres } from '@stockline/test-kit'
import { describeBus } from '@stockline/test-kit/bus-conformance'
import pg from 'pg'
import { openEmbeddedBus } from './embedded-bus.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

describeBus('embedded', async () => {
  const server = await startPostgres()
  return {
    open: (topics) => openEmbeddedBus({ url: server.url, topics, logger: quiet }),
    writeForeign: async (topic, { key, value }) => {
      const client = new pg.Client({ connectionString: server.url })
      await client.connect()
      await client.query(
        `select bus.append(array[p.id], array[1], array[octet_length($2::bytea)],
                           array[1 + coalesce(octet_length($2::bytea), 0)], array[octet_length($3::bytea)],
                           array[null::text], coalesce($2::bytea, '') || coalesce($3::bytea, ''), '{}', '{}')
         from bus.partition p join bus.topic t on t.id = p.topic_id where t.name = $1 and p.number = 0`,
        [topic, key === null ? null : Buffer.from(key), value],
      )
      await client.end()
    },
    environment: { BUS_DATABASE_URL: server.url },
    memberProgram: fileURLToPath(new URL('../../../test/bus-member.ts', import.meta.url)),
    broker: server,
    stop: () => server.stop(),
  }
})
