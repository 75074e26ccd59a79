/**
 * Who may do what, as data: `access.csv` in the source document's own form (model by group, four permissions) and
 * `actions.csv` (named actions by the lowest group that has them). Both are checked when this file is loaded.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** External ids of the groups. The three inventory groups form a ladder; the administrator stands beside it. */
export const groups = {
  user: 'core_inventory.inventory_group_user',
  supervisor: 'core_inventory.inventory_group_supervisor',
  manager: 'core_inventory.inventory_group_manager',
  administrator: 'base.group_system',
} as const

/** The inventory groups, lowest first: each has all rights of those before it. */
export const inventoryGroups = [groups.user, groups.supervisor, groups.manager] as const
export type InventoryGroup = (typeof inventoryGroups)[number]

/** What a service client may be given. */
export const scopes = [
  'orders:publish',
  'products:publish',
  'entries:read',
  'costs:read',
  'reservations:manage',
] as const
export type Scope = (typeof scopes)[number]

const permissions = ['read', 'write', 'create', 'unlink'] as const
/** One of the four permissions on a model. */
export type Permission = (typeof permissions)[number]

const holders: readonly string[] = [...Object.values(groups), ...scopes.map((scope) => `scope:${scope}`)]
const holderSchema = z.string().refine((holder) => holders.includes(holder), 'is no group and no scope that exists')
const flag = z.enum(['0', '1']).transform((digit) => digit === '1')

const accessRowSchema = z.object({
  id: z.string().regex(/^access_[a-z_]+$/),
  name: z.string().min(1),
  'model:id': z.string().regex(/^model_[a-z]+$/),
  'group:id': holderSchema,
  perm_read: flag,
  perm_write: flag,
  perm_create: flag,
  perm_unlink: flag,
})
const actionRowSchema = z.object({
  action: z.string().regex(/^[a-z-]+\.[a-z-]+$/),
  name: z.string().min(1),
  'group:id': holderSchema,
})

/** A row of the table: what a group adds to what the groups below it have. */
export interface AccessRight {
  readonly id: string
  readonly name: string
  readonly model: string
  /** A group's external id, or `scope:` and a service client's scope. */
  readonly group: string
  readonly permissions: Readonly<Record<Permission, boolean>>
}

/** A named action and the lowest group that has it. */
export interface NamedAction {
  readonly action: string
  readonly name: string
  readonly group: string
}

/** The table in the source document's form, as it is served. */
export const accessCsv: string = readTable('access.csv')

/** The table as data. */
export const accessRights: readonly AccessRight[] = parseAccessRights(accessCsv)

/** The named actions as data. */
export const namedActions: readonly NamedAction[] = parseActions(readTable('actions.csv'))

/** The holder of a token: external ids of groups, and scopes. */
export interface Holder {
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
}

const holdersOf = holdersByRight()

/** Every right that the tables know, but for `public`, `signed-in` and scopes. */
export const knownRights: readonly string[] = [...holdersOf.keys()]

/**
 * May this one do that? A right is `public`, `signed-in`, `scope:<scope>`, `<model>.<permission>` or a named action.
 *
 * @throws Error on a right that no table knows: an endpoint with a misspelled right must not start.
 */
export function mayDo(holder: Holder, right: string): boolean {
  if (right === 'public' || right === 'signed-in') return true
  const allowed = rightHolders(right)
  return (
    holder.groups.some((group) => allowed.has(group)) || holder.scopes.some((scope) => allowed.has(`scope:${scope}`))
  )
}

/** Reads a table in the source document's form; every fault is named at once. */
export function parseAccessRights(csv: string): readonly AccessRight[] {
  const rows = parseRows(csv, accessRowSchema, Object.keys(accessRowSchema.shape))
  requireUnique(rows.map((row) => row.id))
  requireUnique(rows.map((row) => `${row['model:id']} for ${row['group:id']}`))
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    model: row['model:id'].slice('model_'.length),
    group: row['group:id'],
    permissions: { read: row.perm_read, write: row.perm_write, create: row.perm_create, unlink: row.perm_unlink },
  }))
}

/** Reads the list of named actions. */
export function parseActions(csv: string): readonly NamedAction[] {
  const rows = parseRows(csv, actionRowSchema, Object.keys(actionRowSchema.shape))
  requireUnique(rows.map((row) => row.action))
  return rows.map((row) => ({ action: row.action, name: row.name, group: row['group:id'] }))
}

function rightHolders(right: string): ReadonlySet<string> {
  const scope = /^scope:(.*)$/.exec(right)?.[1]
  if (scope !== undefined && (scopes as readonly string[]).includes(scope)) return new Set([right])
  const found = holdersOf.get(right)
  if (found === undefined) throw new Error(`No table of rights knows "${right}".`)
  return found
}

function holdersByRight(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  const add = (right: string, holder: string | undefined) => {
    const set = found.get(right) ?? new Set()
    found.set(right, set)
    if (holder !== undefined) for (const each of withThoseAbove(holder)) set.add(each)
  }
  for (const row of accessRights)
    for (const permission of permissions)
      add(`${row.model}.${permission}`, row.permissions[permission] ? row.group : undefined)
  for (const row of namedActions) add(row.action, row.group)
  return found
}

/** A group and the groups that inherit from it. */
function withThoseAbove(holder: string): readonly string[] {
  const rung = (inventoryGroups as readonly string[]).indexOf(holder)
  return rung < 0 ? [holder] : inventoryGroups.slice(rung)
}

function readTable(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
}

/** Plain CSV without quotes, as the source document writes it. */
function parseRows<Row>(csv: string, schema: z.ZodType<Row>, columns: readonly string[]): readonly Row[] {
  const [header, ...lines] = csv.split(/\r?\n/).filter((line) => line !== '')
  if (header !== columns.join(',')) throw new Error(`The table of rights must begin with "${columns.join(',')}".`)
  const faults: string[] = []
  const rows = lines.flatMap((line, index) => {
    const cells = line.split(',')
    if (cells.length !== columns.length) {
      faults.push(`line ${index + 2}: ${cells.length} cells, not ${columns.length}`)
      return []
    }
    const parsed = schema.safeParse(Object.fromEntries(columns.map((column, at) => [column, cells[at]])))
    if (parsed.success) return [parsed.data]
    faults.push(...parsed.error.issues.map((issue) => `line ${index + 2}: ${issue.path.join('.')} ${issue.message}`))
    return []
  })
  if (faults.length > 0) throw new Error(`The table of rights is wrong: ${faults.join('; ')}`)
  return rows
}

function requireUnique(keys: readonly string[]): void {
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  if (twice !== undefined) throw new Error(`The table of rights names ${twice} twice.`)
}
