/**
 * What orders say besides goods and quantities: where they go, when, by whom, and what their parties refer to. Every field is
 * optional. They travel with the order's documents to whoever works on them or hears of them. Beside each stands where orders in
 * X12 (850, 940), EDIFACT (ORDERS) and UBL 2 (Order) have it.
 */
import { z } from 'zod'
import { minimumRemainingLife } from './remaining-life.ts'
import {
  asOfTime,
  countryCode,
  date,
  dateOrTimeText,
  dateOrTime,
  gln,
  incoterm,
  instant,
  isDay,
  lineNumber,
  lotCode,
  referenceType,
  referenceValue,
  sentText,
  sinceTime,
  textUpTo,
} from './values.ts'

/** So many bytes have all these fields of an order and its lines together, as JSON: what is told of its documents stays sendable. */
const mostBytes = 256 * 1024

const mostAddressLines = 6
const tooManyLines = `must have at most ${String(mostAddressLines)} lines`

/** A day; or a moment, which is kept by UTC. */
const sentMoment = z
  .union([date, instant], dateOrTimeText)
  .transform((text) => (isDay(text) ? text : new Date(text).toISOString()))

/** Those that are blank are left out. */
const sentLines = (most: number) =>
  z
    .array(sentText(most))
    .max(mostAddressLines, tooManyLines)
    .transform((lines) => lines.filter((line) => line !== undefined))
const toldLines = (most: number) => z.array(textUpTo(most)).max(mostAddressLines)

/** The shapes of texts and moments: as they are taken, and as they are told. */
interface Kinds<
  Text extends z.ZodType<string | undefined>,
  Lines extends z.ZodType<string[]>,
  Moment extends z.ZodType<string>,
> {
  readonly text: (max: number) => Text
  readonly lines: (max: number) => Lines
  readonly moment: Moment
}

function referencesOf<Text extends z.ZodType<string | undefined>>(text: (max: number) => Text, most: number) {
  const reference = z.object({
    type: referenceType.meta({ description: 'X12 REF01, EDIFACT RFF 1153, UBL DocumentTypeCode; or a word.' }),
    value: referenceValue.meta({ description: 'X12 REF02, EDIFACT RFF 1154, UBL ID.' }),
    description: text(200).optional().meta({ description: 'X12 REF03, UBL DocumentDescription.' }),
    date: date.optional().meta({ description: 'EDIFACT DTM behind the RFF, UBL IssueDate.' }),
  })
  return z
    .array(reference)
    .max(most, `must have at most ${String(most)} references`)
    .optional()
    .meta({ description: 'What the parties refer to. X12 REF, EDIFACT RFF, UBL document references.' })
}

function shipToOf<Text extends z.ZodType<string | undefined>, Lines extends z.ZodType<string[]>>(
  text: (max: number) => Text,
  lines: (max: number) => Lines,
) {
  return z
    .object({
      code: text(80)
        .optional()
        .meta({ description: "The buyer's or seller's own. X12 N104, EDIFACT NAD 3039, UBL ID." }),
      gln: gln.optional().meta({ description: 'X12 N104 behind UL, EDIFACT NAD behind 9, UBL EndpointID.' }),
      name: text(200).optional().meta({ description: 'Of the company. X12 N102, EDIFACT NAD 3036, UBL PartyName.' }),
      contact: text(200).optional().meta({ description: 'A person. X12 PER02, EDIFACT CTA 3412, UBL Contact.' }),
      phone: text(50).optional().meta({ description: 'X12 PER04, EDIFACT COM, UBL Telephone.' }),
      email: text(254).optional().meta({ description: 'X12 PER04, EDIFACT COM, UBL ElectronicMail.' }),
      addressLines: lines(200)
        .optional()
        .meta({ description: 'X12 N2 and N3, EDIFACT NAD 3042, UBL StreetName and AddressLine.' }),
      city: text(100).optional().meta({ description: 'X12 N401, EDIFACT NAD 3164, UBL CityName.' }),
      postalCode: text(20).optional().meta({ description: 'X12 N403, EDIFACT NAD 3251, UBL PostalZone.' }),
      region: text(100).optional().meta({ description: 'X12 N402, EDIFACT NAD 3229, UBL CountrySubentity.' }),
      country: countryCode.optional().meta({ description: 'X12 N404, EDIFACT NAD 3207, UBL IdentificationCode.' }),
    })
    .optional()
    .meta({ description: 'Where the goods go. X12 N1 ST, EDIFACT NAD DP, UBL Delivery.' })
}

function windowOf<Moment extends z.ZodType<string>>(moment: Moment) {
  return z
    .object({
      from: moment.optional().meta({ description: 'A day, or a time, which is kept by UTC.' }),
      until: moment.optional().meta({ description: 'A day, or a time, which is kept by UTC.' }),
    })
    .refine(({ from, until }) => from === undefined || until === undefined || isInOrder(from, until), {
      path: ['until'],
      message: 'must not be before `from`',
    })
    .optional()
    .meta({
      description:
        'When the goods are to be there; a day counts whole. X12 DTM 063 and 064, EDIFACT DTM 64 and 63, UBL RequestedDeliveryPeriod.',
    })
}

function fieldsOf<
  Text extends z.ZodType<string | undefined>,
  Lines extends z.ZodType<string[]>,
  Moment extends z.ZodType<string>,
