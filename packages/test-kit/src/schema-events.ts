/**
 * Good and bad events, each with the product's verdict, by which validators of other makers are compared with it. As text, since
 * `100.0` and `100` are one number to JavaScript.
 */
import { contracts } from '@stockline/contracts'
import type { EventContract } from '@stockline/contracts/envelope'
import { reaction } from '@stockline/service-kit'
import { readerFor } from '../../service-kit/src/messaging/inbox.read.ts'
import { sampleOf } from './shapes.ts'

/** One event's data. */
export interface SchemaEvent {
  readonly type: string
  readonly what: string
  /** JSON. */
  readonly data: string
  /** By the product. */
  readonly taken: boolean
  /** A validator lets it pass all the same: the schema's description says why. */
  readonly unsaid?: true
}

type Verdict = 'good' | 'bad' | 'unsaid'
/** JSON texts by verdict. */
type Values = Readonly<Partial<Record<Verdict, readonly string[]>>>

const text = (value: string): string => JSON.stringify(value)
const texts = (...values: readonly string[]): string[] => values.map(text)
const emoji = '\u{1f600}'

const codes: Values = {
  good: [
    ...texts('RM-A', '\u00c4rger', 'A B', 'A  B', "it's #1", 'a\\b"c', 'A\u2028B', 'A\u0085', '0100'),
    ...texts('x'.repeat(255), emoji.repeat(255)),
  ],
  bad: [
    ...texts('', ' A', 'A ', ' ', '\tA', 'A\n', 'A\r', 'A\r\n', '\nA', '\u00a0A', 'A\u3000', '\ufeffA', 'A\u2028'),
    ...texts('A\u2029', 'A\u2003', 'A\u001fB', 'A\u007f', 'A\tB', 'x'.repeat(256), emoji.repeat(256)),
    ...['5', 'null', 'true', '[]', '{}'],
  ],
  unsaid: [],
}
const quantities: Values = {
  good: [
    ...texts('1', '100.0000', '0100', '1E+2', '1e2', '1E-6', '2.5', '00.5', '0.000001', '0.0000010', '1.5E-3'),
    ...texts('99999999999999.999999', '99999999999999', '10000000E-7', '1.0000000'),
    ...['100', '100.0', '1e2', '1', '99999999999999'],
  ],
  bad: [
    ...texts('0', '0.0', '00', '0E+2', '-1', '-0', '-1E2', '0.0000001', '123456789012345', 'NaN', 'Infinity', ''),
    ...texts(' 1', '1 ', '+1', '.5', '1.', '1,5', '1_0', '0x1', '\u0661\u0660', '\uff11', '1e', 'e3', '1\n', '1\r'),
    ...texts('1E+2\n', '1\u0085', '1\u2028', '2.5\n', '1 E2', '1E+ 2'),
    ...['0', '-1', '2.5', '0.5', '100000000000000', '9007199254740993', 'null', 'true', '[]', '{}', '["1"]'],
  ],
  unsaid: texts('1E+1000000', '1E-1000000', '1E-7', '1e14', '0.0000001E-1', '123456789012345E0'),
}
const prices: Values = {
  good: [
    ...texts('0', '0.00', '-0', '-0.0', '0E5', '2.50', '2.5', '02.500', '0.3333333333', '999999999999', '25e-1'),
    ...['4', '0', 'null'],
  ],
  bad: [...texts('-1', '-0.01', '0.12345678901', '1234567890123', '2.50\n', '$2', ''), '-1', '2.5', 'false'],
  unsaid: texts('1E12', '1E-11'),
}
const dates: Values = {
  good: [...texts('2026-04-23', '2024-02-29', '2000-02-29', '0001-01-01', '0400-02-29', '9999-12-31'), 'null'],
  bad: [
    ...texts('0000-01-01', '0000-02-29', '2023-02-29', '1900-02-29', '2026-13-01', '2026-00-10', '2026-04-31'),
    ...texts('2026-4-23', '23.04.2026', '2026-04-23\n', '2026-04-23\r', '2026-04-23T00:00:00Z', '', '10000-01-01'),
    ...texts('\u0662026-04-23', '-001-01-01'),
    ...['20260423', 'true'],
  ],
}
const warehouses: Values = {
  good: texts('WH', 'a-b_1', 'x'.repeat(20)),
  bad: [...texts('', 'W H', 'WH\n', 'WH/1', '\u00c4', 'x'.repeat(21)), 'null', '1'],
}
const currencies: Values = { good: [text('EUR'), 'null'], bad: texts('usd', 'US', 'USDD', 'USD\n', '') }
const revisions: Values = {
  good: ['1', '1.0', '1000000000'],
  bad: ['0', '-1', '1.5', text('1'), '1000000001', 'true'],
}
const reasons: Values = {
  good: [...texts('late', 'late\n', emoji.repeat(500)), 'null'],
  bad: [...texts('', 'x'.repeat(501), emoji.repeat(501)), '1'],
  unsaid: texts('a\u0000b', 'half \ud800'),
}
const barcodes: Values = {
  good: ['[]', '["4006381333931"]', '["A-1","~"]', 'null', JSON.stringify(Array.from({ length: 20 }, () => 'x'))],
  bad: [
    ...['["a b"]', '["A\\n"]', '["\u00c4"]', '[""]', '[null]', '"4006381333931"', '{}'],
    ...[JSON.stringify(['x'.repeat(65)]), JSON.stringify(Array.from({ length: 21 }, () => 'x'))],
  ],
}

