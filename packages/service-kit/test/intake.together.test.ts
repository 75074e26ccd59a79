/** Events that come by HTTP at the same moment: one transaction, and each is answered as if it had come alone. */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Event } from '@stockline/contracts/envelope'
import { clientFor, meeting, until, type Client, type Reply } from '@stockline/test-kit'
import { batchReaction, event, eventsEndpoint, reaction, refuse, publish, sql, waitFor, type Tx } from '../src/index.ts'
import { erased, noted } from './kit.contracts.ts'
import { startThings, things, tokenFor, type Started } from './things.ts'
import { thingMoved } from './grouped.things.ts'

interface Taken {
  readonly state?: string
  readonly type?: string
  readonly reason?: string | null
}

/** What the reactions were given, and in which transaction. */
const heard: { text: string; by: string | undefined; tx: unknown }[] = []
/** Texts that trip, while they are here. */
const broken = new Set<string>()
const gate: { entered?: () => void; open?: Promise<unknown> } = {}
const insertThing = sql('insert into things (id, name) values (gen_random_uuid(), $1)')
const named = sql('select name from things where name = any($1::text[]) order by name')
const tripLater = sql('select 1 / (1 - 1)')
const outbox = sql('select value from kit.outbox where subject = $1 order by position')
const rowsFor = sql('select state from kit.parked where source = $1 order by position')

type Note = Event<{ readonly text: string }>

/** What becomes of a note is in its first word. */
async function write(tx: Tx, { data: { text }, ...envelope }: Note) {
  heard.push({ text, by: tx.origin.actor?.name, tx: tx.now })
  const [what] = text.split(' ')
  if (what === 'gate') {
    gate.entered?.()
    await gate.open
  }
  if (what === 'wait') return waitFor('Nothing is there.', 'something')
  if (what === 'late') return refuse('note-late', 'state', `${text} came too late and changes nothing.`)
  if (what === 'wrong') return refuse('note-contradicts', 'content', `${text} was told before with other content.`)
  if (what === 'trip') await tx.query(tripLater)
  if (broken.has(text)) throw new TypeError(`cannot read ${text}`)
  await tx.query(insertThing, [text])
  await publish(tx, event(thingMoved, envelope.subject, { id: text, state: 'noted' }))
  return undefined
}

const reactions = [
  reaction(noted, { react: write }),
  batchReaction({
    contracts: [erased],
    react: (tx: Tx, events) => {
      heard.push(...events.map(({ data, actor }) => ({ text: data.text, by: actor?.name, tx: tx.now })))
      const waiting = new Set(events.filter(({ data }) => data.text.startsWith('wait')).map(({ subject }) => subject))
      const came = events.map(({ subject, data }) => {
        if (waiting.has(subject)) return waitFor('Nothing is there.', 'something')
        return data.text.startsWith('wrong')
          ? refuse('note-contradicts', 'content', `${data.text} is wrong.`)
          : undefined
      })
      return Promise.resolve(came)
    },
  }),
]

let started: Started
const { meet, atOnce } = meeting()
let erp: Client
let shop: Client
beforeAll(async () => {
  started = await startThings(
    {},
    {
      ...things,
      topics: [...things.topics, { name: 'notes', partitions: 3 }, { name: 'things.moves', partitions: 3 }],
      reactions: () => reactions,
      routes: (parts) => [
        eventsEndpoint(parts, { right: 'scope:notes:publish', contracts: [noted, erased], reactions }),
      ],
    },
    { meet },
  )
  const as = (sub: string, name: string) =>
    tokenFor({ name, claims: { scope: 'notes:publish', sub }, without: ['sid', 'groups'] })
  erp = clientFor(started.service.url, as('erp', 'ERP'))
  shop = clientFor(started.service.url, as('shop', 'Shop'))
})
afterAll(() => started.stop())
afterEach(() => {
  broken.clear()
  heard.length = 0
})

