import { describe, expect, test } from '@jest/globals'
import type { Refusal } from '@stockline/service-kit/refusal'
import { product, q, taken } from '../../test/builders.ts'
import { begun, delivery as aDelivery, line, pick, referenceData } from '../../test/deliveries-builders.ts'
import type { Delivery } from '../deliveries/delivery.ts'
import { begunPackage, cancelPackage, closePackage, reopenPackage } from './package.close.ts'
import { addToPackage, fillPackage, type KnownOfPackage } from './package.contents.ts'
import { packageEvents, tooLongToPublish } from './package.events.ts'
import { packagesAfter } from './package.follow.ts'
import { lastSerials } from './package.restore.ts'
import { goodsLeft, packingFaults, weightOf, type Package } from './package.ts'
import { packingSlipView } from './package.view.ts'

const [a, b] = ['WH/Stock/A1-03', 'WH/Stock/B2-01']
const places = [a, b]
/** Ten PX on two lines, and three and two kilograms of two lots. */
const delivery: Delivery = begun(
  line(1, 'PX', '6', pick(a, '4', '4'), pick(b, '2', '2')),
  line(2, 'LOT', '5', pick(a, '3', '3', { lot: 'L1' }), pick(a, '2', '2', { lot: 'L2' })),
  line(3, 'PX', '4', pick(a, '4', '4')),
  line(4, 'RM-A', '9', pick(a, '9')),
)
const packed = (documentLine: number, sku: string, quantity: string, lot: string | null = null) => ({
  ...{ line: documentLine, documentLine, sku, lot, quantity: q(quantity), unit: sku === 'PX' ? 'unit' : 'kg' },
})
const empty: Package = {
  number: 'WH/PAC/00001',
  ...begunPackage(
    { id: 'p', createdAt: new Date(0), sscc: '095060000000000015', companyPrefix: '9506000', type: null, places },
    delivery,
  ),
}
const one = (...lines: Package['lines']): Package => ({ ...empty, lines })
const other = (...lines: Package['lines']): Package => ({
  ...one(...lines),
  id: 'o',
  number: 'WH/PAC/00002',
  status: 'closed',
})
const known = (over: Partial<KnownOfPackage> = {}): KnownOfPackage => ({
  ...{ delivery, places, others: [], referenceData },
  ...over,
})
const shown = ({ lines }: Package) =>
  lines.map(
    (each) =>
      `${String(each.line)}: ${String(each.documentLine)} ${each.sku} ${each.lot ?? '-'} ${String(each.quantity / 1000n)}`,
  )
type Lines = Parameters<typeof fillPackage>[1]['lines']
const fill = (lines: object[], over: Partial<KnownOfPackage> = {}, of: Package = empty) =>
  fillPackage(of, { lines: lines as Lines }, known(over))

