/** Adjustments do what every document does. */
import { randomUUID } from 'node:crypto'
import { parseQuantity, parseUnitPrice } from '@stockline/amounts'
import { documentConformance } from '@stockline/documents/conformance'
import { sql, type Actor } from '@stockline/service-kit'
import { adjustments } from '../src/adjustments/adjustment.actions.ts'
import { adjustmentKind } from '../src/adjustments/adjustment.fields.ts'
import { locationsOfAdjustment, type Adjustment } from '../src/adjustments/adjustment.ts'
import { ownKind } from '../src/documents/document.actions.ts'
import { people } from './running.ts'
import { stockDatabase } from './stock-database.ts'

const saveUser = sql(
  `insert into users (id, username, name, active, groups) values ($1::uuid, $1::text, $1::text, true, '{}')`,
)
const saveAssignments = sql('insert into assignments (user_id, location) select $1, unnest($2::text[])')

documentConformance<Adjustment>('An adjustment', async () => {
  const own = await stockDatabase([], [])
  const at = new Date('2026-04-20T08:00:00.123Z')
  const stored = (number: number, location: string): Adjustment['lines'][number] => ({
    ...{ line: number, sku: `S${String(number)}`, location, lot: 'L', status: 'damaged', unit: 'kg' },
    ...{ expected: parseQuantity('-1.5'), counted: parseQuantity('2'), atPosition: 9_007_199_254_740_993n },
    ...{ unitCost: parseUnitPrice('2.5'), reason: 'damage', countedBy: people.user },
  })
  return {
    db: own.db,
    store: adjustments.store,
    elsewhere: ownKind({ ...adjustmentKind, locationsOf: locationsOfAdjustment }).store,
    kind: adjustmentKind,
    draft: (warehouse) => ({
      ...{ id: randomUUID(), warehouse, status: 'posted', version: 1, createdAt: at, reason: 'count', note: 'Wet' },
      ...{ evidence: 'https://example.org/picture', blind: true, countId: randomUUID(), problem: 'None.' },
      ...{ createdBy: people.user, countedBy: [people.user], submittedBy: people.user, submittedAt: at, forced: true },
      ...{ attempt: 1, atPosition: 7n, position: 8n, lines: [1, 2, 3].map((number) => stored(number, warehouse)) },
    }),
    changed: (document) => ({
      ...document,
      note: null,
      lines: document.lines
        .slice(0, -1)
        .map((each) => (each.line === 1 ? { ...each, counted: parseQuantity('3'), lot: null } : each)),
    }),
    assign: async (person, locations) => {
      await own.db.query(saveUser, [person])
      await own.db.query(saveAssignments, [person, locations])
    },
    person: (id) => ({ id, name: id, groups: [], scopes: [] }) as unknown as Actor,
    stop: () => own.close(),
  }
})
