/** Whether an installation without demo data has its first administrator. */
import { z } from 'zod'

const problemShape = z.object({ type: z.string() })

/**
 * Are there users already? Sends identity the right code and an invalid password, so that no user is made: identity refuses the
 * password while there are no users, and answers that they exist once there are.
 */
export async function hasUsers(identity: string, code: string): Promise<boolean> {
  const answer = await fetch(`${identity}/v1/first-administrator`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, username: 'nobody', name: 'Nobody', password: '' }),
    signal: AbortSignal.timeout(15_000),
  })
  return problemShape.safeParse(await answer.json()).data?.type === 'already-begun'
}
