/**
 * What every kind of document must do, on a real PostgreSQL: a kind's test calls it with its store and samples. What a kind decides
 * is its own, and is not looked at here.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { sql, type Actor, type Database } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import type { AnyDocument, Change, Stored, Transaction } from '../src/document.ts'
import { restoreNumbers } from '../src/numbers.ts'
import type { DocumentStore } from '../src/store.ts'

/** What a list reads of any document. */
interface Row {
  readonly id: string
  readonly number: string
  readonly sortedBy: string
}

/** A kind, and what to try it with. */
export interface Conforming<Document extends AnyDocument> {
  readonly db: Database
  readonly store: DocumentStore<Document, Row>
  /** The same kind in another process: its cache is its own. */
  readonly elsewhere: DocumentStore<Document, Row>
  /** How it is declared. */
  readonly kind: { readonly numberType: string; readonly sorts: readonly string[] }
  /** Fields that must be empty where the others are filled. */
  readonly empty?: readonly string[]
  /** A new document in a warehouse that fills every field and has two lines at least. Its places are in the warehouse. */
  readonly draft: (warehouse: string) => Omit<Document, 'number'>
  /** Another version of it: the head is other, the first line is other, the last line is gone. */
  readonly changed: (document: Document) => Document
  /** Assigns a person to locations. */
  readonly assign: (person: string, locations: readonly string[]) => Promise<void>
  /** A person who may not act everywhere. */
  readonly person: (id: string) => Actor
  readonly stop: () => Promise<void>
}

