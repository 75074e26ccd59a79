-- Dates of a lot besides its expiry, and why it is held: null where it is not.
alter table lots add column best_before date;
alter table lots add column remove_on date;
alter table lots add column alert_on date;
alter table lots add column hold_reason text;
-- What has expired since it was looked last is a range of it.
create index lots_by_expiry on lots (expires_on) where expires_on is not null;

-- Who changed a lot, when and why. It is only ever added to.
create table lot_history (
  id bigserial primary key,
  lot_id uuid not null,
  at timestamptz not null,
  actor_id text,
  actor_name text,
  what text not null,
  why text
);
create index lot_history_by_lot on lot_history (lot_id, id);

-- The day up to which what expired before it was withdrawn from deliveries.
create table lot_expiry (
  company text primary key,
  withdrawn_before date not null
);