const gtins: Values = {
  good: [...texts('4006381333931', '04006381333931', '036000291452', '96385074'), 'null'],
  bad: [...texts('4006381333931\n', '40063813339311x', '', '123456789012345'), '4006381333931'],
  unsaid: texts('4006381333932', '400638133393'),
}

const lives: Values = {
  good: ['{"days":1}', '{"days":36500,"percent":null}', '{"percent":"66.67"}', '{"percent":"100.00"}', '{"days":9,"percent":50}', 'null'], // prettier-ignore
  bad: ['{"days":0}', '{"days":36501}', '{"days":1.5}', '{"days":"30"}', '{"percent":"0"}', '{"percent":"66.667"}', '{"percent":66.67}', '30', '"66"', '[]'], // prettier-ignore
  unsaid: ['{}', '{"percent":"100.01"}', '{"days":null}'],
}
const moments: Values = {
  good: [...texts('2026-04-23', '2026-04-23T08:00:00Z', '2026-04-24T00:30:00.5+02:00', '9999-12-31'), 'null'],
  bad: [
    ...texts(
      'soon',
      '2026-02-30',
      '2026-04-23T25:00:00Z',
      '2026-04-23 08:00',
      '2026-04-23T08:00:00',
      '2026-04-23\n',
      '',
    ),
    '20260423',
  ],
}
const shortTexts: Values = {
  good: [...texts('', '  ', ' express ', 'a\nb', 'x'.repeat(100), emoji.repeat(100)), 'null'],
  bad: [...texts('x'.repeat(101), emoji.repeat(101), ' '.repeat(101)), '5', '{}', '[]'],
}
const reference = '{"type":"CO","value":"C-1"}'
const references: Values = {
  good: [
    '[]',
    'null',
    `[${reference},${reference}]`,
    '[{"type":"CO","value":"C-1","description":"","date":null,"x":1}]',
  ],
  bad: [
    ...['{}', '[null]', '[{}]', '["CO"]', '[{"type":"CO"}]', '[{"value":"C-1"}]', '[{"type":"","value":"C-1"}]'],
    ...['[{"type":"CO","value":" C-1"}]', '[{"type":"CO","value":"C-1","date":"2026-02-30"}]'],
    ...[`[${Array.from({ length: 51 }, () => reference).join(',')}]`],
  ],
}

/** An event with one field of another value. */
interface Tried {
  readonly type: string
  /** `lines/0/sku` */
  readonly field: string
  /** Fields beside it that are left out. */
  readonly without?: readonly string[]
  readonly values: Values
}

