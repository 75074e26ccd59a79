/** Rows C1 to C3: counts that managers schedule, operators make while goods move, and supervisors approve. */
import { expect, test } from '@jest/globals'
import { until, type Client, type Reply } from '@stockline/test-kit'
import { must } from '@stockline/test-kit/load/documents'
import type { Fixture } from './fixture.ts'
import { entriesOf, booked, fresh, onHand, sale, shelve, tellProduct, type Delivery } from './people.ts'

/** Parts of a count sheet that the journeys look at. */
interface Sheet {
  readonly id: string
  readonly number: string
  readonly status: string
  readonly zone: string
  readonly abcClass: string | null
  readonly assignee: string | null
  readonly version: number
  readonly adjustments: readonly string[]
  readonly lines: readonly {
    readonly line: number
    readonly sku: string
    readonly expected: string | null
    readonly counted: string | null
    readonly difference: string | null
    readonly state: string
  }[]
}

interface Page<Item> {
  readonly items: readonly Item[]
}

interface Queue extends Page<{
  readonly id: string
  readonly document: string
  readonly task: string
  readonly location: string
}> {
  readonly nextCursor: string | null
}

/** Registers the journeys of counts. */
export function countJourneys({ system }: Fixture): void {
  const path = '/stock/v1/count-sheets'
  const product = async (abcClass: 'A' | 'C') => {
    const sku = fresh('SKU')
    const data = { sku, name: sku, type: 'stockable', unit: 'unit', category: 'goods', barcodes: [], tracking: 'none', abcClass } // prettier-ignore
    must(await tellProduct(system(), data), 202)
    return sku
  }
  /** A zone of its own. */
  const zone = async (code = `WH/Stock/${fresh('Z')}`) => {
    const manager = await system().login('manager')
    must(await manager.send('POST', '/stock/v1/locations', { body: { code } }), 201)
    return code
  }
  const userId = async (username: string) => {
    const manager = await system().login('manager')
    const found = must(await manager.get<Page<{ id: string }>>(`/stock/v1/users?username=${username}`), 200)
    return found.items[0]?.id ?? ''
  }
  const make = async (body: object) => {
    const manager = await system().login('manager')
    return must(await manager.send<Sheet>('POST', path, { body }), 201)
  }
  const step = (as: Client, { id, version }: Sheet, name: string, body: object = {}): Promise<Reply<Sheet>> =>
    as.send<Sheet>(name === 'lines' ? 'PATCH' : 'POST', `${path}/${id}/${name}`, { version, body })
  const onSheet = async (as: Client, { id }: Sheet) => must(await as.get<Sheet>(`${path}/${id}`), 200)
  /** What the queue of picking says of a sheet to somebody; null where it is not in it. */
  const queued = async (as: Client, { id }: Pick<Sheet, 'id'>) => {
    for (let cursor = ''; ;) {
      const page = must(await as.get<Queue>(`/picking/v1/queue?limit=200${cursor}`), 200)
      const found = page.items.find((one) => one.id === id)
      if (found !== undefined) return `${found.document} ${found.task} ${found.location}`
      if (page.nextCursor === null) return null
      cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`
    }
  }
  const becomesQueued = (as: Client, sheet: Sheet, expected: string | null) =>
    until(`the queue to say ${String(expected)} of ${sheet.number}`, async () => (await queued(as, sheet)) === expected)

  test('C1: zones and classes are scheduled; a sheet is made, of an operator who counts it, and of nobody', async () => {
    const [a, c] = [await zone('WH/Stock/A'), await zone('WH/Stock/C')]
    const [ofA, ofC] = [await product('A'), await product('C')]
    for (const location of [a, c])
      await shelve(system(), [{ sku: ofA, quantity: '5', location }, { sku: ofC, quantity: '7', location }]) // prettier-ignore
    const manager = await system().login('manager')
    const assignee = await userId('user')
    const every = { every: { days: 30 }, dueInDays: 2 }
    const plans = [
      { name: fresh('A'), zone: a, abcClass: 'A', assignee, ...every },
      { name: fresh('C'), zone: c, abcClass: 'C', ...every },
    ]
    const sheets = []
    for (const body of plans) {
      const plan = must(await manager.send<{ id: string }>('POST', '/stock/v1/count-plans', { body }), 201)
      sheets.push(
        await until('its sheet', async () => {
          const found = must(await manager.get<Page<Sheet>>(`${path}?plan=${plan.id}`), 200)
          return found.items[0]
        }),
      )
    }
    const [mine, nobodys] = await Promise.all(sheets.map((sheet) => onSheet(manager, sheet)))
    expect(mine?.lines.map(({ sku }) => sku)).toEqual([ofA])
    expect(nobodys?.lines.map(({ sku }) => sku)).toEqual([ofC])
    // Stock moves on meanwhile.
    await shelve(system(), [{ sku: ofA, quantity: '1', location: a }])
    const user = await system().login('user')
    must(await step(user, mine!, 'lines', { lines: [{ line: 1, counted: '6' }] }), 200)
    const shown = must(await manager.get<Page<Sheet>>(`${path}?zone=${a}`), 200)
    expect(shown.items).toMatchObject([{ zone: 'WH/Stock/A', abcClass: 'A', assignee, status: 'in_progress' }])
    const other = must(await manager.get<Page<Sheet>>(`${path}?zone=${c}`), 200)
    expect(other.items).toMatchObject([{ zone: 'WH/Stock/C', abcClass: 'C', assignee: null, status: 'unassigned' }])
    const supervisor = await system().login('supervisor')
    await becomesQueued(supervisor, nobodys!, `count-sheet assign ${c}`)
    expect(await queued(user, nobodys!)).toBeNull()
    const given = must(await supervisor.send<Sheet>('PUT', `${path}/${nobodys!.id}/assignee`, { version: nobodys!.version, body: { user: assignee } }), 200) // prettier-ignore
    await becomesQueued(user, given, `count-sheet count ${c}`)
    await becomesQueued(supervisor, given, null)
  })

  test('C2: an operator finds the sheet in the queue and counts blind; a bin of 42 with 8 on a cart shows 34', async () => {
    const [sku, here] = [await product('A'), await zone()]
    await shelve(system(), [{ sku, quantity: '42', location: here }])
    const delivery = await sale(system(), [{ sku, quantity: '8' }], {}, (one) => one.status === 'ready')
    const user = await system().login('user')
    const sheet = await make({ zone: here, assignee: await userId('user') })
    await becomesQueued(user, sheet, `count-sheet count ${here}`)
    const own = must(await user.get<Page<Sheet>>(`${path}?assignee=me&status=scheduled`), 200)
    expect(own.items.map(({ id }) => id)).toContain(sheet.id)
    expect(await onSheet(user, sheet)).toMatchObject({ lines: [{ sku, expected: null, difference: null }] })
    must(
      await user.send<Delivery>('PATCH', `/picking/v1/deliveries/${delivery.id}/picks`, {
        version: delivery.version,
        body: { picks: [{ line: 1, location: here, picked: '8' }] },
      }),
      200,
    )
    const supervisor = await system().login('supervisor')
    // What is on the cart is heard of within moments.
    const counted = await until('the cart to be known', async () => {
      const now = await onSheet(user, sheet)
      const entered = must(await step(user, now, 'lines', { lines: [{ line: 1, counted: '34' }] }), 200)
      return (await onSheet(supervisor, sheet)).lines[0]?.expected === '34' && entered
    })
    expect(counted.lines).toMatchObject([{ counted: '34', expected: null, difference: null }])
    const done = must(await step(user, counted, 'submit'), 200)
    expect(done).toMatchObject({ status: 'done', adjustments: [], lines: [{ expected: '34', difference: '0' }] })
    expect(await onHand(system(), sku)).toMatchObject([{ location: here, onHand: '42' }])
    await becomesQueued(user, done, null)
  })

  test('C3: a variance is approved by a supervisor, and booked; what differed is suggested to be counted next', async () => {
    const [sku, here] = [await product('A'), await zone()]
    await shelve(system(), [{ sku, quantity: '42', location: here }])
    const user = await system().login('user')
    const sheet = await make({ zone: here, assignee: await userId('user') })
    const counted = must(await step(user, sheet, 'lines', { lines: [{ line: 1, counted: '40' }] }), 200)
    const submitted = must(await step(user, counted, 'submit'), 200)
    expect(submitted).toMatchObject({ status: 'submitted', adjustments: [expect.any(String)] })
    const supervisor = await system().login('supervisor')
    await becomesQueued(supervisor, submitted, `count-sheet review ${here}`)
    expect(await queued(user, submitted)).toBeNull()
    const address = `/stock/v1/adjustments/${submitted.adjustments[0]!}`
    const adjustment = must(await supervisor.get<{ number: string; version: number }>(address), 200)
    expect(adjustment).toMatchObject({ lines: [{ expected: '42', counted: '40', difference: '-2' }] })
    expect((await user.send('POST', `${address}/approve`, { version: adjustment.version, body: {} })).status).toBe(403)
    must(await supervisor.send('POST', `${address}/approve`, { version: adjustment.version, body: {} }), 200)
    expect(await onHand(system(), sku)).toMatchObject([{ location: here, onHand: '40' }])
    await until('the sheet to be done', async () => (await onSheet(user, sheet)).status === 'done')
    await becomesQueued(supervisor, submitted, null)
    await until('the loss to be booked', async () => (await entriesOf(system(), adjustment.number)).length > 0)
    const lines = booked((await entriesOf(system(), adjustment.number))[0])
    expect(lines.map((line) => line.replace(/ \S+ /, ' '))).toEqual(['Cr 4.00', 'Dr 4.00'])
    const next = must(await supervisor.get<Page<object>>(`/stock/v1/count-suggestions?zone=${here}`), 200)
    expect(next.items).toMatchObject([{ sku, parts: { since: { days: 0 }, differences: { count: 1, points: 50 } } }])
    const report = must(await user.get(`/stock/v1/count-accuracy?zone=${here}`), 200)
    expect(report).toMatchObject({ coverage: '100.00', lines: 1, exact: 0, accuracy: '0.00' })
  })
}
