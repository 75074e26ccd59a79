-- Orders that were set aside by a version before: of which order they are, and which revision, as it was sent: 2 or 2.0.
UPDATE kit.parked SET
  about = regexp_replace(park_key, '^(confirmation|change):', ''),
  revision = coalesce((event::json -> 'data' ->> 'revision')::numeric::bigint, 1)
WHERE resolved_at IS NULL AND state <> 'gap' AND park_key ~ '^(confirmation|change):order:' AND about IS NULL;
