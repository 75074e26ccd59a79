/** Each invariant finds its violation: bad data is inserted, checked and rolled back. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { plantedCases, type PlantedData, violatedBy } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { runIdentity, type RunningIdentity } from './running.ts'

let running: RunningIdentity

/** Demo users, one of whom has signed in and renewed the token once. */
beforeAll(async () => {
  running = await runIdentity()
  const { session } = await running.login('user')
  const renewed = await running.nobody.send('POST', '/v1/sessions/refresh', {
    body: { refreshToken: session.refreshToken },
  })
  expect(renewed.status).toBe(200)
  expect(await violated([])).toEqual([])
})
afterAll(() => running.stop())

const violated = (statements: readonly string[]) => violatedBy(running.service.db, invariants, statements)

/** By invariant: statements that break it, and what else is broken by them. */
const planted: PlantedData = {
  'identity-one-signing-key': [
    { sql: ['update signing_keys set retired_at = now() where retired_at is null'] },
    {
      // The index that forbids it is taken away first: an invariant must not rely on it.
      sql: [
        'drop index signing_keys_signing',
        `insert into signing_keys (kid, public_jwk, private_key, created_at, signs_from)
        select 'second', public_jwk, private_key, now(), now() from signing_keys where retired_at is null limit 1`,
      ],
    },
  ],
  'identity-disabled-have-no-session': [{ sql: [`update users set active = false where username = 'user'`] }],
  'identity-refresh-token-used-once': [{ sql: ['update refresh_tokens set used_at = null where used_at is not null'] }],
  'identity-groups-are-audited': [
    {
      sql: [`delete from audit_entries where subject_id = (select id::text from users where username = 'user')`],
    },
  ],
}

describe('bad data is named', () => {
  test('each invariant has some', () => {
    expect(Object.keys(planted)).toEqual(invariants.map(({ name }) => name))
  })

  test.each(plantedCases(invariants, planted))('%s: %s', async (_name, _last, statements, broken) => {
    expect(await violated(statements)).toEqual(broken)
  })
})
