/** The process of the one origin. `start` begins it; deployed apart, it is a container of its own. */
import { z } from 'zod'
import { openGateway } from './gateway.ts'

const url = z.string().regex(/^http:\/\/[^\s/]+$/, 'is an address such as http://stock:8080, without a path')

const shape = z.object({
  PORT: z.coerce.number().int().min(1).max(65_535).default(8080),
  HOST: z.string().default('127.0.0.1'),
  IDENTITY_URL: url,
  STOCK_URL: url,
  PICKING_URL: url,
  VALUATION_URL: url,
  TRUSTED_FORWARDERS: z.string().default(''),
})

const stopPatienceMs = 7_000

async function main(): Promise<void> {
  const parsed = shape.safeParse(process.env)
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    console.error(`The configuration is not usable:\n  ${faults.join('\n  ')}`)
    process.exit(2)
  }
  const config = parsed.data
  // Below `start` the origin opens when told to; alone, nobody seeds and it is open from the beginning.
  let open = process.send === undefined
  process.on('message', (message) => {
    open = message === 'open'
  })
  const gateway = await openGateway({
    host: config.HOST,
    port: config.PORT,
    services: {
      identity: config.IDENTITY_URL,
      stock: config.STOCK_URL,
      picking: config.PICKING_URL,
      valuation: config.VALUATION_URL,
    },
    trustedForwarders: config.TRUSTED_FORWARDERS.split(',').map((address) => address.trim()),
    isOpen: () => open,
  })
  const stop = (): void => {
    void gateway.stop(stopPatienceMs).then(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  // `start` was killed: nothing would restart the services behind us.
  process.once('disconnect', stop)
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(1)
})