function note(text: string, over: object = {}): Record<string, unknown> {
  const envelope = { specversion: '1.0', id: randomUUID(), source: '/erp', type: noted.type, subject: randomUUID() }
  return { ...envelope, data: { text: `${text} ${randomUUID()}` }, ...over }
}

function send(who: Client, body: object, headers: Record<string, string> = {}): Promise<Reply<Taken>> {
  return who.send('POST', '/v1/events', {
    body,
    headers: { 'content-type': 'application/cloudevents+json', ...headers },
  })
}

const outcomes = (answers: readonly Reply<Taken>[]) =>
  answers.map(({ status, body }) => (status === 202 ? body.state : `${status} ${body.type}`))
const textOf = (one: Record<string, unknown>) => (one['data'] as { text: string }).text

async function applied(...notes: readonly Record<string, unknown>[]): Promise<boolean[]> {
  const rows = await started.service.db.query<{ name: string }>(named, [notes.map(textOf)])
  return notes.map((one) => rows.some(({ name }) => name === textOf(one)))
}

/** In how many transactions these were applied last. */
function transactions(...notes: readonly Record<string, unknown>[]): number {
  return new Set(notes.map((one) => heard.findLast(({ text }) => text === textOf(one))?.tx)).size
}

describe('events at the same moment', () => {
  test('are one transaction, and each is answered by what became of it', async () => {
    const [known, repeated] = [note('known'), note('repeated')]
    await Promise.all([send(erp, known), send(erp, repeated)])
    const [one, two] = [note('one'), note('two')]
    const answers = await atOnce([
      () => send(erp, one),
      () => send(erp, { ...note('other'), id: known['id'] }),
      () => send(erp, note('wait')),
      () => send(erp, note('late')),
      () => send(erp, note('wrong')),
      () => send(erp, note('x', { data: { text: 5 } })),
      () => send(erp, repeated),
      () => send(erp, two),
    ])
    expect(outcomes(answers)).toEqual([
      'applied',
      '409 event-id-reused',
      'waiting',
      'applied',
      '409 note-contradicts',
      '422 event-invalid',
      'repeated',
      'applied',
    ])
    expect(answers.map(({ body }) => body.reason?.split(' ')[0])).toEqual([
      undefined,
      undefined,
      'Nothing',
      'late',
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    expect(await applied(one, two)).toEqual([true, true])
    expect(transactions(one, two)).toBe(1)
  })

  test('where one trips, that one is parked, and the others are what they would have been', async () => {
    const [one, two, bad, worse] = [note('one'), note('two'), note('bad'), note('trip')]
    broken.add(textOf(bad))
    const waits = note('wait', { source: '/trips' })
    const answers = await atOnce([
      () => send(erp, one),
      () => send(erp, waits),
      () => send(erp, bad),
      () => send(erp, note('wrong')),
      () => send(erp, worse),
      () => send(erp, note('late')),
      () => send(erp, two),
    ])
    expect(outcomes(answers)).toEqual([
      'applied',
      'waiting',
      'parked',
      '409 note-contradicts',
      'parked',
      'applied',
      'applied',
    ])
    expect(await applied(one, two, bad, worse)).toEqual([true, true, false, false])
    expect(await started.service.db.query(rowsFor, ['/trips'])).toEqual([{ state: 'waiting' }])
  })

  test('each leads to what its own sender did, under its own request', async () => {
    const made = [note('one'), note('two'), note('three'), note('said', { actor: { id: 'ann', name: 'Ann' } })]
    const who = [erp, shop, shop, erp]
    await atOnce(
      made.map((one, index) => () => send(who[index] ?? erp, one, { 'x-correlation-id': `request-${index}` })),
    )
    expect(transactions(...made)).toBe(1)
    const events = await Promise.all(
      made.map(async ({ subject }) => {
        const [row] = await started.service.db.query<{ value: string }>(outbox, [subject])
        return JSON.parse(row?.value ?? '{}') as { actor: string; correlationid: string; causationid: string }
      }),
    )
    expect(events.map(({ actor }) => (JSON.parse(actor) as { name: string }).name)).toEqual([
      'ERP',
      'Shop',
      'Shop',
      'Ann (ERP)',
    ])
    expect(events.map(({ correlationid }) => correlationid)).toEqual([0, 1, 2, 3].map((n) => `request-${n}`))
    expect(events.map(({ causationid }) => causationid)).toEqual(made.map(({ id }) => id))
    expect(heard.slice(-4).map(({ by }) => by)).toEqual(['ERP', 'Shop', 'Shop', 'Ann (ERP)'])
  })

  test('the same one twice is applied once, and both are told that it is taken; with other content one is', async () => {
    const [same, other, free] = [note('same'), note('other'), note('free')]
    const answers = await atOnce([
      () => send(erp, same),
      () => send(erp, same),
      () => send(erp, other),
      () => send(erp, { ...note('another'), id: other['id'] }),
      () => send(erp, free),
    ])
    expect(outcomes(answers)).toEqual(['applied', 'repeated', 'applied', '409 event-id-reused', 'applied'])
    expect(heard.filter(({ text }) => text === textOf(same))).toHaveLength(1)
  })

  test('of one subject are applied in the order in which they came; behind one that waits they wait', async () => {
    const about = { subject: randomUUID() }
    const inLine = { subject: randomUUID() }
    const [first, second] = [note('first', about), note('second', about)]
    const answers = await atOnce([
      () => send(erp, first),
      () => send(erp, note('wait', inLine)),
      () => send(erp, second),
      () => send(erp, note('behind', inLine)),
    ])
    expect(outcomes(answers)).toEqual(['applied', 'waiting', 'applied', 'waiting'])
    expect(answers[3].body.reason).toMatch(/^An earlier event of/)
    const own = heard.map(({ text }) => text).filter((text) => text === textOf(first) || text === textOf(second))
    expect(own).toEqual([textOf(first), textOf(second)])
  })

  test('of a batch reaction are one call, and each is answered by what it says of it', async () => {
    const over = { type: erased.type }
    const inLine = { ...over, subject: randomUUID() }
    const [one, two] = [note('one', over), note('two', over)]
    const answers = await atOnce([
      () => send(erp, one),
      () => send(shop, note('wait', inLine)),
      () => send(erp, note('wrong', over)),
      () => send(shop, two),
      () => send(erp, note('behind', inLine)),
    ])
    expect(outcomes(answers)).toEqual(['applied', 'waiting', '409 note-contradicts', 'applied', 'waiting'])
    expect(answers[4].body.reason).toMatch(/^An earlier event of/)
    expect(transactions(one, two)).toBe(1)
    const by = (note: Record<string, unknown>) => heard.find(({ text }) => text === textOf(note))?.by
    expect([by(one), by(two)]).toEqual(['ERP', 'Shop'])
  })

  test('one that hangs keeps nobody waiting who comes after it', async () => {
    const [hanging, quick] = [note('gate'), note('quick')]
    const open = Promise.withResolvers<undefined>()
    const entered = Promise.withResolvers<undefined>()
    gate.entered = () => entered.resolve(undefined)
    gate.open = open.promise
    const first = send(erp, hanging)
    await entered.promise
    expect((await send(erp, quick)).body.state).toBe('applied')
    expect(await applied(hanging, quick)).toEqual([false, true])
    open.resolve(undefined)
    expect((await first).body.state).toBe('applied')
  })

  test('and by the bus: each once, whichever way it came first', async () => {
    const made = Array.from({ length: 20 }, () => note('both'))
    await Promise.all([
      ...made.map((one) => send(erp, one)),
      started.service.bus.publish(
        made.map((one) => ({
          topic: 'notes',
          message: { key: String(one['subject']), value: Buffer.from(JSON.stringify(one)), headers: {} },
        })),
      ),
    ])
    await until('all are applied', async () => (await applied(...made)).every(Boolean))
    for (const one of made) expect((await started.service.db.query(outbox, [one['subject']])).length).toBe(1)
  })
})
