import { describe, expect, test } from '@jest/globals'
import { company, method, run, standard, story } from '../../test/story.ts'
import { emptyState, entryText, layerText, orderLineText, poolText } from './rebuild.ts'

/** What is kept after a receipt of an order's line, a delivery, and two changes. */
function books() {
  const { receiptOf, delivery } = story()
  const order = { orderLine: 1, orderQuantity: '30', completesOrderLine: false }
  return run(
    method('fifo'),
    receiptOf('PO-1')(['A', '10', { at: '1.10', ...order }]),
    delivery(['A', '4']),
    standard('A', '3'),
  )
}

describe('what is rebuilt is compared as text', () => {
  test('nothing is there at first', () => {
    const empty = emptyState()
    const counts = [empty.lastInput, empty.lastPosition, empty.lastEntry, empty.inventoryValue]
    expect(counts).toEqual([0n, 0n, 0n, 0n])
    expect([empty.methods.size, empty.pools.size, empty.orderLines.size, empty.parked.length]).toEqual([0, 0, 0, 0])
    expect(empty.lastAccount).toBe(Object.keys(empty.accounts).length)
    expect(empty.entryNumbers).toEqual({})
  })

  test('an entry: all of it, with its document and lines', () => {
    const [receipt, delivery] = books().entries
    const read = (entry: typeof receipt) =>
      JSON.parse(entry === undefined ? 'null' : entryText(entry, company)) as unknown[]
    const place = ['document-1', 'D1', '1']
    expect(read(receipt).slice(0, 10)).toEqual(
      expect.arrayContaining(['1', '2026/000001', '2', '2', true, 'receipt', place, '1', '2026-04-23']),
    )
    const [line] = read(receipt).at(-1) as unknown[][]
    expect(line).toEqual(expect.arrayContaining(['11.00', 'id-A', 'A', '10']))
    expect(read(delivery).slice(0, 7)).toEqual(
      expect.arrayContaining(['2', '2026/000002', 'delivery', ['document-2', 'D2', '2']]),
    )
  })

  test('an entry of no document, and a line of no quantity', () => {
    const { receipt } = story()
    const { entries } = run(receipt(['A', '10', { at: '1' }]), standard('A', '3'), method('standard'))
    const change = entries.at(-1)
    if (change === undefined) throw new Error('no entry')
    const text = JSON.parse(entryText(change, company)) as unknown[]
    expect(text[6]).toBeNull()
    expect((text.at(-1) as unknown[][])[0]?.[5]).toBeNull()
  })

  test.each([
    ['number', { number: '2026/000009' }],
    ['cause', { cause: 'delivery' }],
    ['whether it is the original', { original: false }],
    ['what valued it', { valuedBy: 99n }],
    ['the position after which it came', { afterPosition: 99n }],
    ['its document', { document: null }],
    ['its lines', { lines: [] }],
    ['its date', { date: '2026-04-24' }],
    ['its time', { effectiveAt: new Date(0) }],
  ])('another %s is another text', (_what, over) => {
    const [entry] = books().entries
    if (entry === undefined) throw new Error('no entry')
    expect(entryText({ ...entry, ...over } as typeof entry, company)).not.toBe(entryText(entry, company))
    expect(entryText({ ...entry }, company)).toBe(entryText(entry, company))
  })

  test('layers and pools', () => {
    const outcome = books()
    const [changed] = outcome.layers
    if (changed === undefined) throw new Error('no layer')
    expect(JSON.parse(layerText(changed, company))).toEqual(['id-A', '0', '10', '6', '11.00', '6.60', 'A-100', '2'])
    const pool = outcome.state.pools.get('id-A')
    if (pool === undefined) throw new Error('no pool')
    const text = JSON.parse(poolText(pool, company)) as unknown[]
    expect(text.slice(0, 3)).toEqual(['id-A', 'A', 'all'])
    expect(text).toEqual(expect.arrayContaining(['fifo', '6', '6.60', '10', '4']))
  })

  test('lines of orders', () => {
    const half = { numerator: 1n, denominator: 2n }
    const line = { source: '/erp', orderNumber: 'PO-1', orderLine: 1, productId: 'id-A', openedBy: 'A-100' }
    const text = (over: object) =>
      orderLineText({ ...line, exact: half, counted: half, value: 500n, ...over } as never, company)
    expect(JSON.parse(text({}))).toEqual([expect.stringContaining('PO-1'), 'A-100', '1', '2', '1', '2', '5.00'])
    expect(text({ value: 501n })).not.toBe(text({}))
  })
})

describe('a document that is renumbered', () => {
  test('moves the position of the ledger, and never back', () => {
    const renumbered = (from: string, to: string) =>
      ({ kind: 'document-renumbered', documentId: 'document-1', from, to }) as const
    const { receipt } = story()
    const first = receipt(['A', '10', { at: '1' }])
    expect(run(first, renumbered('1', '2')).state.lastPosition).toBe(2n)
    expect(run(first, renumbered('1', '1')).state.lastPosition).toBe(1n)
  })
})