describe('Packages: D4 contents are what is picked, by line and lot', () => {
  test.each<[string, object[], string[]]>([
    ['a line', [{ documentLine: 1, quantity: '6' }], ['1: 1 PX - 6000']],
    ['a product of two lines, the first one first', [{ sku: 'PX', quantity: '7' }], ['1: 1 PX - 6000', '2: 3 PX - 1000']],
    ['in another unit', [{ sku: 'LOT', lot: 'L1', quantity: '2500', unit: 'g' }], ['1: 2 LOT L1 2500']],
    ['what is named twice', [{ documentLine: 3, quantity: '1' }, { sku: 'PX', documentLine: 3, quantity: '3' }], ['1: 3 PX - 4000']], // prettier-ignore
    ['two lots', [{ documentLine: 2, lot: 'L2', quantity: '2' }, { documentLine: 2, lot: 'L1', quantity: '0.001' }], ['1: 2 LOT L1 1', '2: 2 LOT L2 2000']], // prettier-ignore
    ['nothing', [], []],
  ])('%s', (_title, lines, expected) => expect(shown(taken(fill(lines, {}, one(packed(2, 'LOT', '3', 'L1')))).document)).toEqual(expected)) // prettier-ignore

  test('a line that is of another product now has nothing of what was packed of it', () => {
    const amended = { ...delivery, lines: [line(1, 'RM-A', '6', pick(a, '6', '6'))] }
    expect(goodsLeft(amended, [one(packed(1, 'PX', '6'))])).toMatchObject([
      { documentLine: 1, sku: 'RM-A', quantity: q('6') },
      { documentLine: 1, sku: 'PX', quantity: q('-6') },
    ])
  })

  test('a line whose product left the delivery keeps its unit', () => {
    const of = one(packed(1, 'PX', '6'))
    const after = addToPackage(of, [packed(2, 'LOT', '1', 'L1')], 'LOT', known({ referenceData: { ...referenceData, products: new Map() } })) // prettier-ignore
    expect(taken(after).document.lines).toMatchObject([{ sku: 'PX', unit: 'unit' }, { sku: 'LOT' }])
  })

  test('all that is wrong is named at once', () => {
    const others = [other(packed(1, 'PX', '5'))]
    const refused = fill(
      [
        { quantity: '1' },
        { documentLine: 9, quantity: '1' },
        { documentLine: 1, sku: 'RM-A', quantity: '1' },
        { sku: 'KG', quantity: '1' },
        { documentLine: 2, quantity: '1' },
        { documentLine: 2, lot: 'L9', quantity: '1' },
        { documentLine: 1, lot: 'L1', quantity: '1' },
        { documentLine: 1, quantity: '0.5' },
        { documentLine: 2, lot: 'L2', quantity: '1', unit: 'unit' },
        { documentLine: 1, quantity: '2' },
        { documentLine: 4, quantity: '1' },
        { documentLine: 2, lot: 'L1', quantity: '2' },
        { documentLine: 2, lot: 'L1', quantity: '1.001' },
      ],
      { others },
    )
    expect(refused).toMatchObject({ refused: 'contents-wrong', kind: 'content' })
    const { errors = [] } = refused as unknown as Refusal
    expect(errors.map(({ pointer, message }) => `${pointer} ${message}`)).toEqual([
      '/lines/0/documentLine must be there, or `sku`',
      '/lines/1/documentLine WH/OUT/00042 has no line 9',
      '/lines/2/sku line 1 is of PX',
      '/lines/3/sku KG is not on WH/OUT/00042',
      '/lines/4/lot several are picked: name one of L1, L2',
      '/lines/5/lot nothing of lot L9 is picked',
      '/lines/6/lot PX is not kept in lots',
      '/lines/7/quantity is too precise: "unit" is counted with no decimals',
      '/lines/8/quantity LOT is kept in kg; "unit" does not convert to it',
      '/lines/9/quantity of PX of line 1, only 1 is picked and in no other package',
      '/lines/10/quantity of RM-A of line 4, only 0 is picked and in no other package',
      '/lines/12/quantity of LOT of line 2, lot L1, only 1 is picked and in no other package',
    ])
  })

  test.each<[string, Package, Partial<KnownOfPackage>, string]>([
    ['a closed one', { ...empty, status: 'closed' }, {}, 'package-closed'],
    ['a shipped one', { ...empty, status: 'shipped' }, {}, 'package-ended'],
    ['a cancelled one', { ...empty, status: 'cancelled' }, {}, 'package-ended'],
    ['of a delivery that is posting', empty, { delivery: { ...delivery, status: 'posting' } }, 'delivery-not-open'],
    ['of a cancelled delivery', empty, { delivery: { ...delivery, status: 'cancelled' } }, 'delivery-not-open'],
  ])('%s is not filled', (_title, of, over, refused) =>
    expect(fill([{ documentLine: 1, quantity: '1' }], over, of)).toMatchObject({ refused, kind: 'state' }),
  )

  test('what is scanned comes on top', () => {
    const added = [{ documentLine: 1, sku: 'PX', lot: null, quantity: q('2') }]
    const { document, notes } = taken(addToPackage(one(packed(1, 'PX', '1')), added, '4006381333931', known()))
    expect([shown(document), notes]).toEqual([
      ['1: 1 PX - 3000'],
      [{ what: 'filled', why: 'scanned 4006381333931: 2 PX of line 1' }],
    ])
  })

  test.each([
    ['grams of two products', { PX: 350_000_000n, LOT: 1_000_000_000n }, q('3.7')],
    ['one that is not known', { PX: 350_000_000n }, null],
    ['less than a milligram', { PX: 1n, LOT: 1n }, q('0')],
  ])('they weigh: %s', (_title, weights: Record<string, bigint>, expected) => {
    const products = new Map(Object.entries(weights).map(([sku, weight]) => [sku, product(sku, { weight })]))
    expect(weightOf([packed(1, 'PX', '2'), packed(2, 'LOT', '3')], { ...referenceData, products })).toBe(expected)
  })
})