>({ text, lines, moment }: Kinds<Text, Lines, Moment>) {
  const carrier = z.object({
    code: text(35)
      .optional()
      .meta({ description: 'Such as a SCAC. X12 TD503, EDIFACT TDT 3127, UBL CarrierParty ID.' }),
    name: text(200).optional().meta({ description: 'X12 TD505, EDIFACT TDT 3128, UBL CarrierParty PartyName.' }),
    service: text(100).optional().meta({ description: 'X12 TD512, UBL ShippingPriorityLevelCode.' }),
    mode: text(35)
      .optional()
      .meta({ description: 'Of transport. X12 TD504, EDIFACT TDT 8067, UBL TransportModeCode.' }),
  })
  const terms = z.object({
    incoterm: incoterm.optional().meta({ description: 'X12 FOB05, EDIFACT TOD 4053, UBL DeliveryTerms ID.' }),
    place: text(200)
      .optional()
      .meta({ description: 'Named by the Incoterm. X12 FOB07, EDIFACT LOC, UBL DeliveryLocation.' }),
    delivery: text(500).optional().meta({ description: 'In words. UBL SpecialTerms.' }),
    payment: text(500).optional().meta({ description: 'In words. X12 ITD12, EDIFACT PAT, UBL PaymentTerms Note.' }),
  })
  const order = {
    shipTo: shipToOf(text, lines),
    deliveryWindow: windowOf(moment),
    carrier: carrier.optional().meta({ description: 'Who brings them. X12 TD5, EDIFACT TDT, UBL Shipment.' }),
    terms: terms.optional().meta({ description: 'Of delivery and payment. X12 FOB and ITD, EDIFACT TOD and PAT.' }),
    references: referencesOf(text, 50),
    note: text(5000).optional().meta({ description: 'For people. X12 MSG and N9, EDIFACT FTX, UBL Note.' }),
    validUntil: date.optional().meta({
      description:
        'Until when the order stands, for people: nothing ends by itself. X12 DTM 036, EDIFACT DTM 36, UBL ValidityPeriod.',
    }),
  }
  const line = {
    scheduledDate: date.optional().meta({ description: "The line's own. X12 DTM 002, EDIFACT DTM 2, UBL Delivery." }),
    lot: lotCode.optional().meta({
      description:
        'In a sale nothing but this lot is reserved and picked; in a purchase it is the lot that was announced. X12 LIN LT, EDIFACT PIA BB, UBL LotIdentification.',
    }),
    note: text(2000).optional().meta({ description: 'For people. X12 MSG, EDIFACT FTX, UBL Note.' }),
    references: referencesOf(text, 20),
  }
  const reserveUntil = moment.optional().meta({
    description:
      'In sales: until when stock is to be reserved. A day counts whole, where the company is. After it what is reserved is released, and nothing more is reserved until a person or an amendment asks again.',
  })
  return { order, line, reserveUntil }
}

const sent = fieldsOf({ text: sentText, lines: sentLines, moment: sentMoment })
const told = fieldsOf({ text: textUpTo, lines: toldLines, moment: dateOrTime })

/** The optional fields of an order that comes in. */
export const orderDetails = sent.order
/** What sales orders say more. */
export const saleDetails = { reserveUntil: sent.reserveUntil, minimumRemainingLife }
/** The optional fields of an order's line that comes in. */
export const lineDetails = sent.line
/** What lines of sales orders say more: in place of what the order says. */
export const saleLineDetails = { minimumRemainingLife }

/** The same as they are answered and told: canonical, nothing blank. */
export const toldOrderDetails = { ...told.order, reserveUntil: told.reserveUntil, minimumRemainingLife }
export const toldLineDetails = { ...told.line, minimumRemainingLife }
const { note: _note, references: _references, terms: _terms, ...listed } = toldOrderDetails
/** Those that lists show: all but what is long. */
export const listedOrderDetails = listed

/** What an order says besides. */
export type OrderDetails = z.output<z.ZodObject<typeof toldOrderDetails>>
/** What an order's line says besides. */
export type LineDetails = z.output<z.ZodObject<typeof toldLineDetails>>

/** What events of documents tell of them. All absent where the order says none, and before 0.2.0. */
export const detailsOfDocument = {
  ...toldOrderDetails,
  /** By the document's line, of which an event may have several, or none. */
  lineDetails: z
    .array(z.object({ documentLine: lineNumber, ...toldLineDetails }))
    .max(1000)
    .optional(),
}

interface Detailed extends Partial<OrderDetails> {
  readonly lines: readonly Pick<LineDetails, 'note' | 'references'>[]
}

const orderFields = Object.keys(toldOrderDetails) as (keyof OrderDetails)[]

/** An order whose optional fields are not too much. */
export function withinBytes<Order extends z.ZodType<Detailed>>(order: Order): Order {
  return order.refine(
    (one) => bytesOf(one) <= mostBytes,
    `must have at most ${String(mostBytes)} bytes in its optional fields, those of its lines included`,
  )
}

function bytesOf(order: Detailed): number {
  const said = orderFields.map((field) => order[field]).filter((value) => value !== undefined)
  const ofLines = order.lines.filter(({ note, references }) => note !== undefined || references !== undefined)
  if (said.length + ofLines.length === 0) return 0
  return new TextEncoder().encode(JSON.stringify([said, ofLines])).length
}

/** A day begins with its first moment and ends with its last. */
function isInOrder(from: string, until: string): boolean {
  return Date.parse(sinceTime.parse(from)) <= Date.parse(asOfTime.parse(until))
}
