-- Orders that were set aside by a version before: of which order they are, and which revision.
UPDATE kit.parked SET
  about = regexp_replace(park_key, '^(confirmation|change):', ''),
  revision = coalesce((event::json -> 'data' ->> 'revision')::bigint, 1)
WHERE resolved_at IS NULL AND state <> 'gap' AND park_key ~ '^(confirmation|change):order:' AND about IS NULL;
