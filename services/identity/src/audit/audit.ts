/** What the audit records of a change of rights. */

/** Values before and after, as far as they changed. Never a secret. */
export type AuditValues = Readonly<Record<string, string | boolean | null | readonly string[]>>

export interface AuditRecord {
  readonly action:
    | 'user.created'
    | 'user.renamed'
    | 'user.enabled'
    | 'user.disabled'
    | 'inventory-group.changed'
    | 'administrator.granted'
    | 'administrator.withdrawn'
    | 'password.changed'
    | 'sessions.revoked'
    | 'client.created'
    | 'client.changed'
    | 'client.secret-renewed'
    | 'signing-key.rotated'
    | 'signing-key.rotation-planned'
  readonly subject: { readonly id: string; readonly name: string }
  readonly old?: AuditValues
  readonly new?: AuditValues
}
