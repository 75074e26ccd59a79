-- entries:read was good for cost layers, values and parked documents as well; these are costs:read now. Who has the one is given
-- the other, so that nothing is taken from anybody.
WITH given AS (
  UPDATE clients SET scopes = array_append(scopes, 'costs:read'), version = version + 1, changed_at = now()
  WHERE 'entries:read' = ANY (scopes) AND NOT 'costs:read' = ANY (scopes)
  RETURNING id, name, scopes
)
INSERT INTO audit_entries (id, at, action, subject_id, subject_name, old, new)
SELECT gen_random_uuid(), now(), 'client.changed', id, name,
  jsonb_build_object('scopes', array_remove(scopes, 'costs:read')), jsonb_build_object('scopes', scopes)
FROM given;
