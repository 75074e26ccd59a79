/**
 * Rows T2, C2 and C3 at once: clients transfer goods both ways between two places, while people count these places again and again. What
 * people enter is what they saw a moment before, so that some of it differs by what moved since; supervisors approve or reject that.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { groups } from '@stockline/contracts'
import { until, type Client, type Reply } from '@stockline/test-kit'
import { must } from '@stockline/test-kit/load/documents'
import type { System } from '@stockline/test-kit/load/system'
import { violationsOf } from '../../tools/invariants/check.ts'
import { reportOf, type Asked, type ClassedProduct, type CountedSheet } from './counts-report.ts'
import type { Fixture } from './fixture.ts'
import { fresh, sale, shelve, tellProduct, type Delivery, type Quant } from './people.ts'
import { somebodyAt } from './somebody.ts'

/** Goods are moved and counted for so long. */
const seconds = Number(process.env['COUNT_SECONDS'] ?? '8')
const [clients, people] = [16, 4]
const lots = ['L1', 'L2', 'L3']

interface Document {
  readonly id: string
  readonly status: string
  readonly version: number
}
type AdjustedLine = Pick<Quant, 'sku' | 'lot'> & { readonly difference: string }
type Adjustment = Document & { readonly lines: readonly AdjustedLine[] }

/** Two places with goods, who works there, and what was done. */
interface Scene {
  readonly zone: string
  readonly places: readonly [string, string]
  readonly goods: readonly (ClassedProduct & { readonly tracking: string })[]
  readonly opened: readonly { readonly sku: string; readonly lot?: string; readonly location: string; readonly quantity: string }[] // prettier-ignore
  readonly manager: Client
  readonly supervisor: Client
  readonly operator: Client
  readonly counters: readonly { readonly id: string; readonly client: Client }[]
  /** What is picked of the last of the products, and put back, changes all the time. */
  readonly delivery: Delivery
  /** Answers that no request may have. */
  readonly failures: string[]
  readonly sheets: string[]
  readonly done: { transfers: number; recounts: number; askedAgain: number; posted: number; rejected: number }
}

/** Registers the journey. */
export function movingCountJourneys({ system }: Fixture): void {
  test('T2 C2 C3: 16 clients transfer between two places while 4 people count them: no request fails, sums are exact, the report is right', async () => {
    const scene = await openScene(system())
    const began = performance.now()
    const isOver = () => performance.now() - began > seconds * 1_000
    const work = [
      ...Array.from({ length: clients }, (_one, client) => transferGoods(scene, client, isOver)),
      ...scene.counters.map((_one, person) => countPlaces(scene, person, isOver)),
      pickAndPutBack(scene, isOver),
    ]
    // What fails does not leave the others at work while the next test runs.
    const ends = await Promise.allSettled(work)
    const tookMs = performance.now() - began
    expect(ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []))).toEqual([])

    const sheets = await Promise.all(scene.sheets.map((id) => doneSheet(scene, id)))
    await expectSums(scene, sheets)
    await expectReports(scene, sheets)
    expect(await violationsOf(system().dataFolder)).toEqual([])
    expect(scene.failures).toEqual([])
    tellFigures(scene, sheets, tookMs / 1_000)
  }, (seconds + 120) * 1_000) // prettier-ignore
}

async function openScene(system: System): Promise<Scene> {
  const failures: string[] = []
  const [manager, supervisor, operator] = await Promise.all(
    (['manager', 'supervisor', 'user'] as const).map(async (name) => observed(await system.login(name), failures)),
  )
  if (manager === undefined || supervisor === undefined || operator === undefined) throw new Error('nobody is there')
  const zone = `WH/Stock/${fresh('Z')}`
  const places = [`${zone}/1`, `${zone}/2`] as const
  for (const code of [zone, ...places]) must(await manager.send('POST', '/stock/v1/locations', { body: { code } }), 201)
  const goods = [['none', 'A'], ['lot', 'B'], ['none', 'C'], ['none', 'A']].map(([tracking = '', abcClass = '']) => ({ sku: fresh('SKU'), tracking, abcClass })) // prettier-ignore
  for (const { sku, ...of } of goods) {
    const data = { ...of, sku, name: sku, type: 'stockable', unit: 'unit', category: 'goods', barcodes: [] }
    must(await tellProduct(system, data), 202)
  }
  const opened = places.flatMap((location) =>
    goods.flatMap(({ sku, tracking }) =>
      tracking === 'lot'
        ? lots.map((lot) => ({ sku, lot, location, quantity: '400' }))
        : [{ sku, location, quantity: '1000' }],
    ),
  )
  await shelve(system, opened)
  const counters = await Promise.all(
    Array.from({ length: people }, async () => {
      const { id, client } = await somebodyAt(system, ['WH'], groups.user)
      return { id, client: observed(client, failures) }
    }),
  )
  const delivery = await sale(system, [{ sku: goods.at(-1)?.sku ?? '', quantity: '40' }], {}, ({ status }) => status === 'ready') // prettier-ignore
  const done = { transfers: 0, recounts: 0, askedAgain: 0, posted: 0, rejected: 0 }
  const scene = { zone, places, goods, opened, manager, supervisor, operator, counters, delivery, failures, sheets: [], done } // prettier-ignore
  // The first one is made as soon as picking knows the products.
  await until('picking knows the products', async () => (await draftTransfer(scene, 0, 0)).status === 201)
  return scene
}