const tried: readonly Tried[] = [
  {
    type: 'purchasing.order-confirmed.v1',
    field: 'lines/0/sku',
    without: ['gtin', 'buyerItem', 'sellerItem'],
    values: codes,
  },
  { type: 'purchasing.order-confirmed.v1', field: 'lines/0/gtin', without: ['sku'], values: gtins },
  {
    type: 'sales.order-confirmed.v1',
    field: 'lines/0/buyerItem',
    without: ['sku', 'gtin', 'sellerItem'],
    values: { good: texts('4711', 'x'.repeat(80)), bad: [...texts('', ' 1', 'x'.repeat(81), '1\n'), 'null', '4711'] },
  },
  {
    type: 'purchasing.order-confirmed.v1',
    field: 'lines/0/priceBaseQuantity',
    values: { good: [text('1E+2'), '100', 'null'], bad: [text('0'), '0.5'] },
  },
  { type: 'purchasing.order-confirmed.v1', field: 'lines/0/quantity', values: quantities },
  { type: 'purchasing.order-confirmed.v1', field: 'lines/0/unitPrice', values: prices },
  { type: 'purchasing.order-confirmed.v1', field: 'scheduledDate', values: dates },
  { type: 'purchasing.order-confirmed.v1', field: 'warehouse', values: warehouses },
  { type: 'purchasing.order-confirmed.v1', field: 'currency', values: currencies },
  { type: 'purchasing.order-confirmed.v1', field: 'lines', values: { bad: ['[]', '{}', 'null'] } },
  { type: 'purchasing.order-confirmed.v1', field: 'vendor', values: { bad: ['{}', 'null', text('ACME')] } },
  {
    type: 'purchasing.order-amended.v1',
    field: 'revision',
    values: { ...revisions, bad: [...revisions.bad!, 'null'] },
  },
  { type: 'purchasing.order-cancelled.v1', field: 'reason', values: reasons },
  { type: 'sales.order-confirmed.v1', field: 'revision', values: { good: [...revisions.good!, 'null'] } },
  {
    type: 'sales.order-confirmed.v1',
    field: 'priority',
    values: { good: ['0', '9', 'null'], bad: ['10', '-1', '5.5', text('5')] },
  },
  {
    type: 'sales.order-confirmed.v1',
    field: 'allowPartial',
    values: { good: ['true', 'null'], bad: ['1', text('true')] },
  },
  {
    type: 'sales.order-amended.v1',
    field: 'customer/name',
    values: { good: texts(emoji.repeat(200)), bad: texts(' ') },
  },
  {
    type: 'sales.order-confirmed.v1',
    field: 'shipTo/country',
    values: { good: [text('DE'), 'null'], bad: texts('de', 'DEU', 'D', 'DE\n', '') },
  },
  {
    type: 'purchasing.order-confirmed.v1',
    field: 'shipTo/gln',
    values: {
      good: [text('4006381333931'), 'null'],
      bad: [...texts('400638133393', '4006381333931\n', ''), '4006381333931'],
      unsaid: texts('4006381333932'),
    },
  },
  {
    type: 'sales.order-confirmed.v1',
    field: 'shipTo/addressLines',
    values: {
      good: ['[]', 'null', '["1 Main Street",""," "]'],
      bad: ['"1 Main Street"', '[null]', JSON.stringify(Array.from({ length: 7 }, () => 'a'))],
    },
  },
  {
    type: 'sales.order-confirmed.v1',
    field: 'deliveryWindow/until',
    values: { ...moments, unsaid: texts('2026-04-22', '2026-04-22T23:59:59Z', '2026-04-23T00:30:00+02:00') },
  },
  { type: 'sales.order-confirmed.v1', field: 'reserveUntil', values: moments },
  { type: 'sales.order-confirmed.v1', field: 'minimumRemainingLife', values: lives },
  { type: 'sales.order-amended.v1', field: 'lines/0/minimumRemainingLife', values: lives },
  { type: 'purchasing.order-amended.v1', field: 'validUntil', values: dates },
  { type: 'purchasing.order-confirmed.v1', field: 'carrier/service', values: shortTexts },
  {
    type: 'purchasing.order-confirmed.v1',
    field: 'terms/incoterm',
    values: { good: [text('DAP'), 'null'], bad: texts('dap', 'DAPX', 'DAP\n', '') },
  },
  { type: 'sales.order-amended.v1', field: 'references', values: references },
  {
    type: 'sales.order-amended.v1',
    field: 'lines/0/references',
    values: { good: [`[${reference}]`], bad: [`[${Array.from({ length: 21 }, () => reference).join(',')}]`] },
  },
  {
    type: 'sales.order-confirmed.v1',
    field: 'note',
    values: { good: texts('', 'Gate 4\nCall first'), bad: [text('x'.repeat(5001)), '5'], unsaid: texts('a\u0000') },
  },
  {
    type: 'purchasing.order-confirmed.v1',
    field: 'lines/0/lot',
    values: { good: [text('L1'), 'null'], bad: texts('', ' L1', 'L1\n', 'x'.repeat(65)) },
  },
  { type: 'sales.order-confirmed.v1', field: 'lines/0/scheduledDate', values: dates },
  { type: 'catalog.product-upserted.v1', field: 'barcodes', values: barcodes },
  { type: 'catalog.product-upserted.v1', field: 'standardCost', values: { good: [text('1E+2'), 'null'], bad: ['-1'] } },
  {
    type: 'catalog.product-upserted.v1',
    field: 'abcClass',
    values: { good: [text('A'), 'null'], bad: texts('D', 'a', 'A\n') },
  },
  { type: 'catalog.product-upserted.v1', field: 'name', values: { good: texts(emoji.repeat(200)), bad: texts('') } },
  {
    type: 'catalog.product-upserted.v1',
    field: 'colour',
    values: { good: ['null', '1', text('red')], unsaid: [text('a\u0000')] },
  },
]

