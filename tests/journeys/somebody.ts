/** People whom a journey makes for itself. */
import { clientFor, until, type Client } from '@stockline/test-kit'
import { must } from '@stockline/test-kit/load/documents'
import type { System } from '@stockline/test-kit/load/system'
import { fresh } from './people.ts'

/** Somebody of a group who works in these locations and nowhere else. */
export async function somebodyAt(
  system: System,
  locations: readonly string[],
  group: string,
): Promise<{ readonly id: string; readonly client: Client }> {
  const [admin, manager] = [await system.login('admin'), await system.login('manager')]
  const [username, password] = [fresh('somebody').toLowerCase(), 'a long enough password']
  const user = { username, name: `Somebody at ${locations.join(' and ')}`, password }
  const { id, version } = must(
    await admin.send<{ id: string; version: number }>('POST', '/identity/v1/users', { body: user }),
    201,
  )
  must(await admin.send('PUT', `/identity/v1/users/${id}/inventory-group`, { body: { group }, version }), 200)
  await until('stock knows the user', async () => {
    const given = await manager.send('PUT', `/stock/v1/users/${id}/locations`, { body: { locations } })
    return given.status === 200
  })
  const anonymous = clientFor(system.origin)
  const session = await anonymous.send<{ accessToken: string }>('POST', '/identity/v1/sessions', {
    body: { username, password },
  })
  return { id, client: anonymous.as(must(session, 201).accessToken) }
}
