/** What a password must be. */
import { refuse } from '@stockline/service-kit/refusal'
import type { Refusal } from '@stockline/service-kit/refusal'

export const shortestPassword = 10
export const longestPassword = 200
const fewestCharacters = 4

/**
 * Refuses a password that is too easy to guess.
 *
 * @param pointer where the password stands in the body
 */
export function passwordRefusal(password: string, username: string, pointer: string): Refusal | undefined {
  const message = faultOf(password, username)
  if (message === undefined) return undefined
  return refuse('password-unfit', 'content', `The password ${message}.`, [{ pointer, message }])
}

function faultOf(password: string, username: string): string | undefined {
  if (password.length < shortestPassword) return `must have at least ${shortestPassword} characters`
  if (password.length > longestPassword) return `must have at most ${longestPassword} characters`
  if (password.toLowerCase() === username) return 'must not be the username'
  if (new Set(password).size < fewestCharacters) return `must have at least ${fewestCharacters} different characters`
  return undefined
}