/** All of them: those above, a line that stands twice, and of every event one that is good and one that lacks a field. */
export function schemaEvents(): readonly SchemaEvent[] {
  const changed = tried.flatMap(({ type, field, without, values }) =>
    Object.entries(values).flatMap(([verdict, all]) =>
      all.map((value) =>
        judged(type, `${field}: ${verdict}`, withText(goodData(type), field, value, without), verdict as Verdict),
      ),
    ),
  )
  const each = contracts.flatMap((contract) => {
    const data = goodData(contract.type)
    const [first] = Object.keys(data)
    const { [first ?? '']: _gone, ...lacking } = data
    return [
      judged(contract.type, 'a good one', JSON.stringify(data), 'good'),
      judged(contract.type, `${first ?? ''} is missing`, JSON.stringify(lacking), 'bad'),
    ]
  })
  const order = goodData('sales.order-confirmed.v1') as { readonly lines: readonly unknown[] }
  const twice = JSON.stringify({ ...order, lines: [...order.lines, ...order.lines] })
  return [...each, ...changed, judged('sales.order-confirmed.v1', 'a line that stands twice', twice, 'unsaid')]
}

function goodData(type: string): Readonly<Record<string, unknown>> {
  return sampleOf(contractOf(type).data) as Readonly<Record<string, unknown>>
}

function contractOf(type: string): EventContract {
  const found = contracts.find((one) => one.type === type)
  if (found === undefined) throw new Error(`There is no ${type}.`)
  return found
}

const placeholder = 'here stands a JSON text'

function withText(
  data: Readonly<Record<string, unknown>>,
  field: string,
  value: string,
  without: readonly string[] = [],
): string {
  const copy = structuredClone(data)
  const names = field.split('/')
  const parent = names.slice(0, -1).reduce<unknown>((at, name) => Reflect.get(at as object, name), copy)
  for (const name of without) Reflect.deleteProperty(parent as object, name)
  Reflect.set(parent as object, names.at(-1) ?? '', placeholder)
  return JSON.stringify(copy).replace(`"${placeholder}"`, () => value)
}

/** @throws Error where the product judges otherwise than the table says */
function judged(type: string, what: string, data: string, verdict: Verdict): SchemaEvent {
  const taken = isTaken(type, data)
  if (taken !== (verdict === 'good')) throw new Error(`${type} (${what}) is judged otherwise: ${data}`)
  return { type, what, data, taken, ...(verdict === 'unsaid' ? { unsaid: true } : {}) }
}

/** As a service reads it from the bus. */
function isTaken(type: string, data: string): boolean {
  const contract = contractOf(type)
  const reader = readerFor([reaction(contract, { react: () => Promise.resolve() })])
  const source = contract.subjectField === undefined ? '/stockline/test' : '/erp'
  const attributes = JSON.stringify({ specversion: '1.0', id: '1', source, type, subject: 's' })
  const value = Buffer.from(`${attributes.slice(0, -1)},"data":${data}}`)
  const [topic] = contract.topics
  return reader.message({ topic, partition: 0, offset: 0n, key: null, value, headers: {} }).kind === 'event'
}