describe('Packages: D4 steps', () => {
  const full = one(packed(1, 'PX', '6'))
  const beyond = { ...one(packed(1, 'PX', '7')), problem: 'x' }
  test.each([
    ['closed', closePackage(full, {}, known()), { document: { status: 'closed' } }],
    ['closed twice', closePackage({ ...full, status: 'closed' }, {}, known()), 'already'],
    ['closed once shipped', closePackage({ ...full, status: 'shipped' }, {}, known()), 'already'],
    ['closed once cancelled', closePackage({ ...full, status: 'cancelled' }, {}, known()), { refused: 'package-cancelled' }], // prettier-ignore
    ['closed while empty', closePackage(empty, {}, known()), { refused: 'package-is-empty', kind: 'state' }],
    ['closed with more than is picked', closePackage(beyond, {}, known()), { refused: 'package-beyond-picks', errors: [{ pointer: '/lines/1', message: 'of PX of line 1, 1 more is packed than is picked' }] }], // prettier-ignore
    ['closed while posting', closePackage(full, {}, known({ delivery: { ...delivery, status: 'posting' } })), { refused: 'delivery-not-open' }], // prettier-ignore
    ['reopened', reopenPackage({ ...full, status: 'closed' }, {}, known()), { document: { status: 'open' } }],
    ['reopened while open', reopenPackage(full, {}, known()), 'already'],
    ['reopened once shipped', reopenPackage({ ...full, status: 'shipped' }, {}, known()), { refused: 'package-shipped' }], // prettier-ignore
    ['reopened once cancelled', reopenPackage({ ...full, status: 'cancelled' }, {}, known()), { refused: 'package-cancelled' }], // prettier-ignore
    ['reopened while posting', reopenPackage({ ...full, status: 'closed' }, {}, known({ delivery: { ...delivery, status: 'posting' } })), { refused: 'delivery-not-open' }], // prettier-ignore
    ['cancelled while empty', cancelPackage(empty, { reason: 'r' }), { document: { status: 'cancelled' }, notes: [{ what: 'cancelled', why: 'r' }] }], // prettier-ignore
    ['cancelled twice', cancelPackage({ ...empty, status: 'cancelled' }, { reason: 'r' }), 'already'],
    ['cancelled with goods in it', cancelPackage(full, { reason: 'r' }), { refused: 'package-not-empty' }],
    ['cancelled once shipped', cancelPackage({ ...full, status: 'shipped' }, { reason: 'r' }), { refused: 'package-shipped' }], // prettier-ignore
  ])('%s', (_title, decided: unknown, expected) => expect([decided]).toMatchObject([expected]))
})

