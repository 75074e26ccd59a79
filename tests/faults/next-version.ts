/** The version after this one, made of this checkout: picking with one more migration, and an event with one more field. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ownRoot = join(import.meta.dirname, '../..')
const others = ['identity', 'stock', 'valuation', 'origin']

/** How the next version calls itself, and the migration that it alone has. */
export const nextVersion = '99.0.0'
const nextMigration = '29990101000000_next'

/** A checkout whose picking is exchanged for another version's while the system runs from it. */
export interface Exchangeable {
  /** What `start` is run from. */
  readonly root: string
  /** Picking's program in the next version. */
  readonly nextProgram: string
  /** From now on, picking is started in this version. */
  use(version: 'this' | 'next'): void
  remove(): void
}

/** Makes both in a temporary folder. Packages of others are those of this checkout. */
export function exchangeable(): Exchangeable {
  const base = mkdtempSync(join(tmpdir(), 'stockline-versions-'))
  const next = makeNext(join(base, 'next'))
  const root = join(base, 'root')
  mkdirSync(join(root, 'services'), { recursive: true })
  cpSync(join(ownRoot, 'package.json'), join(root, 'package.json'))
  cpSync(join(ownRoot, 'tools'), join(root, 'tools'), { recursive: true })
  for (const name of ['node_modules', 'packages', ...others.map((one) => `services/${one}`)])
    symlinkSync(join(ownRoot, name), join(root, name))
  const link = join(root, 'services', 'picking')
  const use = (version: 'this' | 'next'): void => {
    rmSync(link, { force: true })
    symlinkSync(join(version === 'this' ? ownRoot : next, 'services', 'picking'), link)
  }
  use('this')
  return {
    root,
    nextProgram: join(next, 'services', 'picking', 'src', 'main.ts'),
    use,
    remove: () => {
      rmSync(base, { recursive: true, force: true })
    },
  }
}

function makeNext(next: string): string {
  mkdirSync(next)
  symlinkSync(join(ownRoot, 'node_modules'), join(next, 'node_modules'))
  for (const name of ['packages', 'services/picking'])
    cpSync(join(ownRoot, name), join(next, name), { recursive: true, verbatimSymlinks: true })
  const manifest = JSON.parse(readFileSync(join(ownRoot, 'package.json'), 'utf8')) as object
  writeFileSync(join(next, 'package.json'), JSON.stringify({ ...manifest, version: nextVersion }))
  const migration = join(next, 'services/picking/prisma/migrations', nextMigration)
  mkdirSync(migration)
  writeFileSync(
    join(migration, 'migration.sql'),
    `alter table receipts add column next_note text not null default 'added';
     create table next_notes (id bigint generated always as identity primary key, note text not null);`,
  )
  change(join(next, 'packages/contracts/src/picking.ts'), 'effectiveAt: instant.optional(),', (found) => {
    return `${found}\n  nextNote: z.string().optional(),`
  })
  change(join(next, 'services/picking/src/receipts/receipt.post.ts'), '...publishedOrigin(receipt)', (found) => {
    return `${found}, nextNote: 'of the next version'`
  })
  return next
}

function change(file: string, place: string, into: (found: string) => string): void {
  const text = readFileSync(file, 'utf8')
  if (text.split(place).length !== 2)
    throw new Error(`${file} has "${place}" not once: the next version cannot be made.`)
  writeFileSync(file, text.replace(place, into(place)))
}
