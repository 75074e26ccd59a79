-- Goods that are on their way are at a place of the ledger, one for each warehouse that they go to: `Virtual/Transit/W2`. No
-- warehouse is called Virtual, so its code is free. It stands beside its warehouse, whoever makes that: also the version before.
create function make_transit_place() returns trigger language plpgsql as $$
begin
  insert into locations (id, code, type, reservable, changed_at)
  values (gen_random_uuid(), 'Virtual/Transit/' || new.code, 'transit', false, now()) on conflict (code) do nothing;
  return null;
end
$$;
create trigger warehouses_have_a_transit_place after insert on warehouses
  for each row execute function make_transit_place();
insert into locations (id, code, type, reservable, changed_at)
select gen_random_uuid(), 'Virtual/Transit/' || code, 'transit', false, now() from warehouses on conflict (code) do nothing;

-- A document is posted once, but for a transfer, which sets out and arrives, in part and several times. Each attempt of it is
-- posted once, by the primary key.
create unique index postings_posted_once_but_transfers on postings (document_id)
  where position is not null and kind <> 'transfer';
drop index postings_posted_once;

-- Confirmed transfers: where their goods come from and go to.
create table transfers (
  document_id uuid primary key,
  number text not null,
  warehouse text not null,
  source text not null,
  destination text not null,
  revision integer not null check (revision >= 1),
  attempt integer not null check (attempt >= 1),
  priority smallint not null,
  scheduled_date date,
  ordered_at timestamptz not null,
  status text not null check (status in ('waiting', 'sent', 'ended')),
  -- Who confirmed it: in that name it is posted, whenever that is.
  actor_id text,
  actor_name text
);

-- What a waiting transfer asks for.
create table transfer_lines (
  document_id uuid not null,
  line integer not null check (line >= 1),
  product_id uuid not null,
  quantity numeric(20, 6) not null check (quantity > 0),
  lot text,
  category text not null,
  primary key (document_id, line)
);

-- The product that a waiting transfer is short of. Fewer than `least` of it are of no use.
create table transfer_waits (
  document_id uuid primary key,
  warehouse text not null,
  product_id uuid not null,
  least numeric(38, 6) not null check (least > 0)
);
create index transfer_waits_by_product on transfer_waits (warehouse, product_id);

-- Does any transfer wait? It stands on the row that every posting reads, so that nothing else is read where none does.
alter table ledger_head add column transfers_wait boolean not null default false;

-- What each transfer has in transit: what it put in, less what came out of it.
create table in_transit (
  document_id uuid not null,
  product_id uuid not null,
  lot_id uuid not null,
  status text not null,
  location_id uuid not null,
  quantity numeric(38, 6) not null check (quantity > 0),
  since timestamptz not null,
  primary key (document_id, product_id, lot_id, status)
);
create index in_transit_by_product on in_transit (product_id);