describe('Packages: D4 a delivery ships as it is packed', () => {
  const all = [
    {
      ...one(packed(1, 'PX', '6'), packed(2, 'LOT', '3', 'L1'), packed(2, 'LOT', '2', 'L2')),
      status: 'closed' as const,
    },
    other(packed(3, 'PX', '4')),
  ]
  test.each<[string, readonly Package[], readonly string[]]>([
    ['all that is picked is in closed ones', all, []],
    ['cancelled ones do not count', [...all, { ...one(packed(1, 'PX', '1')), status: 'cancelled' }], []],
    ['one is empty', [...all, empty], ['WH/PAC/00001 is empty: fill or cancel it']],
    [
      'every fault is named',
      [one(packed(1, 'PX', '7'), packed(2, 'LOT', '3', 'L1'), packed(9, 'RM-B', '1'))],
      [
        'WH/PAC/00001 is open: close it',
        'of PX of line 1, 1 more is packed than is picked',
        'of LOT of line 2, lot L2, 2 is picked and in no package',
        'of PX of line 3, 4 is picked and in no package',
        'of RM-B of line 9, 1 more is packed than is picked',
      ],
    ],
  ])('%s', (_title, packages, messages) =>
    expect(packingFaults(delivery, packages).map(({ message }) => message)).toEqual(messages),
  )

  test('a package says at once that its goods were put back', () => {
    const less = {
      ...delivery,
      lines: delivery.lines.map((each) => (each.line === 1 ? line(1, 'PX', '6', pick(a, '6', '5')) : each)),
    }
    const [first, second] = packagesAfter(less, all).map(({ after }) => after)
    expect(first).toMatchObject({ problem: 'More is packed than is picked: 1 PX of line 1.', places: [a] })
    expect(second).toMatchObject({ problem: null, places: [a] })
    const again = packagesAfter(delivery, [first!, second!])
    expect(again.map(({ after, notes }) => [after.problem, notes])).toEqual([
      [null, [{ what: 'picks-changed', why: null }]],
      [null, []],
    ])
    expect(packagesAfter(delivery, all)).toEqual([])
    expect(goodsLeft(less, all)).toMatchObject([{ documentLine: 1, quantity: q('-1') }])
  })

  test.each<[string, Package, Partial<Delivery>, string[]]>([
    ['shipped with it', all[1]!, { status: 'done' }, ['shipped: shipped With WH/OUT/00042']],
    ['cancelled with it', all[1]!, { status: 'cancelled' }, ['cancelled: cancelled With WH/OUT/00042']],
    ['not what is shipped', { ...all[1]!, status: 'shipped' }, { status: 'done' }, []],
    ['not what is cancelled', { ...all[1]!, status: 'cancelled' }, { status: 'done' }, []],
    ['not what has nothing to do with it', all[1]!, { status: 'posting' }, []],
  ])('what becomes of a package: %s', (_title, each, over, expected) => {
    const followed = packagesAfter({ ...delivery, ...over }, [each])
    expect(followed.map(({ after, notes }) => `${after.status}: ${notes.map(({ what, why }) => `${what} ${String(why)}`).join()}`)).toEqual(expected) // prettier-ignore
  })

  test.each<[string, Partial<Package>, number]>([
    ['closed', { status: 'closed' }, 1],
    ['filled', { lines: [] }, 1],
    ['of another weight', { weight: q('1') }, 1],
    ['at other places', { places: [b] }, 0],
    ['with more than is picked', { problem: 'x' }, 0],
  ])('a package that is %s is published so many times: %p', (_title, over, times) => {
    const before = one(packed(1, 'PX', '6'))
    expect(packageEvents(before, { ...before, ...over })).toHaveLength(times)
    expect(packageEvents(undefined, before)).toHaveLength(1)
  })

  test.each([
    ['4,000 lines in all', 4, 'PX', undefined],
    ['more', 5, 'PX', 'at most 4,000 lines together; these would have 5000'],
    ['names that are long', 3, 'X'.repeat(255), 'fewer lines together, since products or lots have long names'],
    ['few, however long', 0, 'X'.repeat(255), undefined],
  ])('all packages together have room in one event: %s', (_title, count, sku, expected) => {
    const lines = Array.from({ length: 1000 }, (_each, index) => packed(index + 1, sku, '1'))
    const many = Array.from({ length: count }, () => one(...lines))
    expect(tooLongToPublish([...many, { ...one(...lines), status: 'cancelled' }])).toBe(expected)
  })

  test('one that would be too long with the others is not filled', () => {
    const lines = Array.from({ length: 1000 }, (_each, index) => packed(index + 1, 'PX', '1'))
    const others = Array.from({ length: 4 }, () => other(...lines))
    const added = [{ documentLine: 1, sku: 'PX', lot: null, quantity: q('1') }]
    expect(addToPackage(empty, added, 'PX', known({ others }))).toMatchObject({ refused: 'packages-too-long', kind: 'content' }) // prettier-ignore
  })

  test.each([
    ['nothing published, none configured', [], undefined, {}],
    ['nothing published', [], '9506000', { 9506000: 0n }],
    ['the last one of each prefix', ['095060000000000015', '095060000000000039', '095060000000000022'], '9520000', { 9520000: 0n, 9506000: 3n }], // prettier-ignore
  ])('after a fall back counters go on behind: %s', (_title, ssccs, configured, expected) => {
    const published = ssccs.map((sscc) => ({ sscc, companyPrefix: '9506000' }))
    expect(Object.fromEntries(lastSerials([...published, {}], configured))).toEqual(expected)
  })

  test('the slip has the packages in use, what is in none, and what is wrong', () => {
    const slip = packingSlipView(delivery, [all[0]!, { ...empty, id: 'c', status: 'cancelled' }])
    expect(slip).toMatchObject({
      ...{
        number: 'WH/OUT/00042',
        customer: { code: 'BIG' },
        packages: [{ number: 'WH/PAC/00001', lines: [{}, {}, {}] }],
      },
      notPacked: [{ documentLine: 3, sku: 'PX', lot: null, quantity: '4' }],
      problems: ['of PX of line 3, 4 is picked and in no package'],
    })
    expect(packingSlipView(aDelivery(), []).problems).toEqual([])
  })
})
