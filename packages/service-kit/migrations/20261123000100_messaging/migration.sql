-- What this service says to others, what it has heard from them, and what it could not take.
create schema if not exists kit;

create table kit.outbox (
  position bigserial primary key,
  id uuid not null,
  topic text not null,
  key text not null,
  type text not null,
  subject text not null,
  -- Counts the aggregate's events on this topic, without gaps.
  sequence bigint not null,
  -- The whole CloudEvent, as it is sent.
  value text not null,
  headers jsonb not null,
  created_at timestamptz not null default now(),
  published_at timestamptz
);
-- The relay reads nothing but this.
create index outbox_unpublished on kit.outbox (position) where published_at is null;

create table kit.outbox_sequences (
  topic text not null,
  subject text not null,
  last bigint not null,
  primary key (topic, subject)
);

create table kit.inbox (
  source text not null,
  id text not null,
  -- SHA-256 over type, subject and canonical data: the same id with another content is a mistake of the sender.
  content_hash bytea not null,
  type text not null,
  taken_at timestamptz not null default now(),
  -- Code of the refusal, where the reaction's outcome was one.
  outcome text,
  primary key (source, id)
);

-- The last event of each aggregate that was taken. A repeat is at or below it, a gap is more than one above.
create table kit.inbox_sequences (
  source text not null,
  topic text not null,
  subject text not null,
  last bigint not null,
  primary key (source, topic, subject)
);

create table kit.parked (
  id uuid primary key,
  -- Order within a key.
  position bigserial not null,
  state text not null check (state in ('parked', 'behind', 'waiting', 'gap', 'applied', 'discarded')),
  park_key text not null,
  -- What it waits for, while it is waiting.
  wait_key text,
  -- The worker should try it.
  due boolean not null default false,
  -- Counts calls of wake(), so that none is lost while it is being tried.
  wakes integer not null default 0,
  reason text not null,
  stack text,
  topic text not null,
  source text not null,
  event_id text not null,
  type text not null,
  subject text not null,
  sequence bigint,
  -- Of a gap: the sequence that is missing.
  expected bigint,
  -- The whole CloudEvent.
  event text not null,
  attempts integer not null default 0,
  parked_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  resolved_at timestamptz,
  resolved_by jsonb,
  resolved_why text
);
create index parked_open on kit.parked (park_key, position) where resolved_at is null and state <> 'gap';
create index parked_waiting on kit.parked (wait_key) where resolved_at is null and state = 'waiting';
-- One row for each event that is held because an earlier one is missing.
create unique index parked_gaps on kit.parked (source, topic, subject, sequence) where state = 'gap';
create index parked_position on kit.parked (position);

create table kit.quarantine (
  id uuid primary key,
  -- Where it lay on the bus.
  topic text not null,
  partition integer not null,
  message_offset bigint not null,
  message_key text,
  headers jsonb not null,
  -- The bytes as they came.
  value bytea,
  reason text not null,
  -- Every fault: [{ pointer, message }].
  faults jsonb not null,
  quarantined_at timestamptz not null default now(),
  unique (topic, partition, message_offset)
);
