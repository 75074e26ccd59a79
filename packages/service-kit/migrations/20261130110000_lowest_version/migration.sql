-- The lowest version that may run on this database. Raised by a migration that does more than add; no row: any version.
create table kit.lowest_version (
  only_one boolean primary key default true check (only_one),
  version text not null,
  migration text not null,
  set_at timestamptz not null default now()
);
