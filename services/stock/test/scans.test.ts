import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import { pointers, product, runStock, type RunningStock } from './running.ts'

const gtin = '09506000134352'
const gs = '\u001d'

let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
  const units = [{ unit: 'carton', numerator: '24', denominator: '1' }]
  const barcodes = ['4006381333931', { code: '14006381333938', unit: 'carton' }]
  await stock.made('/v1/products', product('PX', { unit: 'unit', units, barcodes }))
  await stock.made('/v1/products', product('KG', { barcodes: ['9506000134352'] }))
  const made = [
    await stock.made('/v1/products', product('LOT-A', { tracking: 'lot', barcodes: ['(01)STORED'] })),
    await stock.made('/v1/products', product('LOT-B', { tracking: 'lot' })),
  ]
  for (const [index, { id }] of made.entries())
    await stock.service.db.query(
      sql(`insert into lots (id, product_id, code, expires_on) values
        (gen_random_uuid(), $1, 'BOTH', null), (gen_random_uuid(), $1, $2, '2027-01-31')`),
      [id, index === 0 ? '0104006381333931' : 'ONLY-B'],
    )
  await stock.made('/v1/locations', { code: 'WH/Stock/SC-01', barcode: ']place[' })
}, 60_000)
afterAll(() => stock.stop())

interface Scans {
  readonly items: readonly { readonly kind: string; readonly problems: readonly string[] }[]
  readonly summary: readonly unknown[]
}
const scanned = async (...codes: string[]): Promise<Scans> => {
  const reply = await stock.user.send<Scans>('POST', '/v1/scans', { body: { codes } })
  expect(reply.status).toBe(200)
  return reply.body
}
const px = { sku: 'PX', name: 'PX', unit: 'unit', packQuantity: '1' }

describe('X5 What a scanned code means', () => {
  test.each<[string, string, object]>([
    ['a sku', 'PX', { kind: 'product', product: px }],
    ['EAN-13', ']E04006381333931', { kind: 'product', gtin: '04006381333931', product: px }],
    ['a carton', '14006381333938', { kind: 'product', product: { ...px, packQuantity: '24' } }],
    ['a place', 'WH/Stock/SC-01', { kind: 'location', location: 'WH/Stock/SC-01' }],
    ['a place by its barcode', ']place[', { kind: 'location', location: 'WH/Stock/SC-01' }],
    ['a lot', 'ONLY-B', { kind: 'lot', lot: 'ONLY-B', expiresOn: '2027-01-31', product: { sku: 'LOT-B' } }],
    ['a lot that looks like GS1', '0104006381333931', { kind: 'lot', product: { sku: 'LOT-A' } }],
    ['a barcode that looks like GS1', '(01)STORED', { kind: 'product', product: { sku: 'LOT-A' } }],
    ['GS1 with dates', `]C101${gtin}111612311517063017271231`, { kind: 'gs1', producedOn: '2016-12-31', bestBefore: '2017-06-30', expiresOn: '2027-12-31' }], // prettier-ignore
    ['GS1', `]C101${gtin}3103012500${gs}10L1${gs}17271231`, { kind: 'gs1', gtin, lot: 'L1', expiresOn: '2027-12-31', quantity: '12.5', product: { sku: 'KG' } }], // prettier-ignore
    ['a carton’s label', `]C10214006381333938` + '372', { kind: 'gs1', quantity: '48', product: { sku: 'PX' } }],
    ['a Digital Link', `https://id.gs1.org/01/${gtin}/10/L1`, { kind: 'digital-link', gtin, lot: 'L1', product: { sku: 'KG' } }], // prettier-ignore
    ['a pallet', ']C100095060052601815901', { kind: 'gs1', sscc: '095060052601815901' }],
    ['nothing known', 'WHAT', { kind: 'unknown' }],
  ])('%s', async (_title, code, meaning) => {
    const { items } = await scanned(code)
    expect(items).toMatchObject([{ code, ...meaning }])
    const got = await stock.user.get(`/v1/scans?code=${encodeURIComponent(code)}`)
    expect([got.status, got.body]).toEqual([200, items[0]])
  })

  test.each([
    ['a lot of two products', 'BOTH', '"BOTH" may be of LOT-A or of LOT-B.'],
    ['a misread element string without symbology', '0109506000134353', '(01) has a wrong check digit: it was misread or misprinted: "09506000134353".'], // prettier-ignore
    ['a misread pallet', '00095060052601815902', '(00) has a wrong check digit: it was misread or misprinted: "095060052601815902".'], // prettier-ignore
    ['a misread carton with its count', '0214006381333939372', '(02) has a wrong check digit: it was misread or misprinted: "14006381333939".'], // prettier-ignore
    ['a misread number', '4006381333932', 'If 4006381333932 is the number of a trade item, it was misread or misprinted: its check digit is wrong.'], // prettier-ignore
    ['a GTIN of nobody', ']C10109506000134369', 'No product has the GTIN 09506000134369.'],
    [
      'a weight of what is counted',
      ']C10104006381333931' + '3103012500',
      'The label says 12.5 kg; PX is kept in unit.',
    ],
    ['a fault', `]C101${gtin}17269931`, '(17) is no date: "269931".'],
    ['a lot alone', ']C110L1', '(10) needs (01), or (02), or (03), or (8006), or (8026) beside it.'],
  ])('what is wrong with it is said: %s', async (_title, code, problem) => {
    expect((await scanned(code)).items[0]?.problems).toEqual([problem])
  })

  test('a thousand at once, and what they add up to', async () => {
    const codes = Array.from({ length: 1000 }, (_, n) => (n % 2 === 0 ? '4006381333931' : `]C101${gtin}3103001500`))
    const { items, summary } = await scanned(...codes)
    expect([items.length, summary]).toEqual([1000, [{ sku: 'PX', quantity: '500' }, { sku: 'KG', quantity: '750' }]]) // prettier-ignore
  })

  test('bytes that no text may hold are read like all others', async () => {
    const { items } = await scanned('\0', 'PX', '4006381333931\0', 'half \ud800', `]C101${gtin}10L\0`)
    expect(items.map(({ kind }) => kind)).toEqual(['unknown', 'product', 'unknown', 'unknown', 'gs1'])
    expect(items[4]?.problems).toEqual(['(10) must not have "\0".'])
  })

  test('what confirms nothing does not count', async () =>
    expect((await scanned('PX', ']C10104006381333931' + '3103012500', 'WHAT')).summary).toEqual([
      { sku: 'PX', quantity: '1' },
    ]))

  test('bad requests name what is wrong', async () => {
    const tell = async (body: object) => {
      const reply = await stock.post('/v1/scans', body, stock.user)
      return [reply.status, pointers(reply)]
    }
    expect(await tell({ codes: [] })).toEqual([422, ['/codes']])
    expect(await tell({ codes: Array.from({ length: 1001 }, () => 'PX') })).toEqual([422, ['/codes']])
    expect(await tell({ codes: ['PX', '', 7] })).toEqual([422, ['/codes/1', '/codes/2']])
    expect((await stock.user.get('/v1/scans')).status).toBe(422)
    expect((await stock.erp.send('POST', '/v1/scans', { body: { codes: ['PX'] } })).status).toBe(403)
  })
})