/** A client of which every answer is looked at. */
function observed(client: Client, failures: string[]): Client {
  const looked = <Body>(what: string, reply: Reply<Body>): Reply<Body> => {
    const text = JSON.stringify(reply.body)
    if (reply.status >= 500 || /deadlock/i.test(text)) failures.push(`${what}: ${String(reply.status)} ${text}`)
    return reply
  }
  return {
    get: async (path, options) => looked(`GET ${path}`, await client.get(path, options)),
    send: async (method, path, options) => looked(`${method} ${path}`, await client.send(method, path, options)),
    as: (token) => observed(client.as(token), failures),
  }
}

/** Each client names the products in another order, and some say the lot. */
function draftTransfer({ supervisor, places: [one, other], goods }: Scene, client: number, round: number) {
  const [source, destination] = (client + round) % 2 === 0 ? [one, other] : [other, one]
  const turned = goods.map((_good, at) => goods[(at + client + round) % goods.length]).slice(0, 3)
  const lines = turned.map((good, at) => ({
    ...{ sku: good?.sku, quantity: String(1 + ((round + at) % 4)) },
    ...(good?.tracking === 'lot' && round % 3 > 0 ? { lot: lots[round % lots.length] } : {}),
  }))
  return supervisor.send<Document>('POST', '/picking/v1/transfers', { body: { source, destination, lines } })
}

async function transferGoods(scene: Scene, client: number, isOver: () => boolean): Promise<void> {
  const step = async ({ id, version }: Document, name: string, status: string) => {
    const at = `/picking/v1/transfers/${id}`
    const reply = await scene.operator.send<Document>('POST', `${at}/${name}`, { version, body: {}, wait: 10 })
    expect([200, 202]).toContain(reply.status)
    return until(`${at} to be ${status}`, async () => {
      const now = must(await scene.operator.get<Document>(at), 200)
      return now.status === status && now
    })
  }
  for (let round = 0; !isOver(); round += 1) {
    const draft = must(await draftTransfer(scene, client, round), 201)
    await step(await step(draft, 'confirm', 'in_transit'), 'validate', 'done')
    scene.done.transfers += 1
  }
}

/** What is on a cart changes all the time. In the end all is put back, and the delivery ends. */
async function pickAndPutBack({ operator, supervisor, delivery }: Scene, isOver: () => boolean): Promise<void> {
  const at = `/picking/v1/deliveries/${delivery.id}`
  const location = delivery.lines[0]?.picks[0]?.location
  let { version } = delivery
  const pick = async (picked: string) => {
    const body = { picks: [{ line: 1, location, picked }] }
    version = must(await operator.send<Delivery>('PATCH', `${at}/picks`, { version, body }), 200).version
  }
  for (let round = 1; !isOver(); round += 1) {
    await pick(String(round % 8))
    // A submit waits longer than two seconds to hear of picks: with more of them it would never be through.
    await delay(5_000)
  }
  await pick('0')
  must(await supervisor.send('POST', `${at}/cancel`, { version, body: { reason: 'not wanted' } }), 200)
}

async function countPlaces(scene: Scene, person: number, isOver: () => boolean): Promise<void> {
  const { manager, supervisor, goods, zone, sheets, done } = scene
  for (let round = person; !isOver(); round += 1) {
    // A submit waits for picks of what is reserved: not every sheet has that product.
    const skus = goods.map(({ sku }) => sku).slice(0, round % 4 === 0 ? undefined : -1)
    const body = { zone: [...scene.places, zone][round % 3], skus }
    const made = must(await manager.send<CountedSheet>('POST', '/stock/v1/count-sheets', { body }), 201)
    sheets.push(made.id)
    let sheet = await countSheet(scene, made, person)
    if (sheet.status === 'submitted' && round % 5 === 0) {
      done.recounts += 1
      sheet = await countSheet(scene, await stepOf(supervisor, sheet, 'recount'), (person + 1) % people)
    }
    for (const id of sheet.adjustments) await judge(scene, id, round % 3 > 0)
  }
}

async function stepOf(who: Client, { id, version }: CountedSheet, name: string, body: object = {}) {
  const method = name === 'lines' ? 'PATCH' : name === 'assignee' ? 'PUT' : 'POST'
  return must(await who.send<CountedSheet>(method, `/stock/v1/count-sheets/${id}/${name}`, { version, body }), 200)
}

