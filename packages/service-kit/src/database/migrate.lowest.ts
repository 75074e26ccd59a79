/**
 * Which versions may run on a database. Migrations add, so that the version before runs on what a newer one has made, beside
 * it and after it. One that does more names the lowest version that may still run, in a line of its own:
 *
 *     -- lowest version: 0.3.0
 *
 * A release whose events older ones would put aside names it as well (`lowestBeside` of the contracts). The highest stands in
 * the database. A version below it does not start, and one that runs ends.
 */
import type pg from 'pg'
import { CannotStart } from '../runtime/cannot-start.ts'
import { sql, type Queryable } from './transaction.ts'

interface Lowest {
  readonly version: string
  /** The migration's name, or `the events of 0.3.0`. */
  readonly migration: string
}

const selectLowest = `select version, migration from kit.lowest_version`
const lowestVersion = sql(selectLowest)
const raise = `
  insert into kit.lowest_version (version, migration) values ($1, $2)
  on conflict (only_one) do update set version = excluded.version, migration = excluded.migration, set_at = now()`
const tableThere = `select to_regclass('kit.lowest_version') is not null as there`

/**
 * The lowest version that a migration names; undefined when it only adds.
 *
 * @throws Error when the line is there and names none
 */
export function namedIn(migration: { readonly name: string; readonly text: string }): string | undefined {
  const line = /^--\s*lowest version\b.*$/im.exec(migration.text)?.[0]
  if (line === undefined) return undefined
  const version = /^-- lowest version: (\d+\.\d+\.\d+)$/.exec(line.trim())?.[1]
  if (version === undefined)
    throw new Error(`The migration ${migration.name} says "${line}", which must be like "-- lowest version: 0.3.0".`)
  return version
}

/** Writes down what a migration names, unless as high a one stands there. In the migration's own transaction. */
export async function raiseTo(client: pg.ClientBase, version: string, migration: string): Promise<void> {
  const { rows } = await client.query<Lowest>(selectLowest)
  const before = rows[0]
  if (before === undefined || compareVersions(before.version, version) < 0)
    await client.query(raise, [version, migration])
}

/** Writes down the lowest version that takes the events which this one takes, unless as high a one stands there. */
export async function raiseToEvents(client: pg.ClientBase, lowestBeside: string): Promise<void> {
  await raiseTo(client, lowestBeside, `the events of ${lowestBeside}`)
}

/**
 * Before anything is applied: may this version run here?
 *
 * @throws CannotStart with code 2
 */
export async function checkVersion(client: pg.ClientBase, own: string): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(tableThere)
  if (rows[0]?.there === true) refuseBelow((await client.query<Lowest>(selectLowest)).rows[0], own)
}

/**
 * While a version runs: does it still may? Another one may have migrated.
 *
 * @throws CannotStart with code 2
 */
export async function checkVersionAgain(db: Queryable, own: string): Promise<void> {
  refuseBelow((await db.query<Lowest>(lowestVersion))[0], own)
}

function refuseBelow(lowest: Lowest | undefined, own: string): void {
  if (lowest === undefined || compareVersions(own, lowest.version) >= 0) return
  const { version, migration } = lowest
  const since = /^\d/.test(migration) ? `the migration ${migration}` : migration
  throw new CannotStart(
    `Version ${own} cannot run on this database: since ${since} it takes ${version} or a newer one.`,
    2,
  )
}

/** By major, minor and patch. What is no version is below all. */
function compareVersions(one: string, other: string): number {
  const [a, b] = [numbersOf(one), numbersOf(other)]
  const place = a.findIndex((number, index) => number !== b[index])
  return place < 0 ? 0 : (a[place] ?? 0) - (b[place] ?? 0)
}

function numbersOf(version: string): readonly number[] {
  const found = /^(\d+)\.(\d+)\.(\d+)/.exec(version)
  return found === null ? [-1, 0, 0] : found.slice(1).map(Number)
}
