-- The history of this database that was last compared with the bus: which server, since when, which timeline.
create table kit.compared_history (
  only_one boolean primary key default true check (only_one),
  history text not null,
  compared_at timestamptz not null default now()
);

-- Events of this service that are on the bus and belong to a history that is no more: others have their numbers.
create table kit.disowned (
  id uuid primary key,
  topic text not null,
  subject text not null,
  sequence bigint not null,
  disowned_at timestamptz not null default now()
);
