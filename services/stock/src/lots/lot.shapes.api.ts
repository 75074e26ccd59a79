/** What is answered of a lot. */
import { z } from 'zod'

const answeredDate = (description: string) => z.iso.date().nullable().meta({ description })

/** A lot as lists show it. */
export const lotSummary = z
  .object({
    id: z.uuid(),
    sku: z.string(),
    code: z.string().meta({ description: 'The lot’s number, or the serial number.' }),
    expiresOn: answeredDate('The last day on which it is promised and shipped.'),
    bestBefore: answeredDate('Until then it is at its best.'),
    removeOn: answeredDate('From then on it should be taken out of stock.'),
    alertOn: answeredDate('From then on somebody should look at it.'),
    producedOn: answeredDate('When it was made: its whole life begins then.'),
    held: z.boolean().meta({ description: 'Nothing of it is promised or shipped, wherever it is.' }),
    heldFor: z.string().nullable().meta({ description: 'The reason that was given.' }),
    onHand: z.string().meta({ description: 'In the base unit, at your locations.' }),
    elsewhere: z.boolean().meta({ description: 'There is more of it at locations that are not yours.' }),
    unit: z.string(),
    version: z.int(),
  })
  .meta({ id: 'Lot' })
const lotStep = z.object({
  at: z.iso.datetime(),
  who: z.object({ id: z.string(), name: z.string() }).nullable(),
  what: z.string(),
  why: z.string().nullable(),
})
/** A lot with its history. */
export const lotAnswer = lotSummary.extend({ history: z.array(lotStep) }).meta({ id: 'LotWithHistory' })

/** A lot or serial number. The ledger makes one when it first arrives. */
export type Lot = z.output<typeof lotSummary>
/** A lot with what was done to it. */
export type LotAnswer = z.output<typeof lotAnswer>
/** Who did what to a lot, when and why. */
export type LotStep = z.output<typeof lotStep>
