-- A move may give goods another lot, at one place: the lot at its end is that at its beginning where this is null.
alter table moves add column to_lot_id uuid;
alter table moves drop constraint moves_change_something;
-- Rows that are there have met more than this.
alter table moves add constraint moves_change_something check (
  from_location_id <> to_location_id or coalesce(to_status <> status, false) or coalesce(to_lot_id <> lot_id, false)
) not valid;

-- What became of a lot, and where it came from. Goods without a lot have no entry, and cost nothing.
create index moves_by_lot on moves (lot_id, position) where lot_id <> '00000000-0000-0000-0000-000000000000';
create index moves_from_lot on moves (lot_id, position) where to_lot_id is not null;
create index moves_to_lot on moves (to_lot_id, position) where to_lot_id is not null;

-- Documents that had something of a lot reserved when it was recalled: they lose it by that.
create table lot_recalled_documents (
  lot_id uuid not null,
  document_id uuid not null,
  number text not null,
  location_id uuid not null,
  quantity numeric(20, 6) not null,
  primary key (lot_id, document_id, location_id)
);
