/** Serial numbers over HTTP: where a piece is, and what became of it. */
import { values } from '@stockline/contracts'
import { query } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database } from '../database.ts'
import { showSerials } from './lot.serial.actions.ts'
import { movedLot } from './lot.trace.api.ts'

const serials = z
  .object({
    code: z.string(),
    items: z
      .array(
        z.object({
          id: z.uuid(),
          sku: z.string(),
          place: z.object({ location: z.string(), status: z.string(), reserved: z.boolean() }).nullable().meta({
            description: 'Where it is, also in transit; null where it has gone, or is not at your locations.',
          }),
          expiresOn: z.iso.date().nullable(),
          held: z.boolean(),
          heldFor: z.string().nullable(),
          elsewhere: z.boolean().meta({ description: 'It is at a location that is not yours.' }),
          moves: z.array(movedLot).meta({ description: 'In the order of the ledger.' }),
        }),
      )
      .meta({ description: 'One for each product that has a piece of this number.' }),
    more: z.boolean().meta({ description: 'There are more moves than are shown.' }),
    elsewhere: z.boolean().meta({ description: 'There is more at locations that are not yours.' }),
  })
  .meta({ id: 'Serials' })
/** The pieces that have a serial number. */
export type Serials = z.output<typeof serials>

/** Where a serial number is. */
export const readSerial = query({
  path: '/v1/serials/:code',
  params: z.object({ code: values.lotCode }),
  right: 'stocklot.read',
  summary: 'Says where the piece with a serial number is, and what became of it',
  answers: serials,
  run: (db: Database, { params, actor }) => showSerials(db, params.code, actor),
})