/** Gives a sheet to somebody, who looks, enters what was seen and submits, until nothing is asked again. */
async function countSheet({ supervisor, counters, done }: Scene, given: CountedSheet, person: number) {
  const { id = '', client = supervisor } = counters[person] ?? {}
  let sheet = await stepOf(supervisor, given, 'assignee', { user: id })
  for (let isAgain = false; ; isAgain = true) {
    const asked = sheet.lines.filter(({ state }) => state !== 'counted')
    if (isAgain) done.askedAgain += asked.length
    const seen = new Map((await quantsOf(client, `location=${sheet.zone}`)).map((one) => [keyOf(one), one.onHand]))
    await delay(100)
    const lines = asked.map((one) => ({ line: one.line, counted: seen.get(keyOf(one)) ?? '0' }))
    sheet = await stepOf(client, await stepOf(client, sheet, 'lines', { lines }), 'submit')
    if (sheet.status !== 'in_progress') return sheet
  }
}

async function judge({ supervisor, done }: Scene, id: string, approves: boolean): Promise<void> {
  const at = `/stock/v1/adjustments/${id}`
  const { version } = must(await supervisor.get<Adjustment>(at), 200)
  const [name, body] = approves ? ['approve', {}] : ['reject', { reason: 'count again' }]
  const { status } = must(await supervisor.send<Adjustment>('POST', `${at}/${name}`, { version, body }), 200)
  expect(status).toBe(approves ? 'posted' : 'rejected')
  done[approves ? 'posted' : 'rejected'] += 1
}

async function quantsOf(client: Client, query: string): Promise<readonly Quant[]> {
  return must(await client.get<{ items: readonly Quant[] }>(`/stock/v1/quants?limit=200&${query}`), 200).items
}

function keyOf({ sku, location, lot }: Pick<Quant, 'sku' | 'location' | 'lot'>): string {
  return [sku, location, lot].join(' ')
}

function doneSheet({ manager }: Scene, id: string): Promise<CountedSheet> {
  return until(`count sheet ${id} to be done`, async () => {
    const now = must(await manager.get<CountedSheet>(`/stock/v1/count-sheets/${id}`), 200)
    return now.status === 'done' && now
  })
}

/** Of each product and lot there is what was opened, with what was posted of the sheets; nothing is on its way any more. */
async function expectSums({ manager, goods, opened }: Scene, sheets: readonly CountedSheet[]): Promise<void> {
  const made = await Promise.all(
    sheets.flatMap(({ adjustments }) => adjustments).map(async (id) => must(await manager.get<Adjustment>(`/stock/v1/adjustments/${id}`), 200)),
  ) // prettier-ignore
  const posted = made.filter(({ status }) => status === 'posted').flatMap(({ lines }) => lines)
  const there = (await Promise.all(goods.map(({ sku }) => quantsOf(manager, `sku=${sku}`)))).flat()
  const sums = (parts: readonly (readonly [sku: string, lot: string | null | undefined, quantity: string])[]) => {
    const all: Record<string, number> = {}
    for (const [sku, lot, quantity] of parts)
      all[`${sku} ${lot ?? ''}`] = (all[`${sku} ${lot ?? ''}`] ?? 0) + Number(quantity)
    return all
  }
  expect(sums(there.map(({ sku, lot, onHand }) => [sku, lot, onHand]))).toEqual(
    sums([
      ...opened.map(({ sku, lot, quantity }) => [sku, lot, quantity] as const),
      ...posted.map(({ sku, lot, difference }) => [sku, lot, difference] as const),
    ]),
  )
  expect(there.filter(({ location, onHand }) => location.startsWith('Virtual/') && onHand !== '0')).toEqual([])
}

/** The report of the zone and of each place, of all times and of either half of them, is what the last lines of the sheets say. */
async function expectReports({ manager, zone, places, goods }: Scene, sheets: readonly CountedSheet[]): Promise<void> {
  const there = (await quantsOf(manager, `location=${zone}`)).filter(({ onHand }) => onHand !== '0')
  const times = sheets.flatMap(({ lines }) => lines.map(({ countedAt }) => countedAt ?? '')).toSorted()
  const middle = times[Math.floor(times.length / 2)] ?? ''
  const asked = [zone, ...places].flatMap((code): Asked[] => [{ zone: code }, { zone: code, since: middle }, { zone: code, until: middle }]) // prettier-ignore
  for (const one of asked) {
    const query = new URLSearchParams({ ...one })
    const report = must(await manager.get(`/stock/v1/count-accuracy?${query.toString()}`), 200)
    expect({ asked: one, report }).toEqual({ asked: one, report: reportOf(one, sheets, there, goods) })
  }
}

function tellFigures({ done, failures }: Scene, sheets: readonly CountedSheet[], took: number): void {
  const lines = sheets.flatMap((sheet) => sheet.lines)
  const off = lines.filter(({ difference }) => difference !== '0').length
  if (process.env['COUNT_SECONDS'] !== undefined)
    process.stderr.write(
      `${took.toFixed(1)} s: ${String(done.transfers)} transfers, ${(done.transfers / took).toFixed(1)}/s; ` +
        `${String(sheets.length)} sheets of ${String(lines.length)} lines, ${String(off)} of which differ; ` +
        `${String(done.askedAgain)} lines asked again, ${String(done.recounts)} sheets counted again; ` +
        `${String(done.posted)} adjustments posted, ${String(done.rejected)} rejected; ${String(failures.length)} failures\n`,
    )
}
