/** Whether an installation without demo data has its first administrator. */
import { z } from 'zod'

const problemShape = z.object({ type: z.string() })

/**
 * Is there somebody already? Asks identity with the right code and a password that is none, so that nobody is made: it
 * refuses the password while there is nobody, and says that it is begun once there is.
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
