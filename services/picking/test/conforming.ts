/** Where the conformance suite of documents runs on picking: its database, and people who are assigned to locations there. */
import type { Conforming } from '@stockline/documents/conformance'
import { sql, type Actor } from '@stockline/service-kit'
import { openHarness } from './harness.ts'

const assignment = sql('insert into assignments (user_id, locations) values ($1, $2)')

/** Of any kind of document. */
export async function conformingHarness(): Promise<Pick<Conforming<never>, 'db' | 'assign' | 'person' | 'stop'>> {
  const harness = await openHarness()
  return {
    db: harness.service.db,
    assign: async (person, locations) => {
      await harness.service.db.query(assignment, [person, locations])
    },
    person: (id) => ({ id, name: id, groups: [], scopes: [] }) as unknown as Actor,
    stop: () => harness.stop(),
  }
}
