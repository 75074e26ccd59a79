-- What the HTTP side keeps: answers by idempotency key, and sessions that ended before their tokens.
create schema if not exists kit;

create table kit.idempotency_keys (
  actor text not null,
  route text not null,
  key uuid not null,
  -- SHA-256 over address and body: the same key with another request is a mistake of the client.
  request_hash bytea not null,
  status smallint not null,
  -- The answer as it was sent, null for 204.
  answer text,
  created_at timestamptz not null default now(),
  primary key (key, route, actor)
);
-- Rows arrive in the order of time, so a tiny index is enough for the sweep.
create index idempotency_keys_created_at on kit.idempotency_keys using brin (created_at);

create table kit.revoked_sessions (
  session_id text primary key,
  revoked_at timestamptz not null
);
create index revoked_sessions_revoked_at on kit.revoked_sessions (revoked_at);
