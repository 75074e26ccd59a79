-- What is backed up, as deploy/backup writes it down: for the metrics. No row: no backup was made by it.
create table kit.backup (
  only_one boolean primary key default true check (only_one),
  -- End of the last backup.
  ended_at timestamptz not null,
  -- The server's log is kept from here on: the beginning of the oldest backup that is kept.
  log_from pg_lsn not null
);
