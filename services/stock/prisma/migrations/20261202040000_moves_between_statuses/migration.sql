-- What a move changes: the place, the status, or both. The status at its end is that at its beginning where this is null.
alter table moves add column to_status text check (to_status in ('available', 'quarantine', 'damaged', 'blocked'));
alter table moves drop constraint moves_check;
-- Rows that are there have met more than this.
alter table moves add constraint moves_change_something
  check (from_location_id <> to_location_id or coalesce(to_status <> status, false)) not valid;
