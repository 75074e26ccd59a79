/** What must always be so within this service's database. Each statement gives the rows that offend. */
import { sql, type Invariant } from '@stockline/service-kit'

export const invariants: readonly Invariant[] = [
  {
    name: 'identity-one-signing-key',
    summary: 'Exactly one key signs, once there is any.',
    statement: sql(`
      SELECT count(*) FILTER (WHERE retired_at IS NULL) AS signing FROM signing_keys
      HAVING count(*) > 0 AND count(*) FILTER (WHERE retired_at IS NULL) <> 1`),
  },
  {
    name: 'identity-disabled-have-no-session',
    summary: 'A disabled user has no session that goes on.',
    statement: sql(`
      SELECT u.username, s.id FROM users u JOIN sessions s ON s.user_id = u.id
      WHERE NOT u.active AND s.ended_at IS NULL AND s.expires_at > now()`),
  },
  {
    name: 'identity-refresh-token-used-once',
    summary: 'A refresh token that was not used has no child.',
    statement: sql(`
      SELECT encode(child.parent_hash, 'hex') AS parent FROM refresh_tokens child
      JOIN refresh_tokens parent ON parent.hash = child.parent_hash WHERE parent.used_at IS NULL`),
  },
  {
    name: 'identity-groups-are-audited',
    summary: 'Whoever holds a group has an entry in the audit.',
    statement: sql(`
      SELECT u.username FROM users u
      WHERE u.inventory_group IS NOT NULL AND NOT EXISTS (SELECT 1 FROM audit_entries a WHERE a.subject_id = u.id::text)`),
  },
]