const origin = { actor: { id: 'tester', name: 'Tester' }, correlationId: 'conformance' } as const
const note = { what: 'created', why: null }
const waiters = sql(`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)

/** Runs the suite for a kind. */
export function documentConformance<Document extends AnyDocument>(
  name: string,
  open: () => Promise<Conforming<Document>>,
): void {
  let at: Conforming<Document>
  let warehouses = 0
  /** A warehouse of a test's own: numbers begin anew. */
  const warehouse = () => `C${String((warehouses += 1))}`
  const within = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => at.db.transaction(origin, work)
  const make = (count: number, where = warehouse()) =>
    within((tx) =>
      at.store.create(
        tx,
        Array.from({ length: count }, () => ({ draft: at.draft(where), note })),
      ),
    )
  const one = (found: readonly Stored<Document>[]): Stored<Document> => {
    const [first] = found
    if (first === undefined) throw new Error('There is no such document.')
    return first
  }
  const changeOf = (stored: Stored<Document>): Change<Document> => ({
    stored,
    after: at.changed(stored.document),
    notes: [{ what: 'changed', why: 'to see' }],
  })
  const idsOf = (all: readonly Stored<Document>[]) => all.map(({ document }) => document.id)

  beforeAll(async () => {
    at = await open()
  }, 60_000)
  afterAll(() => at.stop())

  describe(`${name} as a document`, () => {
    test('comes back as it was written, field by field, from its rows and from the cache', async () => {
      const made = one(await make(1))
      const { id } = made.document
      expect(one(await at.elsewhere.read(at.db, [id]))).toStrictEqual(made)
      expect(one(await at.store.read(at.db, [id]))).toStrictEqual(made)
      expect(await within((tx) => at.elsewhere.lock(tx, [id]))).toStrictEqual([made])
      // Nothing that a document can say was left empty by the sample.
      const empty = Object.entries(made.document).filter(([, value]) => value === null || value === undefined)
      expect(empty.map(([field]) => field)).toEqual(at.empty ?? [])
    })

    test('has gapless numbers in each warehouse, which are free again after a rollback', async () => {
      const where = warehouse()
      const numbers = (all: readonly Stored<Document>[]) => all.map(({ document }) => document.number)
      const numberOf = (count: number) => `${where}/${at.kind.numberType}/${String(count).padStart(5, '0')}`
      expect(numbers(await make(2, where))).toEqual([numberOf(1), numberOf(2)])
      const failing = within(async (tx) => {
        await at.store.create(tx, [{ draft: at.draft(where), note }])
        throw new Error('on purpose')
      })
      await expect(failing).rejects.toThrow('on purpose')
      const together = await Promise.all([make(1, where), make(1, where)])
      expect(numbers(together.flat()).sort()).toEqual([numberOf(3), numberOf(4)])
    })

    test('is changed as a version: lines that are other are written, those that are gone are removed, history is added', async () => {
      const made = one(await make(1))
      const changed = one(await within((tx) => at.store.update(tx, [changeOf(made)])))
      const { id, version } = changed.document
      expect(version).toBe(made.document.version + 1)
      expect(changed.document.lines.length).toBeLessThan(made.document.lines.length)
      expect(changed.history.map(({ what, who }) => [what, who])).toEqual([
        ['created', origin.actor],
        ['changed', origin.actor],
      ])
      expect(one(await at.elsewhere.read(at.db, [id]))).toStrictEqual(changed)
    })

    test('is locked in one order, whoever asks in which: nobody meets a deadlock', async () => {
      const ids = idsOf(await make(4))
      const holdAll = (asked: readonly string[]) =>
        within(async (tx) => {
          // From the cache, and from rows: each has statements of its own.
          const store = asked === ids ? at.store : at.elsewhere
          return (await store.lock(tx, asked)).map(({ document }) => document.id)
        })
      const locked = await Promise.all(
        Array.from({ length: 8 }, (_, index) => holdAll(index % 2 === 0 ? ids : ids.toReversed())),
      )
      for (const order of locked) expect(order).toEqual([...ids].sort())
    })

    test('is left out of a group while somebody holds it, and waited for alone', async () => {
      const [first, second] = idsOf(await make(2)) as [string, string]
      const held = Promise.withResolvers<undefined>()
      const free = Promise.withResolvers<undefined>()
      const holder = within(async (tx) => {
        const stored = one(await at.store.lock(tx, [first]))
        held.resolve(undefined)
        await free.promise
        await at.store.update(tx, [{ ...changeOf(stored), notes: [] }])
      })
      await held.promise
      const lockWith = (ids: readonly string[]) => within((tx) => at.store.lockWith(tx, ids, () => Promise.resolve(7)))
      try {
        const group = await lockWith([first, second])
        expect([[...group.documents.keys()], group.also]).toEqual([[second], 7])
        const retryIndividually = lockWith([first])
        await until('one waits', async () => (await at.db.query(waiters)).length > 0)
        free.resolve(undefined)
        expect((await retryIndividually).documents.get(first)?.document.version).toBe(2)
      } finally {
        free.resolve(undefined)
        await holder
      }
    })

    test('is written once by a transaction that had to be tried again, and the cache knows that try alone', async () => {
      const made = one(await make(1))
      let tries = 0
      const retried = await within(async (tx) => {
        const stored = one(await at.store.lock(tx, [made.document.id]))
        const changed = await at.store.update(tx, [changeOf(stored)])
        tries += 1
        if (tries === 1) throw Object.assign(new Error('could not serialize access'), { code: '40001' })
        return changed
      })
      expect(tries).toBe(2)
      for (const store of [at.store, at.elsewhere])
        expect(await store.read(at.db, [made.document.id])).toStrictEqual(retried)
    })

    test('is put back under the number that was told, and no number that was told is given again', async () => {
      const where = warehouse()
      const number = `${where}/${at.kind.numberType}/00007`
      const lost = { ...at.draft(where), number } as Document
      const untold = await within(async (tx) => {
        const between = await restoreNumbers(tx, [number], new Set())
        await at.store.restore(tx, [{ document: lost, note }])
        return between
      })
      expect(untold).toHaveLength(6)
      expect(one(await at.elsewhere.read(at.db, [lost.id])).document).toStrictEqual(lost)
      expect(await within((tx) => at.store.numbersTaken(tx, [number, `${where}/X`]))).toEqual(new Set([number]))
      expect(one(await make(1, where)).document.number).toBe(`${where}/${at.kind.numberType}/00008`)
    })

    test('is seen by whoever is assigned to one of its places, and acted on by whoever is to all', async () => {
      const where = warehouse()
      const { id } = one(await make(1, where)).document
      const [inside, outside] = [randomUUID(), randomUUID()]
      await at.assign(inside, [where])
      await at.assign(outside, [`${where}X`])
      const asked = (person: string) => ({ params: { id }, actor: at.person(person) })
      for (const may of [at.store.visible, at.store.actable]) {
        expect(await may(at.db, asked(inside))).toBe(true)
        expect(await may(at.db, asked(outside))).toBe(false)
        expect(await may(at.db, asked(randomUUID()))).toBe(false)
      }
    })

    test('is listed once, page by page, in every order, within the scope and by its filters', async () => {
      const where = warehouse()
      const made = await make(5, where)
      const pages = async (sort: string, scope: readonly string[] | null) => {
        const seen: string[] = []
        for (let after: readonly [string, string] | undefined, more = true; more;) {
          const rows = await at.store.list(at.db, { warehouse: where }, { scope, sort, after, limit: 2 })
          const last = rows[Math.min(rows.length, 2) - 1]
          seen.push(...rows.slice(0, 2).map(({ id }) => id))
          more = rows.length > 2
          if (last !== undefined) after = [last.sortedBy, last.id]
        }
        return seen
      }
      const ids = idsOf(made).sort()
      for (const sort of at.kind.sorts) {
        const [up, down] = [await pages(sort, null), await pages(`-${sort}`, [where])]
        expect(up.toSorted()).toEqual(ids)
        expect(down).toEqual(up.toReversed())
      }
      expect(await pages('number', ['nowhere'])).toEqual([])
      expect(await pages('number', [])).toEqual([])
      const { number } = one(made).document
      const [found, ...others] = await at.store.list(
        at.db,
        { number },
        { scope: null, sort: 'number', after: undefined, limit: 9 },
      )
      expect([found?.number, others]).toEqual([number, []])
      const wrong = { scope: null, sort: 'createdAt', after: ['no time', randomUUID()] as const, limit: 1 }
      await expect(at.store.list(at.db, {}, wrong)).rejects.toThrow(/not one that this order gave out/)
    })
  })
}
