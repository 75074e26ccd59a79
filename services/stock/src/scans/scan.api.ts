import { command, query } from '@stockline/service-kit'
import { z } from 'zod'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Database, Tx } from '../database.ts'
import { meaningsOf } from './scan.actions.ts'
import { totalsBySku } from './scan.ts'

/** Longer than any code that a label can hold: a QR code has at most 7,089 digits. */
const code = z.string().min(1, 'must not be empty').max(8_000, 'must have at most 8,000 characters')

const scannedPackage = z
  .object({
    number: z.string(),
    status: z.enum(['open', 'closed', 'shipped', 'cancelled']),
    contents: z
      .array(
        z.object({
          documentLine: z.int().meta({ description: "The delivery's line." }),
          sku: z.string(),
          lot: z.string().nullable(),
          quantity: z.string(),
          unit: z.string().meta({ description: 'The base unit.' }),
        }),
      )
      .meta({ description: 'The first 50 lines. Picking has all of them: `GET /v1/packages/{id}`.' }),
    more: z.int().meta({ description: 'So many lines more are in it.' }),
  })
  .meta({
    description: 'Among what takes place at your locations, as picking said last. It counts for nothing in a summary.',
  })

const scanAnswer = z
  .object({
    code: z.string(),
    kind: z.enum(['gs1', 'digital-link', 'product', 'location', 'lot', 'package', 'unknown']),
    elements: z
      .array(z.object({ identifier: z.string(), value: z.string() }))
      .optional()
      .meta({ description: 'Application identifiers of GS1 and their values, in their order.' }),
    gtin: z.string().optional().meta({ description: '14 digits.' }),
    lot: z.string().optional(),
    serial: z.string().optional(),
    expiresOn: z.iso.date().optional(),
    bestBefore: z.iso.date().optional(),
    producedOn: z.iso.date().optional(),
    sscc: z.string().optional(),
    quantity: z.string().optional().meta({ description: 'What the label says, in the base unit of the product.' }),
    product: z
      .object({
        sku: z.string(),
        name: z.string(),
        unit: z.string(),
        packQuantity: z.string().meta({ description: 'Base units that one scan stands for.' }),
      })
      .optional(),
    location: z.string().optional(),
    document: z.string().optional().meta({ description: 'Of a package: number of its delivery.' }),
    package: scannedPackage.optional(),
    problems: z.array(z.string()).meta({ description: 'With any, the code confirms nothing by what it says.' }),
  })
  .meta({ id: 'Scan' })

/** What one code means. Only what is known is there. */
export type ScanMeaning = z.output<typeof scanAnswer>

const description =
  'What a code literally is comes first (a place, a sku or barcode, a lot, the SSCC of a package), then what a GS1 element string, a Digital Link or the ' +
  'number of a trade item says. Codes are taken as a scanner sends them, with or without symbology identifier (`]C1`) and with ' +
  'U+001D for FNC1, or as a label prints them, with brackets.'

const readScan = query({
  path: '/v1/scans',
  right: 'stockproduct.read',
  summary: 'Says what a scanned code means',
  description,
  query: z.object({ code }),
  answers: scanAnswer,
  run: async (db: Database, { query: given, actor }) => {
    const [meaning] = await meaningsOf(db, [given.code], await scopeOf(db, actor))
    return meaning ?? { code: given.code, kind: 'unknown' as const, problems: [] }
  },
})

const readScans = command({
  method: 'post',
  path: '/v1/scans',
  right: 'stockproduct.read',
  summary: 'Says what scanned codes mean, and what they add up to',
  description: `${description} Nothing is changed.`,
  idempotency: 'none',
  // A scanner sends whatever bytes are on a label.
  keepsNothing: true,
  body: z.object({
    codes: z.array(code).min(1, 'must have at least 1 code').max(1000, 'must have at most 1000 codes'),
  }),
  answers: z.object({
    items: z.array(scanAnswer),
    summary: z
      .array(z.object({ sku: z.string(), quantity: z.string() }))
      .meta({ description: 'By sku, in the base unit: what the labels say, else a pack for each scan.' }),
  }),
  run: async (tx: Tx, { body, actor }) => {
    const items = await meaningsOf(tx, body.codes, await scopeOf(tx, actor))
    return { items, summary: totalsBySku(items) }
  },
})

/** What scanned codes mean. */
export const scanRoutes = [readScan, readScans]
