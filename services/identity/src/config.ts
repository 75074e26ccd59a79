/** Identity's own variables. */
import { z } from 'zod'
import { shortestPassword } from './passwords/password.ts'

const secret = z.string().min(16, 'must have at least 16 characters')

export const identityVariables = {
  /** `demo` makes users and a client to try it with; `none` waits for the first administrator. */
  SEED: z.enum(['demo', 'none'], 'must be demo or none').default('none'),
  DEMO_PASSWORD: z.string().min(shortestPassword, `must have at least ${shortestPassword} characters`).optional(),
  DEMO_CLIENT_SECRET: secret.optional(),
  FIRST_ADMINISTRATOR_CODE: z.string().min(8, 'must have at least 8 characters').optional(),
  /** Seals the private signing keys in the database. */
  KEY_ENCRYPTION_SECRET: secret.optional(),
}
