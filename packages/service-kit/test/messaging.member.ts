/**
 * A replica of the reading service in a process of its own, for the test to kill at any point: it writes each note
 * down, and publishes one event for each.
 */
import { pino } from 'pino'
import { openEmbeddedBus } from '../src/bus/embedded/embedded-bus.ts'
import { startMessaging } from '../src/messaging/messaging.ts'
import { event, publish } from '../src/messaging/outbox.ts'
import { batchReaction } from '../src/messaging/reactions.ts'
import { openDatabase, sql, type Tx } from '../src/database/transaction.ts'
import { noted, outsideNoted } from './kit.contracts.ts'

const { DATABASE_URL = '', BUS_DATABASE_URL = '' } = process.env
const log = pino({ level: 'silent' })
const topics = [
  { name: 'notes', partitions: 4 },
  { name: 'outside', partitions: 4 },
]
const writeNotes = sql('insert into note (text) select * from unnest($1::text[])')

const bus = await openEmbeddedBus({ url: BUS_DATABASE_URL, topics, logger: log })
const db = openDatabase({ url: DATABASE_URL, service: 'reader' })
await startMessaging({
  service: 'reader',
  db,
  bus,
  log,
  reactions: [
    batchReaction({
      contracts: [noted],
      react: async (tx: Tx, events) => {
        await tx.query(writeNotes, [events.map((one) => one.data.text)])
        await publish(
          tx,
          ...events.map((one) => event(outsideNoted, one.subject, { text: one.data.text }, { causedBy: one })),
        )
      },
    }),
  ],
  onFatal: () => process.exit(1),
})
process.stdout.write('ready\n')
